package image

import "strings"

// ParseImageID reads what the kubelet reports in containerStatuses[].imageID: repository@sha256:…, with
// docker-pullable:// before it from older runtimes. It is not ok where no repository digest is known, which is so for
// an image that was loaded onto the node rather than pulled: the runtime then reports the bare digest of its config.
func ParseImageID(s string) (ref Reference, ok bool) {
	for _, prefix := range []string{"docker-pullable://", "docker://"} {
		s = strings.TrimPrefix(s, prefix)
	}
	// Without this, the grammar would take a bare sha256:<hex> for the tag <hex> of a repository called sha256.
	if !strings.Contains(s, "@") {
		return Reference{}, false
	}
	ref, err := ParseReference(s)
	return ref, err == nil
}
