package layers

import "path"

// bounds count entries, and hold them to limits before they are kept.
type bounds struct {
	limits Limits
	// entries counts them, and paths is the length of their paths and links.
	entries, paths int
	// folders are the directories that they are in.
	folders map[string]struct{}
}

func newBounds(limits Limits) *bounds {
	return &bounds{limits: limits, folders: map[string]struct{}{".": {}}}
}

// add counts an entry.
func (b *bounds) add(e Entry) error {
	if len(e.Path) > b.limits.Path || len(e.Link) > b.limits.Path {
		return tooLarge("%.200q or its target is longer than %d bytes", e.Path, b.limits.Path)
	}
	if b.paths += len(e.Path) + len(e.Link); b.paths > b.limits.Paths {
		return tooLarge("its paths take more than %d bytes", b.limits.Paths)
	}
	for dir := path.Dir(e.Path); ; dir = path.Dir(dir) {
		if _, known := b.folders[dir]; known {
			break
		}
		b.folders[dir] = struct{}{}
	}
	if b.entries++; b.entries+len(b.folders) > b.limits.Entries {
		return tooLarge("it has more than %d entries and directories", b.limits.Entries)
	}
	return nil
}
