package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"reflect"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/term"

	"github.com/respin-dev/respin/internal/plugin"
)

// display is what a watched tree is shown on: a terminal is drawn anew, anything else gets every change in turn.
type display struct {
	*status
	shown bool
	last  plugin.Tree
}

func (d *display) show(tree plugin.Tree, now time.Time) error {
	if d.screen && d.form == "" {
		return d.draw(tree, now)
	}
	if d.shown && reflect.DeepEqual(tree, d.last) {
		return nil
	}
	if d.shown && d.form != asJSON {
		separator := "\n"
		if d.form == asYAML {
			separator = "---\n"
		}
		if _, err := io.WriteString(d.out, separator); err != nil {
			return err
		}
	}
	d.shown, d.last = true, tree
	return d.print(d.out, tree, now)
}

const (
	clearAll  = "\x1b[2J"
	home      = "\x1b[H"
	clearLine = "\x1b[K"
	clearRest = "\x1b[J"
)

// draw writes the tree over the one before, as much of it as fits.
func (d *display) draw(tree plugin.Tree, now time.Time) error {
	var text bytes.Buffer
	if err := d.print(&text, tree, now); err != nil {
		return err
	}
	columns, rows := size(d.out)
	frame := home + strings.ReplaceAll(fit(text.String(), columns, rows), "\n", clearLine+"\n") + clearRest
	if !d.shown {
		frame = clearAll + frame
	}
	d.shown = true
	_, err := io.WriteString(d.out, frame)
	return err
}

// size is a terminal's, or a usual one where it does not tell.
func size(out io.Writer) (columns, rows int) {
	if file, ok := out.(*os.File); ok {
		if columns, rows, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 && rows > 0 {
			return columns, rows
		}
	}
	return 80, 24
}

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// fit leaves out the last lines of a text that is too long for a terminal, and says how many. A line that is too wide takes
// more than one row.
func fit(text string, columns, rows int) string {
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n")+"\n", "\n")
	lines = lines[:len(lines)-1]
	used, kept := 0, 0
	for _, line := range lines {
		long := utf8.RuneCountInString(strings.TrimSuffix(colours.ReplaceAllString(line, ""), "\n"))
		used += max(1, (long+columns-1)/columns)
		if used > rows-2 { // the last rows are for what was left out, and for the cursor
			break
		}
		kept++
	}
	if kept == len(lines) {
		return text
	}
	return strings.Join(lines[:kept], "") + fmt.Sprintf("… and %d lines more\n", len(lines)-kept)
}
