package architecture

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// root is the repository, from here.
const root = "../.."

// module is the operator's module, which these packages' import paths begin with.
const module = "github.com/respin-dev/respin"

// source is one Go file of the repository.
type source struct {
	path    string // from the root, with slashes
	folder  string
	test    bool
	written bool // by a person, not by a generator
	file    *ast.File
	set     *token.FileSet
}

// imports are the file's import paths.
func (s source) imports() []string {
	var paths []string
	for _, spec := range s.file.Imports {
		if path, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, path)
		}
	}
	return paths
}

// lines is how many lines a node spans.
func (s source) lines(n ast.Node) int {
	return s.set.Position(n.End()).Line - s.set.Position(n.Pos()).Line + 1
}

// parse reads one file. The name is where it is, from the root.
func parse(t *testing.T, name string, content any) source {
	t.Helper()
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, filepath.Join(root, name), content, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	return source{
		path: name, folder: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
		written: !ast.IsGenerated(file), file: file, set: set,
	}
}

// sources reads every Go file of the repository, those of the modules in hack/ too.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	walk(t, func(name string, entry fs.DirEntry) {
		if !entry.IsDir() && strings.HasSuffix(name, ".go") {
			all = append(all, parse(t, name, nil))
		}
	})
	return all
}

// walk visits all that is in the repository, but not what Git, make and go test keep there.
func walk(t *testing.T, visit func(name string, entry fs.DirEntry)) {
	t.Helper()
	err := filepath.WalkDir(root, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || at == root {
			return err
		}
		if entry.IsDir() && kept(entry.Name()) {
			return fs.SkipDir
		}
		name, err := filepath.Rel(root, at)
		visit(filepath.ToSlash(name), entry)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func kept(folder string) bool {
	return strings.HasPrefix(folder, ".") || folder == "bin" || folder == "testdata"
}
