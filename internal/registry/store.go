package registry

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// store keeps small files in a folder, across restarts, up to a total size. Those that were used longest ago are deleted
// first; a file's modification time is when it was last used. Processes may share a folder.
type store struct {
	root *os.Root
	room int64 // bytes
	now  func() time.Time

	mu   sync.Mutex
	used int64 // bytes, as far as this process knows
}

// Files that do not end so are not the store's, and are left alone.
const (
	finished   = ".facts"
	unfinished = ".writing"
)

// abandoned is how old a file is that was not finished and that nobody writes.
const abandoned = time.Hour

// openStore makes the folder where there is none, and makes sure that it can be written.
func openStore(folder string, room int64, now func() time.Time) (*store, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return nil, err
	}
	s := &store{root: root, room: room, now: now}
	if err = s.probe(); err == nil {
		err = s.sweep(room)
	}
	if err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return s, nil
}

// probe makes sure that files can be made. It does not wait for a disk, since it comes before everything that a command does.
func (s *store) probe() error {
	name, file, err := s.create()
	if err != nil {
		return err
	}
	return errors.Join(file.Close(), s.root.Remove(name))
}

// get reads a file of up to a limit in bytes; a larger one is an error. A missing one is fs.ErrNotExist.
func (s *store) get(name string, limit int64) ([]byte, error) {
	file, err := s.root.Open(name + finished)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, fmt.Errorf("%s has more than %d bytes", name, limit)
	}
	raw, err := io.ReadAll(io.LimitReader(file, limit))
	if err != nil {
		return nil, err
	}
	now := s.now()
	return raw, s.root.Chtimes(name+finished, now, now)
}

// put writes a file, whole or not at all. One that alone is larger than the store's room is not written.
func (s *store) put(name string, content []byte) error {
	if int64(len(content)) > s.room {
		return nil
	}
	written, err := s.write(content)
	if err != nil {
		return err
	}
	if err := s.root.Rename(written, name+finished); err != nil {
		return errors.Join(err, s.root.Remove(written))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.used += int64(len(content)); s.used <= s.room {
		return nil
	}
	// Some more than needs be, so that not every file that is written has the folder looked through.
	return s.sweep(s.room / 10 * 9)
}

// write writes a file under a name of its own, to the disk and not only to the system's memory.
func (s *store) write(content []byte) (name string, err error) {
	name, file, err := s.create()
	if err != nil {
		return "", err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err != nil {
		return "", errors.Join(err, s.root.Remove(name))
	}
	return name, nil
}

// create makes an unfinished file.
func (s *store) create() (name string, file *os.File, err error) {
	name = rand.Text() + unfinished
	file, err = s.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return name, file, err
}

// forget deletes a file.
func (s *store) forget(name string) error { return s.root.Remove(name + finished) }

// sweep deletes files, those used longest ago first, until all that are left take no more than a number of bytes.
func (s *store) sweep(target int64) error {
	files, err := s.files()
	if err != nil {
		return err
	}
	s.used = 0
	for _, file := range files {
		s.used += file.Size()
	}
	for _, file := range files {
		if !s.mayGo(file, s.used > target) {
			continue
		}
		if err := s.root.Remove(file.Name()); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		s.used -= file.Size()
	}
	return nil
}

// mayGo tells whether a file is to be deleted, given whether there is too little room.
func (s *store) mayGo(file fs.FileInfo, full bool) bool {
	if strings.HasSuffix(file.Name(), unfinished) {
		return file.ModTime().Before(s.now().Add(-abandoned))
	}
	return full
}

// files are all that the store has, those used longest ago first.
func (s *store) files() ([]fs.FileInfo, error) {
	entries, err := fs.ReadDir(s.root.FS(), ".")
	if err != nil {
		return nil, err
	}
	var files []fs.FileInfo
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), finished) && !strings.HasSuffix(entry.Name(), unfinished) {
			continue
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, info)
	}
	slices.SortFunc(files, func(a, b fs.FileInfo) int { return cmp.Compare(a.ModTime().UnixNano(), b.ModTime().UnixNano()) })
	return files, nil
}
