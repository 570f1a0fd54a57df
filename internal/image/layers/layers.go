// Package layers holds what is known of a layer's files: what its tar headers say, and of each file's content a digest.
// It reads streams that it is handed, and is pure otherwise.
package layers

// Facts are what a layer does to the file system, in a form that is small enough to keep.
type Facts struct {
	// DiffID is the digest of the uncompressed tar stream, as it was read.
	DiffID string `json:"diffID"`
	// Entries are in the order of the stream.
	Entries []Entry `json:"entries"`
	// Contents are those of the few small files that the checks have to look into, by path: see Captured.
	Contents map[string][]byte `json:"contents,omitempty"`
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
	// Path is clean and relative to the image's root, without a leading slash: etc/passwd. The root itself is ".".
	Path string `json:"path"`
	Kind Kind   `json:"kind"`
	// Link is a symbolic link's target, or the path that a hard link is another name for.
	Link string `json:"link,omitempty"`
	// Meta is a digest of mode, owner, extended attributes and device numbers; not of any time.
	Meta Sum `json:"meta"`
	// Content is a digest of a regular file's bytes; its zero value for all else.
	Content Sum `json:"content,omitzero"`
	// Size is a regular file's, in bytes.
	Size int64 `json:"size,omitempty"`
	// UID and GID are the owner.
	UID int `json:"uid,omitempty"`
	GID int `json:"gid,omitempty"`
}

// Sum is the first half of a SHA-256.
type Sum [16]byte
