package plan

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

func ran(digest string, platform image.Platform, started time.Time) Running {
	return Running{ImageID: repository + "@" + digest, Platform: platform, Started: started}
}

func workload(name string, containers ...Container) Workload {
	return Workload{Kind: respinv1alpha1.KindDeployment, Name: name, UID: target(name).UID, Containers: containers}
}

func app(image string, running ...Running) Container {
	return Container{Name: "app", Image: image, Running: running}
}

func justGiven(c Container) Container {
	c.Given = true
	return c
}

func TestGroup(t *testing.T) {
	other := digestOfAll("d")
	pinned := repository + ":1.4@" + other
	for sentence, test := range map[string]struct {
		workloads []Workload
		want      []string // reference, reason of the problem, workloads, platforms
	}{
		"nothing runs in nothing": {},
		"a tag stands for what its pod runs": {
			workloads: []Workload{workload("api", app(repository+":1.4", ran(source1, amd64, noon)))},
			want:      []string{repository + ":1.4@" + source1 + "  [api] [linux/amd64]"},
		},
		"a digest in the template goes before what the kubelet says": {
			workloads: []Workload{workload("api", app(pinned, ran(source1, amd64, noon)))},
			want:      []string{pinned + "  [api] [linux/amd64]"},
		},
		"the youngest pod decides, whatever the order": {
			workloads: []Workload{workload("api", app(repository+":1.4",
				ran(other, amd64, noon), ran(source1, arm64, noon.Add(time.Second)), ran(other, amd64, noon)))},
			want: []string{repository + ":1.4@" + source1 + "  [api] [linux/amd64 linux/arm64]"},
		},
		"a container that nothing runs yet is left out": {
			workloads: []Workload{workload("api", app(repository+":1.4")), workload("pinned", app(pinned))},
		},
		"but for one that a run under way has just given its image": {
			workloads: []Workload{workload("api", justGiven(app(pinned))), workload("odd", justGiven(app(repository+":1.4")))},
			want:      []string{pinned + "  [api] []"},
		},
		"two workloads on one image are one image": {
			workloads: []Workload{
				workload("api", app(repository+":1.4", ran(source1, amd64, noon))),
				workload("worker", app(repository+":1.4", ran(source1, arm64, noon))),
			},
			want: []string{repository + ":1.4@" + source1 + "  [api worker] [linux/amd64 linux/arm64]"},
		},
		"two tags of one digest are one image, under the tag that was seen first": {
			workloads: []Workload{
				workload("api", app(repository+":1.4", ran(source1, amd64, noon))),
				workload("worker", app(repository+":latest", ran(source1, amd64, noon))),
			},
			want: []string{repository + ":1.4@" + source1 + "  [api worker] [linux/amd64]"},
		},
		"two digests of one tag are two images, in a stable order": {
			workloads: []Workload{
				workload("worker", app(repository+":1.4", ran(other, amd64, noon))),
				workload("api", app(repository+":1.4", ran(source1, amd64, noon))),
			},
			want: []string{
				repository + ":1.4@" + source1 + "  [api] [linux/amd64]",
				repository + ":1.4@" + other + "  [worker] [linux/amd64]",
			},
		},
		"a node that nobody knows adds no platform": {
			workloads: []Workload{workload("api", app(repository+":1.4", ran(source1, image.Platform{}, noon)))},
			want:      []string{repository + ":1.4@" + source1 + "  [api] []"},
		},
		"an image that cannot be parsed is told of, even where nothing runs it": {
			workloads: []Workload{workload("api", app("Registry.example.com/Team/App:::"))},
			want:      []string{"Registry.example.com/Team/App::: InvalidReference [api] []"},
		},
		"tags whose digest the node does not tell are one entry for their repository": {
			workloads: []Workload{
				workload("api", app(repository+":1", Running{ImageID: "sha256:abc", Platform: amd64})),
				workload("worker", app(repository+":2", Running{ImageID: "sha256:def", Platform: amd64})),
			},
			want: []string{repository + ":1 NoDigest [api worker] [linux/amd64]"},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			var found []string
			for _, a := range Group(test.workloads) {
				reason := ""
				if a.Problem != nil {
					reason = a.Problem.Reason
				}
				found = append(found, fmt.Sprintf("%s %s %v %v", a.Ref, reason, names(a.Targets), a.Platforms))
			}
			if !slices.Equal(found, test.want) {
				t.Errorf("found\n%s\nwant\n%s", strings.Join(found, "\n"), strings.Join(test.want, "\n"))
			}
		})
	}
}

func TestContainersOfOneWorkloadWithOneImageAreOneTargetWithTheTemplatesWords(t *testing.T) {
	running := ran(source1, amd64, noon)
	apps := Group([]Workload{workload("api",
		Container{Name: "migrate", Init: true, Image: repository + ":1.4", Running: []Running{running}},
		Container{Name: "app", Image: repository + ":latest", Running: []Running{running}})})
	want := []respinv1alpha1.ContainerTarget{
		{Name: "migrate", Init: true, PreviousImage: repository + ":1.4"},
		{Name: "app", PreviousImage: repository + ":latest"},
	}
	if len(apps) != 1 || len(apps[0].Targets) != 1 || !slices.Equal(apps[0].Targets[0].Containers, want) {
		t.Errorf("the images are %+v, want one with the containers %+v", apps, want)
	}
}

func TestAnImageThatCannotBeParsedFitsTheStatus(t *testing.T) {
	long := strings.Repeat("Ü", 600)
	apps := Group([]Workload{workload("api", app(long+"1")), workload("worker", app(long+"2"))})
	if len(apps) != 1 || len(apps[0].Ref.Repository) > maxRepository || len(apps[0].Targets) != 2 {
		t.Errorf("two images that look the same when cut are %d entries: %+v", len(apps), apps)
	}
}
