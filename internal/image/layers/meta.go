package layers

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"
)

// xattrPrefix begins the PAX records that hold extended attributes.
const xattrPrefix = "SCHILY.xattr."

// permissions are the bits of a mode that are kept: those of chmod, with setuid, setgid and sticky.
const permissions = 0o7777

// Implied is the directory that runtimes make where a layer has something below it but not itself, and neither has any
// layer below.
func Implied(path string) Entry {
	header := &tar.Header{Typeflag: tar.TypeDir, Mode: 0o755}
	return Entry{Path: path, Kind: Directory, Meta: metaOf(header), Mode: modeOf(header)}
}

func modeOf(h *tar.Header) uint16 {
	if h.Typeflag == tar.TypeSymlink {
		return 0
	}
	return uint16(h.Mode & permissions)
}

// metaOf is Entry.Meta.
func metaOf(h *tar.Header) Sum {
	d := sha256.New()
	number(d, int64(modeOf(h)), int64(h.Uid), int64(h.Gid))
	switch h.Typeflag {
	case tar.TypeChar, tar.TypeBlock:
		number(d, int64(h.Typeflag), h.Devmajor, h.Devminor)
	case tar.TypeFifo:
		number(d, int64(h.Typeflag))
	}
	for _, key := range slices.Sorted(maps.Keys(h.PAXRecords)) {
		if name, ok := strings.CutPrefix(key, xattrPrefix); ok {
			text(d, name)
			text(d, h.PAXRecords[key])
		}
	}
	return half(d)
}

// overlay refuses what overlayfs takes for its own notes on what is deleted or moved, and other file systems do not.
func overlay(h *tar.Header) error {
	if h.Typeflag == tar.TypeChar && h.Devmajor == 0 && h.Devminor == 0 {
		return malformed("%.200q is device 0:0, by which overlayfs deletes a file", h.Name)
	}
	for _, namespace := range []string{"trusted.overlay.", "user.overlay."} {
		for _, name := range []string{"opaque", "redirect", "metacopy", "whiteout"} {
			if _, ok := h.PAXRecords[xattrPrefix+namespace+name]; ok {
				return malformed("%.200q has the extended attribute %s%s, which is overlayfs's own", h.Name, namespace, name)
			}
		}
	}
	return nil
}

func number(d hash.Hash, numbers ...int64) {
	for _, n := range numbers {
		d.Write(binary.BigEndian.AppendUint64(nil, uint64(n)))
	}
}

// text writes a string after its length, so that no two lists of strings look the same.
func text(d hash.Hash, s string) {
	number(d, int64(len(s)))
	_, _ = io.WriteString(d, s)
}

func half(d hash.Hash) Sum {
	return Sum(d.Sum(nil)[:len(Sum{})])
}
