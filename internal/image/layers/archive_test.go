package layers

import (
	"archive/tar"
	"bytes"
	"testing"
)

// member is an entry of an archive that a test makes.
type member struct {
	tar.Header
	body string
}

func file(name, body string) member {
	return member{tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644}, body}
}

func directory(name string) member {
	return member{tar.Header{Typeflag: tar.TypeDir, Name: name, Mode: 0o755}, ""}
}

func link(kind byte, name, target string) member {
	return member{tar.Header{Typeflag: kind, Name: name, Linkname: target, Mode: 0o777}, ""}
}

// archive is a tar stream of the members.
func archive(tb testing.TB, members ...member) []byte {
	tb.Helper()
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, m := range members {
		m.Size = int64(len(m.body))
		if err := w.WriteHeader(&m.Header); err != nil {
			tb.Fatal(err)
		}
		if _, err := w.Write([]byte(m.body)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		tb.Fatal(err)
	}
	return out.Bytes()
}

// read reads an archive that has to be right.
func read(tb testing.TB, stream []byte) Facts {
	tb.Helper()
	facts, err := Read(bytes.NewReader(stream), DefaultLimits)
	if err != nil {
		tb.Fatal(err)
	}
	return facts
}
