package layers

import (
	"archive/tar"
	"bytes"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

func TestLimits(t *testing.T) {
	deep := []member{file("a/b/c/d", ""), file("a/e", "")} // two entries in the root and three directories
	tests := map[string]struct {
		stream []byte
		limit  func(*Limits)
		over   string
	}{
		"as many bytes as are allowed": {archive(t, file("a", "")), func(l *Limits) { l.Bytes = 1536 }, ""},
		"more bytes":                   {archive(t, file("a", "")), func(l *Limits) { l.Bytes = 1535 }, "more than 1535 bytes"},
		"more bytes behind the end":    {append(archive(t), make([]byte, 4096)...), func(l *Limits) { l.Bytes = 4096 }, "more than 4096 bytes"},
		"as many entries":              {archive(t, deep...), func(l *Limits) { l.Entries = 6 }, ""},
		"more entries":                 {archive(t, deep...), func(l *Limits) { l.Entries = 5 }, "more than 5 entries"},
		"a path as long":               {archive(t, file("abc", "")), func(l *Limits) { l.Path = 3 }, ""},
		"a longer path":                {archive(t, file("abcd", "")), func(l *Limits) { l.Path = 3 }, "longer than 3 bytes"},
		"a longer link":                {archive(t, link(tar.TypeSymlink, "a", "abcd")), func(l *Limits) { l.Path = 3 }, "longer than 3 bytes"},
		"paths as long":                {archive(t, file("ab", ""), link(tar.TypeSymlink, "c", "d")), func(l *Limits) { l.Paths = 4 }, ""},
		"longer paths":                 {archive(t, file("ab", ""), link(tar.TypeSymlink, "c", "d")), func(l *Limits) { l.Paths = 3 }, "take more than 3 bytes"},
		"holes that are allowed":       {sparse(t, "a", 1<<20, "x"), func(l *Limits) { l.Holes = 1 << 20 }, ""},
		"larger holes":                 {sparse(t, "a", 1<<20, "x"), func(l *Limits) { l.Holes = 1 << 19 }, "holes of more than"},
		"nothing":                      {archive(t), func(l *Limits) { *l = Limits{} }, "more than 0 bytes"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			limits := DefaultLimits
			tt.limit(&limits)
			_, err := Read(bytes.NewReader(tt.stream), limits)
			switch {
			case tt.over == "" && err != nil:
				t.Error(err)
			case tt.over != "" && (!errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), tt.over)):
				t.Errorf("got %v, want %q", err, tt.over)
			}
		})
	}
}

// TestASparseFileIsReadWithItsHoles compares one with the file that it stands for.
func TestASparseFileIsReadWithItsHoles(t *testing.T) {
	plain := read(t, archive(t, file("a", strings.Repeat("\x00", 4095)+"x"))).Entries[0]
	holed := read(t, sparse(t, "a", 4096, "x")).Entries[0]
	if holed.Kind != File || holed.Content != plain.Content || holed.Size != 4096 {
		t.Errorf("got %+v, want %+v", holed, plain)
	}
}

// TestHeadersAreNotKept reads entries with long PAX records, which strings of them would keep in memory.
func TestHeadersAreNotKept(t *testing.T) {
	const entries, record = 200, 100_000
	var members []member
	for n := range entries {
		m := file(fmt.Sprintf("a/ü%d", n), "")
		m.PAXRecords = map[string]string{"SCHILY.xattr.user.long": strings.Repeat("x", record)}
		members = append(members, m)
	}
	stream := archive(t, members...)
	before := inUse()
	facts := read(t, stream)
	if grown := inUse() - before; grown > entries*record/4 {
		t.Errorf("%d entries take %d bytes", len(facts.Entries), grown)
	}
	runtime.KeepAlive(facts)
	runtime.KeepAlive(stream)
}

func inUse() int64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&stats)
	return int64(stats.HeapAlloc)
}

// sparse is an archive of one file in GNU's old sparse form: a hole, and content at the end.
func sparse(tb testing.TB, name string, size int64, content string) []byte {
	tb.Helper()
	m := file(name, content)
	m.Format = tar.FormatGNU
	stream := archive(tb, m)
	block := stream[:512]
	block[156] = tar.TypeGNUSparse
	octal := func(at int, n int64) { copy(block[at:], fmt.Sprintf("%011o\x00", n)) }
	octal(386, size-int64(len(content)))
	octal(398, int64(len(content)))
	octal(483, size)
	copy(block[148:156], "        ")
	sum := 0
	for _, b := range block {
		sum += int(b)
	}
	copy(block[148:], fmt.Sprintf("%06o\x00 ", sum))
	return stream
}
