package layers

import (
	"archive/tar"
	"testing"
	"time"
)

func TestWhatIsMetadata(t *testing.T) {
	plain := tar.Header{Typeflag: tar.TypeReg, Name: "x", Mode: 0o644, Uid: 1, Gid: 2}
	changed := func(how func(*tar.Header)) tar.Header {
		h := plain
		how(&h)
		return h
	}
	tests := map[string]struct {
		header tar.Header
		same   bool
	}{
		"the same":           {plain, true},
		"another name":       {changed(func(h *tar.Header) { h.Name = "y" }), true},
		"another time":       {changed(func(h *tar.Header) { h.ModTime = time.Unix(1, 0) }), true},
		"a type in the mode": {changed(func(h *tar.Header) { h.Mode |= 0o100000 }), true},
		"an owner's name":    {changed(func(h *tar.Header) { h.Uname = "root" }), true},
		"another mode":       {changed(func(h *tar.Header) { h.Mode = 0o4644 }), false},
		"another owner":      {changed(func(h *tar.Header) { h.Uid = 2 }), false},
		"another group":      {changed(func(h *tar.Header) { h.Gid = 1 }), false},
		"an attribute":       {changed(func(h *tar.Header) { h.PAXRecords = map[string]string{"SCHILY.xattr.user.a": "b"} }), false},
		"a record":           {changed(func(h *tar.Header) { h.PAXRecords = map[string]string{"comment": "b"} }), true},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			of := func(h tar.Header) Entry { return read(t, archive(t, member{h, ""})).Entries[0] }
			got, want := of(tt.header), of(plain)
			if (got.Meta == want.Meta) != tt.same {
				t.Errorf("got %x and %x", got.Meta, want.Meta)
			}
			if got.UID != tt.header.Uid || got.GID != tt.header.Gid || int64(got.Mode) != tt.header.Mode&0o7777 {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestMetadataOfOtherKinds(t *testing.T) {
	of := func(h tar.Header) Sum { return metaOf(&h) }
	if of(tar.Header{Typeflag: tar.TypeSymlink, Mode: 0o777}) != of(tar.Header{Typeflag: tar.TypeSymlink, Mode: 0o644}) {
		t.Error("a symbolic link has a mode")
	}
	if of(tar.Header{Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 3}) == of(tar.Header{Typeflag: tar.TypeChar, Devmajor: 1, Devminor: 5}) {
		t.Error("two devices are the same")
	}
	if of(tar.Header{Typeflag: tar.TypeChar, Devmajor: 1}) == of(tar.Header{Typeflag: tar.TypeBlock, Devmajor: 1}) {
		t.Error("a character device is a block device")
	}
	a := map[string]string{"SCHILY.xattr.a": "bc", "SCHILY.xattr.d": ""}
	b := map[string]string{"SCHILY.xattr.a": "b", "SCHILY.xattr.cd": ""}
	if of(tar.Header{PAXRecords: a}) == of(tar.Header{PAXRecords: b}) {
		t.Error("two sets of attributes are the same")
	}
	if got := Implied("a/b"); got.Kind != Directory || got.Path != "a/b" || got.Meta != of(tar.Header{Typeflag: tar.TypeDir, Mode: 0o755}) {
		t.Errorf("got %+v", got)
	}
}

func TestObjectsAreTold(t *testing.T) {
	tests := map[string]struct {
		content string
		want    bool
	}{
		"an ELF file":       {"\x7fELF\x02\x01", true},
		"a static library":  {"!<arch>\nx", true},
		"a thin archive":    {"!<thin>\nx", true},
		"a script":          {"#!/bin/sh\n", false},
		"nothing":           {"", false},
		"a beginning of it": {"\x7fEL", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := read(t, archive(t, file("x", tt.content))).Entries[0].Object; got != tt.want {
				t.Errorf("got %v", got)
			}
		})
	}
}
