package architecture

import (
	"go/ast"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
)

const (
	longestFile      = 400 // lines
	longestReconcile = 60
	medianFunction   = 12 // the median is below it
)

// vague are names that say nothing of what is in a folder.
var vague = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared"}

// topLevel is all that the repository's root may hold, beside what begins with a dot.
var topLevel = []string{
	"api", "controllers", "cmd", "config", "hack", "test", "internal", "docs",
	"go.mod", "go.sum", "Makefile", "PROJECT", "Dockerfile", "README.md", "CONTRIBUTING.md", "LICENSE",
	"bin", // which Git ignores
}

func TestFilesAreShort(t *testing.T) {
	for _, s := range sources(t) {
		if lines := s.set.File(s.file.FileStart).LineCount(); s.written && lines > longestFile {
			t.Errorf("%s has %d lines: split it, so that no file has more than %d", s.path, lines, longestFile)
		}
	}
}

func TestReconcilersReadAsTablesOfContents(t *testing.T) {
	each(t, func(s source, f *ast.FuncDecl) {
		if lines := s.lines(f); f.Name.Name == "Reconcile" && lines > longestReconcile {
			t.Errorf("Reconcile in %s has %d lines: give its phases functions, so that it has at most %d", s.path, lines, longestReconcile)
		}
	})
}

func TestTheMedianFunctionIsShort(t *testing.T) {
	var lengths []int
	each(t, func(s source, f *ast.FuncDecl) { lengths = append(lengths, s.lines(f)) })
	slices.Sort(lengths)
	if median := lengths[len(lengths)/2]; median >= medianFunction {
		t.Errorf("the median of %d functions has %d lines, want less than %d", len(lengths), median, medianFunction)
	}
}

func TestFoldersSayWhatIsInThem(t *testing.T) {
	walk(t, func(name string, entry fs.DirEntry) {
		if entry.IsDir() && slices.Contains(vague, entry.Name()) {
			t.Errorf("%s: name the folder after what it is about", name)
		}
	})
}

func TestTheTopLevelHoldsOnlyWhatBelongsThere(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && !slices.Contains(topLevel, e.Name()) {
			t.Errorf("%s does not belong on the top level: the design lists what does", e.Name())
		}
	}
}

// each visits every function that a person wrote, but not those of tests.
func each(t *testing.T, visit func(source, *ast.FuncDecl)) {
	t.Helper()
	for _, s := range sources(t) {
		for _, declaration := range s.file.Decls {
			if f, ok := declaration.(*ast.FuncDecl); ok && s.written && !s.test {
				visit(s, f)
			}
		}
	}
}
