package image

import (
	"slices"
	"strings"
)

// listSeparators part the entries of list-like values of environment variables: PATH and its like, those of Windows,
// options, NO_PROXY.
var listSeparators = []string{":", ";", " ", ","}

// Rebased is what a variable's value becomes that an image made from its base's: ENV PATH=/app/bin:$PATH. Where the
// app's value is the old base's with entries before or behind it, the same entries stand around the new base's value. It
// is not ok where the app's value has nothing of the old one's: then it is the app's own.
func Rebased(app, old, new string) (value string, ok bool) {
	if app == old {
		return new, true
	}
	if old == "" {
		return "", false
	}
	for _, separator := range listSeparators {
		own, base := strings.Split(app, separator), strings.Split(old, separator)
		if at := indexOf(own, base); at >= 0 {
			return strings.Join(slices.Concat(own[:at], entries(new), own[at+len(base):]), separator), true
		}
	}
	return "", false
}

// entries is a value to stand in a list: none where it is empty, since an empty entry of PATH is the working directory.
func entries(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}

// indexOf is where a list first holds all of another one in a row; -1 where it does not.
func indexOf(list, part []string) int {
	for at := range len(list) - len(part) + 1 {
		if slices.Equal(list[at:at+len(part)], part) {
			return at
		}
	}
	return -1
}
