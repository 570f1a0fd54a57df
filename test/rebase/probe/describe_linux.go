package main

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// names are the first paths of files that have several.
type names map[uint64]string

// first is the path under which a file with several names was met first.
func (n names) first(inode uint64, path string) string {
	if n[inode] == "" {
		n[inode] = path
	}
	return n[inode]
}

// describe tells of one path: what it is, its mode with the setuid, setgid and sticky bits, its owner, what only its
// kind has, and its extended attributes.
func describe(path string, links names) (string, error) {
	var s unix.Stat_t
	err := unix.Lstat(path, &s)
	if errors.Is(err, syscall.ENOENT) {
		return "a name of nothing", nil // overlayfs lists a deleted file in a folder that only the upper layer has
	}
	if err != nil {
		return "", fmt.Errorf("%q: %w", path, err)
	}
	own, err := particulars(path, &s)
	if err != nil {
		return "", fmt.Errorf("%q: %w", path, err)
	}
	attributes, err := attributes(path)
	if err != nil {
		return "", fmt.Errorf("%q: %w", path, err)
	}
	line := fmt.Sprintf("%s %04o %d:%d%s%s", kind(s.Mode), s.Mode&0o7777, s.Uid, s.Gid, own, attributes)
	if s.Nlink > 1 && s.Mode&unix.S_IFMT != unix.S_IFDIR {
		if first := links.first(s.Ino, path); first != path {
			line += fmt.Sprintf(" same file as %q", shown(first))
		}
	}
	return line, nil
}

func kind(mode uint32) string {
	kinds := map[uint32]string{
		unix.S_IFREG: "file", unix.S_IFDIR: "directory", unix.S_IFLNK: "symlink", unix.S_IFCHR: "character device",
		unix.S_IFBLK: "block device", unix.S_IFIFO: "pipe", unix.S_IFSOCK: "socket",
	}
	return kinds[mode&unix.S_IFMT]
}

// particulars are a file's size and content, a link's target, a device's numbers.
func particulars(path string, s *unix.Stat_t) (string, error) {
	switch s.Mode & unix.S_IFMT {
	case unix.S_IFREG:
		sum, err := content(path)
		return fmt.Sprintf(" %d %s", s.Size, sum), err
	case unix.S_IFLNK:
		target, err := os.Readlink(path)
		return fmt.Sprintf(" -> %q", target), err
	case unix.S_IFCHR, unix.S_IFBLK:
		return fmt.Sprintf(" %d:%d", unix.Major(s.Rdev), unix.Minor(s.Rdev)), nil
	}
	return "", nil
}

func content(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	sum := sha256.New()
	_, err = io.Copy(sum, file)
	return fmt.Sprintf("sha256:%x", sum.Sum(nil)), err
}

// attributes are a path's own, not those of what it links to, sorted.
func attributes(path string) (string, error) {
	list := make([]byte, 64<<10) // the most that Linux has for one file
	n, err := unix.Llistxattr(path, list)
	if errors.Is(err, syscall.ENOTSUP) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	var all []string
	for name := range bytes.SplitSeq(bytes.TrimRight(list[:n], "\x00"), []byte{0}) {
		if len(name) == 0 {
			continue
		}
		value := make([]byte, 64<<10)
		n, err := unix.Lgetxattr(path, string(name), value)
		if err != nil {
			return "", err
		}
		all = append(all, fmt.Sprintf(" %s=%x", name, value[:n]))
	}
	slices.Sort(all)
	return strings.Join(all, ""), nil
}
