package plugin

import (
	"fmt"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/duration"

	"github.com/respin-dev/respin/internal/image"
)

const digestLength = 12

// short is as much of a digest as people tell digests apart by.
func short(digest string) string {
	_, hex, ok := strings.Cut(digest, ":")
	if !ok {
		hex = digest
	}
	return hex[:min(len(hex), digestLength)]
}

// age is how long ago a time was, as kubectl writes it.
func age(at *metav1.Time, now time.Time) string {
	if at.IsZero() {
		return ""
	}
	return duration.HumanDuration(max(0, now.Sub(at.Time)))
}

// moment is a time with how far away it is.
func moment(at, now time.Time) string {
	clock := at.UTC().Format("2006-01-02 15:04 UTC")
	if at.After(now) {
		return fmt.Sprintf("%s (in %s)", clock, duration.HumanDuration(at.Sub(now)))
	}
	return fmt.Sprintf("%s (%s ago)", clock, duration.HumanDuration(now.Sub(at)))
}

// tagged is an image as people know it: without its digest where it has a tag.
func tagged(repository, tag, digest string) string {
	ref := image.Reference{Repository: repository, Tag: tag}
	if tag == "" {
		ref.Digest = digest
		return strings.Replace(ref.Familiar(), digest, "sha256:"+short(digest), 1)
	}
	return ref.Familiar()
}

// familiar is a reference as people write it. What is none stays as it is.
func familiar(s string) string {
	ref, err := image.ParseReference(s)
	if err != nil {
		return s
	}
	return ref.Familiar()
}

// lineLength is how many characters of an operator's message go into a line.
const lineLength = 100

// oneLine is text on one line, cut where it is too long.
func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > lineLength {
		return strings.TrimSpace(string(runes[:lineLength-1])) + "…"
	}
	return text
}

// count is a number with its noun.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%d %s", n, noun)
}

// list is words with commas between, or what to say when there are none.
func list(words []string, none string) string {
	if len(words) == 0 {
		return none
	}
	return strings.Join(words, ", ")
}

// length is a duration as people write it.
func length(d *metav1.Duration) string {
	if d == nil {
		return "its default"
	}
	return duration.HumanDuration(d.Duration)
}
