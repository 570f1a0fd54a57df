package layers

import (
	"bytes"
	"regexp"
)

// looking is somebody who looks for something in a file while it goes by.
type looking interface {
	// see takes the next part of the file, and may not keep it.
	see(part []byte)
	// keep adds what was found to the facts.
	keep(facts *Facts)
}

var (
	osRelease = regexp.MustCompile(`^(etc|usr/lib)/(os-release|os\.release\.d/[^/]*)$`)
	glibc     = regexp.MustCompile(`^(usr/)?lib[^/]*/([^/]+/)?libc(\.so\.6|-[0-9.]+\.so)$`)
	muslFile  = regexp.MustCompile(`^(usr/)?lib/(ld-musl-[^/]+|libc\.musl-[^/]+)\.so\.1$`)
)

// look finds who looks into the file at a path.
func (r *reading) look(at string) looking {
	found := r.interest(at)
	if _, none := found.(nobody); none {
		return found
	}
	if r.captures++; r.captures > r.limits.Captures {
		return forget{at}
	}
	return found
}

func (r *reading) interest(at string) looking {
	whole := &whole{at: at, limit: r.limits.Capture}
	switch {
	case osRelease.MatchString(at):
		whole.extract = bytes.Clone
	case at == "etc/passwd":
		whole.extract = func(file []byte) []byte { return columns(file, 0, 2, 3) }
	case at == "etc/group":
		whole.extract = func(file []byte) []byte { return columns(file, 0, 2) }
	case glibc.MatchString(at):
		return &banner{at: at, name: "glibc", pattern: glibcBanner}
	case muslFile.MatchString(at):
		return &banner{at: at, name: "musl", pattern: muslBanner}
	case at == "lib/apk/db/installed" || at == "usr/lib/apk/db/installed":
		return &banner{at: at, name: "musl", pattern: muslPackage}
	default:
		return nobody{}
	}
	return whole
}

type nobody struct{}

func (nobody) see([]byte)  {}
func (nobody) keep(*Facts) {}

// forget is who stands in beyond the limit: what an earlier entry of the same path had no longer counts.
type forget struct{ at string }

func (forget) see([]byte) {}

func (f forget) keep(facts *Facts) {
	delete(facts.Contents, f.at)
	delete(facts.Versions, f.at)
}

// whole keeps what is extracted from a whole file, if it is no larger than the limit.
type whole struct {
	at      string
	limit   int
	file    []byte
	over    bool
	extract func([]byte) []byte
}

func (w *whole) see(part []byte) {
	if w.over = w.over || len(w.file)+len(part) > w.limit; !w.over {
		w.file = append(w.file, part...)
	}
}

func (w *whole) keep(facts *Facts) {
	// A path may come twice in a stream: the last one counts.
	delete(facts.Contents, w.at)
	if w.over {
		return
	}
	if facts.Contents == nil {
		facts.Contents = map[string][]byte{}
	}
	facts.Contents[w.at] = w.extract(w.file)
}

// columns takes the numbered columns of each line that has them all. A file without such a line is there all the same:
// what it gives is empty, and not nil.
func columns(file []byte, numbers ...int) []byte {
	out := []byte{}
	for line := range bytes.Lines(file) {
		fields := bytes.Split(bytes.TrimRight(line, "\r\n"), []byte(":"))
		if len(fields) <= numbers[len(numbers)-1] {
			continue
		}
		for i, n := range numbers {
			if i > 0 {
				out = append(out, ':')
			}
			out = append(out, fields[n]...)
		}
		out = append(out, '\n')
	}
	return out
}
