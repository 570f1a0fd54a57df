package admission

import (
	"strconv"
	"strings"

	"gomodules.xyz/jsonpatch/v2"
)

var escape = strings.NewReplacer("~", "~0", "/", "~1")

// set puts a value where there is one, and where there is none: a patch that does not apply is an error to who writes.
func set(value any, path ...string) jsonpatch.JsonPatchOperation {
	return jsonpatch.NewOperation("add", pointer(path), value)
}

// annotate sets an annotation of an object that has these.
func annotate(has map[string]string, key, value string) jsonpatch.JsonPatchOperation {
	if len(has) == 0 {
		return set(map[string]string{key: value}, "metadata", "annotations")
	}
	return set(value, "metadata", "annotations", key)
}

// bare removes an annotation that an object has.
func bare(key string) jsonpatch.JsonPatchOperation {
	return jsonpatch.NewOperation("remove", pointer([]string{"metadata", "annotations", key}), nil)
}

func pointer(path []string) string {
	var text strings.Builder
	for _, step := range path {
		text.WriteString("/" + escape.Replace(step))
	}
	return text.String()
}

func index(at int) string { return strconv.Itoa(at) }
