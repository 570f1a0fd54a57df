// Package screen tells a story on a terminal, or in a log: chapters, and tasks with their progress and their time.
package screen

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// Screen is where the story is told. On a terminal the task under way has a line that moves; elsewhere, a line from
// time to time.
type Screen struct {
	out      io.Writer
	width    func() int
	live     bool
	color    bool
	chapters int
}

// New tells the story to a file, and asks it whether it is a terminal. NO_COLOR is respected.
func New(out *os.File) *Screen {
	fd := int(out.Fd())
	live := term.IsTerminal(fd) && os.Getenv("TERM") != "dumb"
	return &Screen{out: out, live: live, color: live && os.Getenv("NO_COLOR") == "", width: func() int {
		width, _, err := term.GetSize(fd)
		if err != nil || width < 20 {
			return 80
		}
		return width
	}}
}

// Chapter begins the next chapter.
func (s *Screen) Chapter(title string) {
	s.chapters++
	fmt.Fprintf(s.out, "\n%s\n", s.paint(bold, fmt.Sprintf("%d. %s", s.chapters, title)))
}

// Heading begins a part without a number.
func (s *Screen) Heading(title string) {
	fmt.Fprintf(s.out, "\n%s\n", s.paint(bold, title))
}

// Say prints a sentence.
func (s *Screen) Say(format string, args ...any) {
	s.lines("   ", "", fmt.Sprintf(format, args...))
}

// Quote prints text that is shown for what it is, such as a file or a command.
func (s *Screen) Quote(text string) {
	s.lines("   │ ", dim, text)
}

// Plain prints text as it is.
func (s *Screen) Plain(text string) {
	s.lines("", "", text)
}

func (s *Screen) lines(prefix string, c color, text string) {
	for _, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		fmt.Fprintln(s.out, s.paint(c, strings.TrimRight(prefix+line, " ")))
	}
}

// color is a terminal's code for a color; empty for none.
type color string

const (
	bold  color = "1"
	dim   color = "2"
	red   color = "31"
	green color = "32"
)

func (s *Screen) paint(c color, text string) string {
	if !s.color || c == "" || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}
