//go:build integration

package buildkit_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/builder"
)

func TestPinsEverySpellingOfTheBase(t *testing.T) {
	moved := moveBase(t)
	repository, tag, _ := cutTag(moved.reference)
	for name, from := range map[string]string{
		"by tag":                        "FROM {tag}",
		"by tag and the old digest":     "FROM {tag}@{old}",
		"by tag and an unknown digest":  "FROM {tag}@sha256:" + strings.Repeat("0", 64),
		"by tag and the new digest":     "FROM {tag}@{new}",
		"by the old digest":             "FROM {repo}@{old}",
		"by the old manifest's digest":  "FROM {repo}@{manifest}",
		"by the new digest":             "FROM {repo}@{new}",
		"by an argument":                "ARG BASE={tag}\nFROM ${BASE}",
		"by an argument for the tag":    "ARG V=" + tag + "\nFROM {repo}:${V}",
		"by an argument for the digest": "ARG D={old}\nFROM {repo}@${D}",
		"through another stage":         "FROM {tag} AS a\nRUN true\nFROM a AS b\nFROM b",
		"for the build platform":        "FROM --platform=$BUILDPLATFORM {tag}",
	} {
		t.Run(name, func(t *testing.T) {
			from := strings.NewReplacer("{tag}", moved.reference, "{repo}", repository, "{old}", moved.from, "{manifest}", moved.fromAMD64, "{new}", moved.to).Replace(from)
			req := onBase(from+"\nRUN echo built > /built\n", moved, output(t))
			mustBuild(t, req)

			index := readIndex(t, req.Output)
			if got := readFile(t, child(t, index, "linux/amd64"), "version"); got != "new linux/amd64" {
				t.Errorf("it stands on %q", got)
			}
			wantMaterials(t, provenance(t, index), moved)
		})
	}
}

func TestPinsTheBaseWhereFilesAreCopiedFromIt(t *testing.T) {
	moved := moveBase(t)
	repository, _, _ := cutTag(moved.reference)
	req := onBase(strings.Join([]string{
		"FROM " + moved.reference + " AS files",
		"FROM " + moved.reference + "@" + moved.from,
		"COPY --from=files /version /stage",
		"COPY --from=" + moved.reference + " /version /tag",
		"COPY --from=" + repository + "@" + moved.from + " /version /digest",
		"RUN --mount=type=bind,from=" + moved.reference + ",target=/mnt cat /mnt/version > /mount",
	}, "\n"), moved, output(t))
	mustBuild(t, req)

	index := readIndex(t, req.Output)
	for _, file := range []string{"version", "stage", "tag", "digest", "mount"} {
		if got := readFile(t, child(t, index, "linux/amd64"), file); got != "new linux/amd64" {
			t.Errorf("/%s is %q", file, got)
		}
	}
	wantMaterials(t, provenance(t, index), moved)
}

func TestLeavesOtherTagsAlone(t *testing.T) {
	moved := moveBase(t)
	slim := moved.reference + "-slim"
	pushTag(t, moved.repositoryAt(moved.from), slim)
	req := onBase("FROM "+slim+" AS slim\nFROM "+moved.reference+"\nCOPY --from=slim /version /slim\n", moved, output(t))
	mustBuild(t, req)

	if got := readFile(t, child(t, readIndex(t, req.Output), "linux/amd64"), "slim"); got != "old linux/amd64" {
		t.Errorf("the slim tag was taken for the base: %q", got)
	}
}

func TestRefusesAnImageThatDoesNotStandOnTheBase(t *testing.T) {
	moved, stranger := moveBase(t), moveBase(t)
	repository, _, _ := cutTag(moved.reference)
	pushTag(t, moved.repositoryAt(moved.from), repository+":12.5")
	for name, c := range map[string]struct{ dockerfile, found string }{
		"another image":            {"FROM {other}", "{other}"},
		"nothing":                  {"FROM scratch\nCOPY --from={tag} /version /", "scratch"},
		"the base, but earlier":    {"FROM {tag} AS build\nFROM {other} AS run\nFROM run\nCOPY --from=build /version /copied", "{other}"},
		"another tag of the old":   {"FROM {repo}:12.5", "{repo}:12.5"},
		"a derived image":          {"FROM {derived}", "{derived}"},
		"the base, but elsewhere":  {"FROM --platform=linux/arm64 {tag}", "{tag} of another platform"},
		"a digest nobody declared": {"FROM {repo}@{elder}", "{repo}@{elder}"},
	} {
		t.Run(name, func(t *testing.T) {
			fill := strings.NewReplacer("{tag}", moved.reference, "{other}", stranger.reference, "{repo}", repository,
				"{derived}", derive(t, moved), "{elder}", moved.elder)
			req := onBase(fill.Replace(c.dockerfile)+"\n", moved, output(t))

			_, err := newBuilder(t).Build(t.Context(), req, nil)

			t.Log(err)
			var unused *builder.BaseNotUsedError
			if !errors.As(err, &unused) || !errors.Is(err, builder.ErrBaseNotUsed) {
				t.Fatalf("got %v", err)
			}
			if want := fill.Replace(c.found); unused.Found != want || unused.Base != moved.reference {
				t.Errorf("it found %q and wanted %q; expected to find %q", unused.Found, unused.Base, want)
			}
			wantNothingPushed(t, req.Output)
		})
	}
}

func TestRefusesOneWrongPlatformAmongSeveral(t *testing.T) {
	moved, stranger := moveBase(t), moveBase(t)
	req := onBase("FROM "+moved.reference+" AS on-amd64\nFROM "+stranger.reference+" AS on-arm64\nARG TARGETARCH\nFROM on-${TARGETARCH}\n", moved, output(t))
	req.Platforms = []string{"linux/amd64", "linux/arm64"}

	_, err := newBuilder(t).Build(t.Context(), req, nil)

	var unused *builder.BaseNotUsedError
	if !errors.As(err, &unused) || unused.Platform != "linux/arm64" {
		t.Fatalf("got %v", err)
	}
	wantNothingPushed(t, req.Output)
}
