package architecture

import (
	"fmt"
	"go/ast"
	"slices"
	"strings"
	"testing"
)

// pure are the rooms whose functions take the time as an argument, so that a test can say what it is.
var pure = []string{"internal/image", "internal/plan", "internal/plugin", "internal/restart"}

// clocks are what of package time depends on when it is called.
var clocks = []string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTicker", "NewTimer", "Sleep"}

func TestDecisionsReadNoClock(t *testing.T) {
	for _, s := range sources(t) {
		if s.test || !slices.ContainsFunc(pure, func(p string) bool { return within(s.folder, p) }) {
			continue
		}
		for _, use := range clockUses(s) {
			t.Errorf("%s: a pure function takes the time as an argument", use)
		}
	}
}

func TestClocksAreCaught(t *testing.T) {
	for name, wrong := range map[string]struct{ code, want string }{
		"called":              {`import "time"; var t = time.Now()`, "time.Now"},
		"as a value":          {`import "time"; var now = time.Now`, "time.Now"},
		"under another name":  {`import clock "time"; var d = clock.Since(clock.Time{})`, "time.Since"},
		"a timer":             {`import "time"; func f() { <-time.After(1) }`, "time.After"},
		"only a length":       {`import "time"; const d = time.Second`, ""},
		"somebody else's Now": {`var s struct{ Now func() }; func f() { s.Now() }`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := clockUses(parse(t, "internal/plan/wrong.go", "package plan\n"+wrong.code))
			if (wrong.want == "") != (len(got) == 0) || !strings.Contains(fmt.Sprint(got), wrong.want) {
				t.Errorf("got %q, want %q", got, wrong.want)
			}
		})
	}
}

// clockUses says where a file names a clock of package time.
func clockUses(s source) []string {
	name := localName(s.file, "time")
	var uses []string
	ast.Inspect(s.file, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		from, ok := selector.X.(*ast.Ident)
		if ok && name != "" && from.Name == name && slices.Contains(clocks, selector.Sel.Name) {
			uses = append(uses, fmt.Sprintf("%s:%d uses time.%s", s.path, s.set.Position(n.Pos()).Line, selector.Sel.Name))
		}
		return true
	})
	return uses
}

// localName is the name by which a file knows a package of the standard library; empty if it does not import it.
func localName(file *ast.File, path string) string {
	for _, spec := range file.Imports {
		if spec.Path.Value != `"`+path+`"` {
			continue
		}
		if spec.Name != nil {
			return spec.Name.Name
		}
		return path
	}
	return ""
}
