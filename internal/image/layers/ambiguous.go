package layers

import "path"

// unambiguous refuses a layer that deletes a path after it has written it, or writes below a path that it deletes:
// whether that survives depends on the runtime and its file system. A path may be deleted, and then be a file.
func unambiguous(entries []Entry) error {
	deleted, written := map[string]int{}, map[string]int{}
	for n, e := range entries {
		if e.Kind == Whiteout {
			deleted[e.Path] = n
		}
	}
	if len(deleted) == 0 {
		return nil
	}
	for n, e := range entries {
		if e.Kind == Whiteout {
			if _, before := written[e.Path]; before {
				return malformed("it deletes %.200q after it has written it", e.Path)
			}
			continue
		}
		written[e.Path] = n
		if gone, ok := goneAbove(e, deleted); ok {
			return malformed("it deletes %.200q and writes a directory there", gone)
		}
	}
	return nil
}

// goneAbove finds a deleted path that has to be a directory for the entry to be.
func goneAbove(e Entry, deleted map[string]int) (string, bool) {
	at := e.Path
	if e.Kind != Directory && e.Kind != Opaque {
		at = path.Dir(at)
	}
	for ; at != "."; at = path.Dir(at) {
		if _, ok := deleted[at]; ok {
			return at, true
		}
	}
	return "", false
}
