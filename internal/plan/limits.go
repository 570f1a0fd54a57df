package plan

import "strings"

// The API's limits: a status or a run beyond one of them would be refused as a whole, now and ever after.
const (
	maxHandled    = 256
	maxMessage    = 2048
	maxReason     = 1024
	maxCondition  = 4096 // the API takes 32 KiB; no one reads more than this
	maxRepository = 512
	maxWorkloads  = 512
	maxPlatforms  = 32
	maxLabel      = 63

	// MaxImages and MaxBases are how many of each a policy's status holds.
	MaxImages = 512
	MaxBases  = 256
)

// Clip shortens text to at most limit bytes, on a character's boundary.
func Clip(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit-len("…")], "") + "…"
}

// First is the beginning of a list, at most limit long.
func First[T any](all []T, limit int) []T {
	return all[:min(len(all), limit)]
}
