// Package layers holds what is known of a layer's files: what its tar headers say, and of each file's content a digest.
// It reads streams that it is handed, and is pure otherwise.
package layers

import "crypto/sha256"

// Facts are what a layer does to the file system, in a form that is small enough to keep: see MarshalBinary.
type Facts struct {
	// DiffID is the digest of the uncompressed tar stream, as it was read.
	DiffID string
	// Entries are in the order of the stream. No path is deleted after it was written, nor written as a directory after
	// it was deleted: runtimes do not agree on what comes of that, so Read refuses it.
	Entries []Entry
	// Contents are what the checks have to know of a few small files, by path: os-release as it is; of etc/passwd and
	// etc/group a line for each account, name:uid:gid and name:gid. A file that is too large is left out.
	Contents map[string][]byte
	// Versions are what C libraries, and the package databases that tell of them, say of themselves, by path: "glibc
	// 2.36", "musl 1.2.4".
	Versions map[string]string
}

// Kind is what an entry is, or does.
type Kind uint8

// The kinds of entries.
const (
	// File is a regular file.
	File Kind = iota + 1
	// Directory is a directory.
	Directory
	// Symlink is a symbolic link; Link is its target to the letter.
	Symlink
	// Hardlink is another name for a file; Link is that file's path.
	Hardlink
	// Special is a device or a pipe.
	Special
	// Whiteout deletes Path from the layers below.
	Whiteout
	// Opaque hides all that the layers below have in the directory Path.
	Opaque
)

// Entry is one entry of the stream.
type Entry struct {
	// Path is clean and relative to the image's root, without a leading slash: etc/passwd. The root itself is ".". It is
	// as the layer has it: symbolic links in it are not followed. It need not be UTF-8.
	Path string
	Kind Kind
	// Object is true of a regular file that holds machine code: an ELF file, or an archive of object files.
	Object bool
	// Link is a symbolic link's target, or the path, in Path's form, that a hard link is another name for.
	Link string
	// Meta is a digest of mode, owner, extended attributes and device numbers; not of any time.
	Meta Sum
	// Content is a digest of a regular file's bytes; its zero value for all else.
	Content Sum
	// Size is a regular file's, in bytes.
	Size int64
	// UID and GID are the owner.
	UID int
	GID int
	// Mode holds the bits of chmod: permissions, setuid, setgid and sticky. A symbolic link has none.
	Mode uint16
}

// Sum is the first half of a SHA-256.
type Sum [16]byte

// SumOf is the sum of some bytes.
func SumOf(content []byte) Sum {
	sum := sha256.Sum256(content)
	return Sum(sum[:len(Sum{})])
}
