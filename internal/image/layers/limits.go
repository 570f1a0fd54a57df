package layers

import (
	"errors"
	"fmt"
)

// Limits bound what is read of one layer, and kept of it. The zero value allows nothing.
type Limits struct {
	// Bytes of the uncompressed stream.
	Bytes int64
	// Holes is how many bytes sparse files may add to those of the stream.
	Holes int64
	// Entries of the stream, and the directories that they are in.
	Entries int
	// Path is the length of one path or link target, in bytes.
	Path int
	// Paths are the lengths of all paths and link targets together, in bytes.
	Paths int
	// Capture is the size of a file that the checks look into, in bytes; larger ones are left out of Facts.Contents.
	Capture int
	// Captures is how many such files there may be.
	Captures int
}

// DefaultLimits are generous to real layers: the largest hold some ten gigabytes, or some hundred thousand files.
// Within them, Facts take less than 128 MiB of memory.
var DefaultLimits = Limits{
	Bytes:    16 << 30,
	Holes:    1 << 30,
	Entries:  400_000,
	Path:     4096, // PATH_MAX of Linux
	Paths:    40 << 20,
	Capture:  256 << 10,
	Captures: 32,
}

var (
	// ErrMalformed says that a layer is not one that every container runtime reads in the same way.
	ErrMalformed = errors.New("the layer is malformed")
	// ErrTooLarge says that a layer exceeds the limits.
	ErrTooLarge = errors.New("the layer is too large to be looked into")
)

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrMalformed, fmt.Sprintf(format, args...))
}

func tooLarge(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrTooLarge, fmt.Sprintf(format, args...))
}
