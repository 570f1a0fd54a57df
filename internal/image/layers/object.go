package layers

import "bytes"

// beginning is how a file begins, as far as that tells what it is.
type beginning struct {
	bytes [8]byte
	size  int
}

// add takes the next part of the file.
func (b *beginning) add(part []byte) {
	b.size += copy(b.bytes[b.size:], part)
}

// object reports whether the file is an ELF file, or an archive of object files, also a thin one.
func (b *beginning) object() bool {
	for _, magic := range []string{"\x7fELF", "!<arch>\n", "!<thin>\n"} {
		if bytes.HasPrefix(b.bytes[:b.size], []byte(magic)) {
			return true
		}
	}
	return false
}
