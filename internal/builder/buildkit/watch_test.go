package buildkit

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/respin-dev/respin/internal/builder"
)

func vertex(name string, began bool) *client.Vertex {
	v := &client.Vertex{Digest: digest.FromString(name), Name: name}
	if began {
		v.Started = new(time.Time)
	}
	return v
}

func followed(t *testing.T, statuses ...*client.SolveStatus) (*watch, []builder.Progress) {
	t.Helper()
	var seen []builder.Progress
	w := newWatch(func(p builder.Progress) { seen = append(seen, p) })
	status := make(chan *client.SolveStatus, len(statuses))
	for _, s := range statuses {
		status <- s
	}
	close(status)
	w.follow(status)
	return w, seen
}

func TestCountsTheStepsOfADockerfileAndThePush(t *testing.T) {
	_, seen := followed(t,
		&client.SolveStatus{Vertexes: []*client.Vertex{vertex("[internal] load build definition", true)}},
		&client.SolveStatus{Vertexes: []*client.Vertex{vertex("[linux/arm64 internal] load metadata for x", true)}},
		&client.SolveStatus{Vertexes: []*client.Vertex{vertex("[auth] library/debian:pull", true)}},
		&client.SolveStatus{Vertexes: []*client.Vertex{vertex("[1/2] FROM debian", true), vertex("[2/2] RUN make", false)}},
		&client.SolveStatus{Vertexes: []*client.Vertex{vertex("[2/2] RUN make", true)}},
		&client.SolveStatus{Vertexes: []*client.Vertex{vertex("[2/2] RUN make", true)}},
		&client.SolveStatus{Vertexes: []*client.Vertex{vertex("exporting to image", true)}},
	)
	want := []builder.Progress{
		{Step: 1, Steps: 3, Current: "[1/2] FROM debian"},
		{Step: 2, Steps: 3, Current: "[2/2] RUN make"},
		{Step: 3, Steps: 3, Current: "pushing the image"},
	}
	if !slices.Equal(seen, want) {
		t.Errorf("got %+v", seen)
	}
}

func TestFindsTheStepThatFailed(t *testing.T) {
	cancelled, broken := vertex("[1/2] COPY a", true), vertex("[2/2] RUN make", true)
	cancelled.Error, broken.Error = "failed: context canceled", "exit code: 2"
	w, _ := followed(t, &client.SolveStatus{
		Vertexes: []*client.Vertex{cancelled, broken},
		Logs:     []*client.VertexLog{{Vertex: broken.Digest, Data: []byte("make: *** no")}, {Vertex: broken.Digest, Data: []byte(" rule\n")}},
	})
	for _, at := range []digest.Digest{"", broken.Digest} {
		if failed := w.failed(at); failed.name != broken.Name || !slices.Equal(failed.wrote.lines(), []string{"make: *** no rule"}) {
			t.Errorf("got %+v", failed)
		}
	}
}

func TestKeepsTheEndOfALogPrintableAndShort(t *testing.T) {
	long := strings.Repeat("x", 3000)
	for name, c := range map[string]struct {
		written string
		want    []string
	}{
		"colours":            {"\x1b[1;31mred\x1b[0m \x1b]0;title\x07plain\n", []string{"red plain"}},
		"a bell and a tab":   {"a\x07\tb\x00\n", []string{"a b"}},
		"a progress bar":     {"10%\r50%\r100%\r\n", []string{"100%"}},
		"blank lines":        {"a\n\n  \nb", []string{"a", "b"}},
		"invalid text":       {"a\xff\xfeb\n", []string{"ab"}},
		"a line that is big": {"first\n" + long + "\n", []string{long[:maxLogBytes-3] + "…"}},
		"nothing":            {"", nil},
	} {
		var out tail
		out.write([]byte(c.written))
		if got := out.lines(); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q", name, got)
		}
	}
}

func TestALogStaysWithinItsLimits(t *testing.T) {
	var out tail
	for range 1000 {
		out.write([]byte("a line of some length, of which there are many, and then some\n"))
	}
	lines := out.lines()
	if len(out.raw) > keptBytes || len(lines) > maxLogLines || len(strings.Join(lines, "")) > maxLogBytes {
		t.Errorf("kept %d bytes and %d lines", len(out.raw), len(lines))
	}
}
