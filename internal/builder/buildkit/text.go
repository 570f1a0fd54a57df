package buildkit

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName     = 200     // bytes of a step's name
	maxReason   = 1 << 10 // bytes of an error
	maxLogLines = 20
	maxLogBytes = 2 << 10
	keptBytes   = 4 * maxLogBytes // of raw output, which shrinks when it is made printable
)

// escapes are the terminal's control sequences.
var escapes = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-_])`)

// tail keeps the end of what a step wrote.
type tail struct {
	raw []byte
	cut bool
}

func (t *tail) write(data []byte) {
	t.raw = append(t.raw, data...)
	if over := len(t.raw) - keptBytes; over > 0 {
		t.raw, t.cut = append([]byte(nil), t.raw[over:]...), true
	}
}

// lines returns the last lines that are not blank, made printable, within both limits.
func (t *tail) lines() []string {
	text := string(t.raw)
	if t.cut {
		_, text, _ = strings.Cut(text, "\n") // the first line may begin within a control sequence
	}
	var lines []string
	budget := maxLogBytes
	all := strings.Split(text, "\n")
	for i := len(all) - 1; i >= 0 && len(lines) < maxLogLines && budget > 0; i-- {
		line := printable(lastWritten(all[i]), budget)
		if line == "" {
			continue
		}
		budget -= len(line)
		lines = append([]string{line}, lines...)
	}
	return lines
}

// lastWritten is what a terminal would show of a line that rewinds itself, as progress bars do.
func lastWritten(line string) string {
	line = strings.TrimRight(line, "\r")
	return line[strings.LastIndex(line, "\r")+1:]
}

// printable strips control characters and invalid text and keeps at most limit bytes.
func printable(s string, limit int) string {
	s = escapes.ReplaceAllString(strings.ToValidUTF8(s, ""), "")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	return shorten(strings.TrimSpace(s), limit)
}

func shorten(s string, limit int) string {
	const mark = "…"
	if len(s) <= limit {
		return s
	}
	end := max(limit-len(mark), 0)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + mark
}
