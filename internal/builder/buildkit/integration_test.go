//go:build integration

package buildkit_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/builder/buildkit"
)

// epoch is an arbitrary second, later than any file of the base images.
var epoch = time.Unix(1700000000, 0)

func env(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("%s is not set: these tests need a registry and a BuildKit daemon; source .cluster/env first", name)
	}
	return value
}

// newBuilder builds on the daemon that the environment names.
func newBuilder(t *testing.T) *buildkit.Builder {
	t.Helper()
	b, err := buildkit.New(buildkit.Options{Address: env(t, "BUILDKIT_HOST"), TLSDir: os.Getenv("BUILDKIT_TLS_DIR")})
	must(t, err)
	return b
}

// onBase is a request for an inline Dockerfile on a base that moved.
func onBase(dockerfile string, moved movedBase, output string) builder.Request {
	return builder.Request{
		DockerfileInline: dockerfile,
		Platforms:        []string{"linux/amd64"},
		Base:             builder.Base{Reference: moved.reference, From: []string{moved.from, moved.fromAMD64}, To: moved.to},
		Output:           output,
		Epoch:            epoch,
	}
}

func mustBuild(t *testing.T, req builder.Request) builder.Result {
	t.Helper()
	result, err := newBuilder(t).Build(t.Context(), req, nil)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func TestPushesWhatItSaysItPushed(t *testing.T) {
	moved := moveBase(t)
	req := onBase("FROM "+moved.reference+"\nRUN echo built > /built\n", moved, output(t))
	req.Annotations = map[string]string{"org.opencontainers.image.base.name": moved.reference}

	result := mustBuild(t, req)

	index := readIndex(t, req.Output)
	if got := digestOf(t, index); got != result.Digest {
		t.Errorf("the tag is at %s, the result says %s", got, result.Digest)
	}
	manifest := mustIndexManifest(t, index)
	if manifest.MediaType != types.OCIImageIndex {
		t.Errorf("media type of the index: %s", manifest.MediaType)
	}
	if got := manifest.Annotations["org.opencontainers.image.base.name"]; got != moved.reference {
		t.Errorf("annotation of the index: %q", got)
	}
	if got := mustManifest(t, child(t, index, "linux/amd64")).Annotations["org.opencontainers.image.base.name"]; got != moved.reference {
		t.Errorf("annotation of the manifest: %q", got)
	}
}

func TestKeepsTheLayersOfTheBase(t *testing.T) {
	moved := moveBase(t)
	req := onBase("FROM "+moved.reference+"\nRUN echo built > /built\n", moved, output(t))
	mustBuild(t, req)

	built := child(t, readIndex(t, req.Output), "linux/amd64")
	if !startsWith(layerDigests(t, built), layerDigests(t, child(t, readIndex(t, moved.pinned()), "linux/amd64"))) {
		t.Error("the image's layers do not begin with the base's, blob for blob")
	}
}

// Both builds run all their steps: the second mounts another image where the first does, which no cache forgives, though
// it leaves no trace in the result. The indexes differ, for the provenance in them tells when the build ran.
func TestTheSameBuildGivesTheSameImage(t *testing.T) {
	moved := moveBase(t)
	var digests []string
	for range 2 {
		req := onBase("FROM "+moveBase(t).reference+" AS salt\nFROM "+moved.reference+
			"\nRUN --mount=from=salt,target=/mnt echo built > /built && mkdir /folder\n", moved, output(t))
		mustBuild(t, req)
		digests = append(digests, digestOf(t, child(t, readIndex(t, req.Output), "linux/amd64")))
		time.Sleep(time.Second)
	}
	if digests[0] != digests[1] {
		t.Errorf("the same build gave %v", digests)
	}
}

func TestBuildsForEveryPlatform(t *testing.T) {
	moved := moveBase(t)
	req := onBase("FROM "+moved.reference+" AS files\nFROM "+moved.reference+"\nCOPY --from=files /version /copied\n", moved, output(t))
	req.Platforms = []string{"linux/amd64", "linux/arm64"}
	mustBuild(t, req)

	index := readIndex(t, req.Output)
	for _, platform := range req.Platforms {
		if got := readFile(t, child(t, index, platform), "copied"); got != "new "+platform {
			t.Errorf("%s holds %q", platform, got)
		}
	}
}

func TestReadsArgumentsAndTarget(t *testing.T) {
	moved := moveBase(t)
	req := onBase("FROM "+moved.reference+" AS first\nARG WORD\nRUN echo -n $WORD > /word\nFROM scratch AS last\n", moved, output(t))
	req.Args, req.Target = map[string]string{"WORD": "squeamish"}, "first"
	mustBuild(t, req)

	index := readIndex(t, req.Output)
	if got := readFile(t, child(t, index, "linux/amd64"), "word"); got != "squeamish" {
		t.Errorf("the argument arrived as %q", got)
	}
	if p := provenance(t, index); contains(p, "squeamish") || contains(p, "echo -n") {
		t.Errorf("the provenance tells an argument's value or the Dockerfile: %s", p)
	}
}
