package safety

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/respin-dev/respin/internal/image"
)

// kebab is what the API takes for the name of a check.
var kebab = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)

func TestEveryCheckIsMadeOnceAndInOrder(t *testing.T) {
	c, facts := situation{app: layersOf([]entry{file("app", "x")})}.build(t)
	var got []Check
	for _, r := range Prove(c, facts, nil) {
		got = append(got, r.Check)
	}
	if !slices.Equal(got, Checks) {
		t.Errorf("got %v, want %v", got, Checks)
	}
}

func TestChecksAreNamedForAPolicy(t *testing.T) {
	seen := map[Check]bool{}
	for _, check := range Checks {
		if seen[check] || !kebab.MatchString(string(check)) {
			t.Errorf("%q is no name, or is there twice", check)
		}
		seen[check] = true
		if want := check != Layers && check != Platform; Waivable(check) != want {
			t.Errorf("%s can be waived: %v", check, !want)
		}
	}
	if Waivable("no-such-check") {
		t.Error("what is no check can be waived")
	}
}

func TestWhatIsWaived(t *testing.T) {
	rewrites := situation{new: fixed(), app: layersOf([]entry{file("etc/debian_version", "x")})}
	stranger := situation{change: func(c *Case) { c.App.DiffIDs[0] = "x" }}
	tests := map[string]struct {
		situation
		allow   []Check
		of      Check
		waived  bool
		allowed bool
	}{
		"nothing, where nothing is refused": {situation{new: fixed()}, nil, Paths, false, true},
		"nothing":                           {rewrites, nil, Paths, false, false},
		"another check":                     {rewrites, []Check{Links}, Paths, false, false},
		"the check":                         {rewrites, []Check{Links, Paths}, Paths, true, true},
		"a check that passed":               {rewrites, []Check{Links, Paths}, Links, false, true},
		"a check that nobody may waive":     {stranger, []Check{Layers}, Layers, false, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			tt.situation.allow = tt.allow
			results := tt.prove(t)
			var all []Result
			for _, r := range results {
				all = append(all, r)
			}
			if got := results[tt.of].Waived; got != tt.waived || Allowed(all) != tt.allowed {
				t.Errorf("waived: %v, allowed: %v: %s", got, Allowed(all), refusals(results))
			}
		})
	}
	if Allowed(nil) {
		t.Error("no proof at all is one")
	}
}

func TestWhatAProofNeeds(t *testing.T) {
	one, _ := situation{new: fixed(), app: layersOf([]entry{file("a", "x")})}.build(t)
	two, _ := situation{new: fixed(), app: layersOf([]entry{file("b", "x")})}.build(t)
	other, _ := situation{change: func(c *Case) { c.App.DiffIDs[0] = "x" }}.build(t)
	one.AppRef, two.AppRef = image.Reference{Repository: "app.example.com/one"}, image.Reference{Repository: "app.example.com/two"}
	one.NewRef, two.NewRef = image.Reference{Repository: "base.example.com/base"}, image.Reference{Repository: "base.example.com/base"}
	var got, want []string
	for _, need := range Needs([]Case{one, two, other}) {
		got = append(got, fmt.Sprint(need.Ref.Repository, need.DiffID, need.Layer.Digest))
	}
	for _, from := range []struct{ repository, id string }{
		{"app.example.com/one", one.OldBase.DiffIDs[0]}, {"app.example.com/one", one.App.DiffIDs[1]},
		{"base.example.com/base", one.NewBase.DiffIDs[0]}, {"app.example.com/two", two.App.DiffIDs[1]},
	} {
		want = append(want, fmt.Sprint(from.repository, from.id, "stored-"+from.id))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTheSameCaseGivesTheSameReasons(t *testing.T) {
	c, facts := situation{
		old: debian(numbered(50, "a")...), new: fixed(numbered(50, "b")...), app: layersOf(numbered(50, "c"), []entry{whiteout("usr"), symlink("x", "usr/bin")}),
	}.build(t)
	first := Prove(c, facts, nil)
	for range 5 {
		if again := Prove(c, facts, nil); !slices.Equal(first, again) {
			t.Fatalf("got %v and %v", first, again)
		}
	}
}
