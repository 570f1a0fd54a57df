package buildkit

import (
	"strings"

	"github.com/moby/buildkit/client"
	"github.com/opencontainers/go-digest"

	"github.com/respin-dev/respin/internal/builder"
)

const (
	exportStep = "exporting to image" // the exporter's vertex, in BuildKit's words
	pushing    = "pushing the image"
)

// watch follows what a daemon tells of one build: how far it is, and what its steps wrote.
type watch struct {
	report func(builder.Progress)
	last   builder.Progress
	steps  map[digest.Digest]*step
	latest *step // that began and counts
}

// step is one vertex of the build's graph.
type step struct {
	name    string
	began   bool
	failure string
	wrote   tail
}

func newWatch(report func(builder.Progress)) *watch {
	if report == nil {
		report = func(builder.Progress) {}
	}
	return &watch{report: report, steps: map[digest.Digest]*step{}}
}

// follow returns when the channel is closed.
func (w *watch) follow(status <-chan *client.SolveStatus) {
	for s := range status {
		for _, v := range s.Vertexes {
			w.saw(v)
		}
		for _, l := range s.Logs {
			w.step(l.Vertex).wrote.write(l.Data)
		}
		if p := w.progress(); p != w.last && p.Step > 0 {
			w.last = p
			w.report(p)
		}
	}
}

func (w *watch) saw(v *client.Vertex) {
	s := w.step(v.Digest)
	s.name = printable(v.Name, maxName)
	if v.Started != nil && !s.began {
		s.began = true
		if s.counts() {
			w.latest = s
		}
	}
	if v.Error != "" {
		s.failure = v.Error
	}
}

func (w *watch) step(d digest.Digest) *step {
	s, ok := w.steps[d]
	if !ok {
		s = &step{}
		w.steps[d] = s
	}
	return s
}

// progress counts the push as a step from the start, though BuildKit names it only when it begins.
func (w *watch) progress() builder.Progress {
	p := builder.Progress{Steps: 1}
	for _, s := range w.steps {
		if s.name != exportStep && s.counts() {
			p.Steps++
		}
		if s.began && s.counts() {
			p.Step++
		}
	}
	if w.latest != nil {
		p.Current = strings.Replace(w.latest.name, exportStep, pushing, 1)
	}
	return p
}

// counts is true of what a person would find in the Dockerfile, and of the push.
func (s *step) counts() bool {
	return s.name == exportStep || (strings.HasPrefix(s.name, "[") && !s.internal())
}

// internal is true of the frontend's own doings: [internal] load metadata, [linux/arm64 internal] load metadata.
func (s *step) internal() bool {
	label, _, _ := strings.Cut(s.name, "]")
	return strings.HasSuffix(label, "internal") || strings.HasSuffix(label, "auth")
}

// failed returns the step with that digest or, of an unknown one, a step that failed; an empty one if none did. When a
// step fails, BuildKit cancels its neighbours.
func (w *watch) failed(at digest.Digest) *step {
	if s, ok := w.steps[at]; ok {
		return s
	}
	for _, s := range w.steps {
		if s.failure != "" && !strings.Contains(s.failure, "context canceled") {
			return s
		}
	}
	return &step{}
}
