// Package envfile writes the file that tells shells and tests where the
// cluster is.
package envfile

import (
	"os"
	"strings"
)

// Var is one line of the file.
type Var struct{ Key, Value string }

// path puts the cluster's own kubectl and buildctl first.
const path = `export PATH="$CLUSTER_BIN:$PATH"` + "\n"

// Render gives the file's text. Values are literal, quoted where a shell
// would otherwise change them; the line for PATH is the only exception.
func Render(vars []Var) string {
	var b strings.Builder
	for _, v := range vars {
		b.WriteString("export " + v.Key + "=" + quote(v.Value) + "\n")
	}
	b.WriteString(path)
	return b.String()
}

// Write replaces the file at once, so nobody reads half of it.
func Write(file string, vars []Var) error {
	next := file + ".next"
	if err := os.WriteFile(next, []byte(Render(vars)), 0o644); err != nil {
		return err
	}
	return os.Rename(next, file)
}

func quote(s string) string {
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// plain holds every character that means nothing to a shell.
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-:,+@%"
