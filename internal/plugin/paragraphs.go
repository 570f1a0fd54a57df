package plugin

import (
	"strings"
)

const (
	labelWidth = 9
	lineWidth  = 100
)

// paragraphs is text in paragraphs, each with a label at its left.
type paragraphs struct{ text strings.Builder }

// lead writes sentences without a label.
func (p *paragraphs) lead(sentences ...string) {
	for _, line := range wrap(strings.Join(sentences, " "), lineWidth) {
		p.text.WriteString(line + "\n")
	}
}

func (p *paragraphs) gap() { p.text.WriteString("\n") }

// say writes a paragraph: each of its parts begins a line. Empty parts are left out, and a paragraph without any is, too.
func (p *paragraphs) say(label string, parts ...string) {
	for _, part := range parts {
		for _, line := range wrap(part, lineWidth-labelWidth) {
			p.line(label, line)
			label = ""
		}
	}
}

// line writes one line as it is, however long.
func (p *paragraphs) line(label, line string) {
	p.text.WriteString(label + pad(labelWidth-width(label)) + line + "\n")
}

// indented writes text below a line, by that many characters farther to the right than paragraphs are.
func (p *paragraphs) indented(text string, by int) {
	for _, line := range wrap(text, lineWidth-labelWidth-by) {
		p.line("", pad(by)+line)
	}
}

// wrap breaks text into lines of at most that many characters, where its words allow it. Line breaks in it stay.
func wrap(text string, limit int) []string {
	var lines []string
	for paragraph := range strings.Lines(text) {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			if line != "" && width(line)+1+width(word) > limit {
				lines, line = append(lines, line), ""
			}
			line = strings.TrimPrefix(line+" "+word, " ")
		}
		if line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}
