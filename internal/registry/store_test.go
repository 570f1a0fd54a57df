package registry

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// on opens a store of a hundred bytes that goes by a clock.
func on(t *testing.T, folder string, c *clock) *store {
	t.Helper()
	s, err := openStore(folder, 100, c.now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.root.Close() })
	return s
}

func filesOf(t *testing.T, folder string) []string {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestStoreKeepsFilesAcrossRestarts(t *testing.T) {
	folder, clock := filepath.Join(t.TempDir(), "a", "b"), newClock()
	if err := on(t, folder, clock).put("one", []byte("content")); err != nil {
		t.Fatal(err)
	}
	s := on(t, folder, clock)
	if got, err := s.get("one", 7); err != nil || string(got) != "content" {
		t.Errorf("got %q, %v", got, err)
	}
	if got, err := s.get("one", 6); err == nil || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what is too large gives %q, %v", got, err)
	}
	if err := s.forget("one"); err != nil {
		t.Error(err)
	}
	if _, err := s.get("one", 7); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was deleted gives %v", err)
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is open to others: %v, %v", info.Mode(), err)
	}
}

func TestStoreDeletesWhatWasUsedLongestAgo(t *testing.T) {
	folder, clock := t.TempDir(), newClock()
	s := on(t, folder, clock)
	put := func(name string, size int) {
		t.Helper()
		clock.advance(time.Second)
		if err := s.put(name, make([]byte, size)); err != nil {
			t.Fatal(err)
		}
		if err := s.root.Chtimes(name+finished, clock.now(), clock.now()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
	}
	expect := func(when string, names ...string) {
		t.Helper()
		for i := range names {
			names[i] += finished
		}
		if got := filesOf(t, folder); !slices.Equal(got, names) {
			t.Errorf("%s: there are %q; want %q", when, got, names)
		}
	}
	put("a", 40)
	put("b", 40)
	put("huge", 101)
	expect("a file that there is no room for is not written", "a", "b")
	clock.advance(time.Second)
	if _, err := s.get("a", 40); err != nil {
		t.Fatal(err)
	}
	put("c", 40)
	expect("the one that was read is kept", "a", "c")
	s = on(t, folder, clock)
	put("d", 15)
	expect("a restart knows how much there is", "a", "c", "d")
	put("e", 60)
	expect("as many go as have to", "d", "e")
}

func TestStoreLeavesOthersFilesAlone(t *testing.T) {
	folder, clock := t.TempDir(), newClock()
	now := clock.now()
	for name, age := range map[string]time.Duration{
		"precious": 24 * time.Hour, "half" + unfinished: 2 * time.Hour, "now" + unfinished: time.Minute,
	} {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, make([]byte, 1000), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, now.Add(-age), now.Add(-age)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("/etc/hostname", filepath.Join(folder, "link"+finished)); err != nil {
		t.Fatal(err)
	}
	s := on(t, folder, clock)
	if got, want := filesOf(t, folder), []string{"link" + finished, "now" + unfinished, "precious"}; !slices.Equal(got, want) {
		t.Errorf("there are %q; want %q", got, want)
	}
	if got, err := s.get("link", 1000); err == nil {
		t.Errorf("a link out of the folder gives %q", got)
	}
}

func TestStoreSaysWhyItCannotBeUsed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, folder := range []string{file, filepath.Join(file, "below"), "/proc/respin"} {
		if _, err := openStore(folder, 100, time.Now); err == nil || !strings.Contains(err.Error(), filepath.Dir(folder)) {
			t.Errorf("%s: got %v", folder, err)
		}
	}
}
