package main

import "testing"

func TestATreeIsCutToItsTerminal(t *testing.T) {
	for name, c := range map[string]struct {
		text          string
		columns, rows int
		want          string
	}{
		"one that fits":             {"a\nb\n", 10, 4, "a\nb\n"},
		"one that is too long":      {"a\nb\nc\nd\n", 10, 4, "a\nb\n… and 2 lines more\n"},
		"lines that take more rows": {"0123456789abc\nb\nc\n", 10, 4, "0123456789abc\n… and 2 lines more\n"},
		"colours that take no room": {"\x1b[31m0123456789\x1b[0m\nb\n", 10, 4, "\x1b[31m0123456789\x1b[0m\nb\n"},
		"nothing":                   {"\n", 10, 4, "\n"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := fit(c.text, c.columns, c.rows); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
