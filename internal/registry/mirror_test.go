package registry

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// mirroring is a registry and a mirror of it, of which both ask for passwords of their own.
func mirroring(t *testing.T) (own, mirror *fake, option func(*Options)) {
	own, mirror = newFake(t), newFake(t)
	newDoorman(own).basic = true
	d := newDoorman(mirror)
	d.basic, d.password = true, "hunter3"
	return own, mirror, func(o *Options) {
		o.PlainHTTP = []string{own.host, mirror.host}
		o.Mirrors = map[string][]string{own.host: {mirror.host + "/hub"}}
	}
}

var mirrorsOwn = Credential{Username: "me", Password: "hunter3"}

func TestMirrorsAreAskedForWhatADigestNames(t *testing.T) {
	own, mirror, option := mirroring(t)
	stored := own.putImage("1", "amd64")
	for name, tt := range map[string]struct {
		what   string
		change func(*Options)
		mirror http.HandlerFunc
		asked  [2]int // the mirror and the registry, pings apart
	}{
		"a manifest that the mirror has":           {"manifests/" + stored.Digest, nil, status(200, ""), [2]int{1, 0}},
		"one that it does not have":                {"manifests/" + stored.Digest, nil, status(404, ""), [2]int{1, 1}},
		"one that it does not give":                {"manifests/" + stored.Digest, nil, status(403, ""), [2]int{1, 1}},
		"a mirror in trouble, which is left alone": {"manifests/" + stored.Digest, nil, status(500, ""), [2]int{1, 1}},
		"a mirror that wants to be left alone":     {"manifests/" + stored.Digest, nil, status(429, ""), [2]int{1, 1}},
		"a tag":                                    {"manifests/1", nil, status(200, ""), [2]int{0, 1}},
		"a tag, where mirrors are asked for those": {"manifests/1", func(o *Options) { o.MirrorTags = true }, status(200, ""), [2]int{1, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			c := as(t, own.client(func(o *Options) {
				option(o)
				if tt.change != nil {
					tt.change(o)
				}
			}), Access{Pull: ring{own.host: me, mirror.host + "/hub/app": mirrorsOwn}})
			admit := newDoorman(mirror)
			admit.basic, admit.password = true, "hunter3"
			mirror.fault = func(w http.ResponseWriter, r *http.Request) bool {
				if !admit.handle(w, r) {
					tt.mirror(w, r)
				}
				return true
			}
			answer, err := c.request(t.Context(), own.ref("app:1"), http.MethodGet, tt.what)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if got := [2]int{calls(mirror, "/v2/hub/app/"), calls(own, "/v2/app/")}; got != tt.asked {
				t.Errorf("asked %d times, want %d", got, tt.asked)
			}
		})
	}
	for _, f := range []*fake{own, mirror} {
		want := map[*fake]string{own: me.basic(), mirror: mirrorsOwn.basic()}[f]
		if shown := slices.Compact(f.proofs()); !slices.Equal(shown, []string{want}) {
			t.Errorf("shown %q, want %q alone", shown, want)
		}
	}
}

// calls counts what was asked of a repository since it was last looked.
func calls(f *fake, repository string) int {
	count := 0
	for _, asked := range f.requests() {
		if strings.Contains(asked, repository) {
			count++
		}
	}
	return count
}

func TestMirrorsAreNotWrittenToNorLookedAtForOnesOwnPush(t *testing.T) {
	own, mirror, option := mirroring(t)
	c := as(t, own.client(option, func(o *Options) { o.MirrorTags = true }), Access{Pull: ring{"": me}})
	answer, err := c.do(t.Context(), own.ref("app:1"), call{
		method: http.MethodPost, what: "blobs/uploads/", push: true, accept: []int{http.StatusAccepted},
	})
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	if _, found, err := c.Find(t.Context(), own.ref("app:1")); found || err != nil {
		t.Errorf("got %v, %v", found, err)
	}
	// What is there already is looked for where it is to be written.
	there := call{method: http.MethodHead, what: "blobs/" + diffID("x", 0), push: true}
	if _, err := c.do(t.Context(), own.ref("app:1"), there); KindOf(err) != NotFound {
		t.Errorf("got %v", err)
	}
	if asked := mirror.requests(); len(asked) > 0 {
		t.Errorf("the mirror was asked %q", asked)
	}
}

func TestAMirrorThatIsNotThereIsNotTriedForAWhile(t *testing.T) {
	own, mirror, option := mirroring(t)
	stored, clock := own.putImage("1", "amd64"), newClock()
	mirror.Close()
	c := as(t, own.client(option, clock.option), Access{Pull: ring{own.host: me}})
	look := func() {
		t.Helper()
		answer, err := c.request(t.Context(), own.ref("app:1"), http.MethodGet, "manifests/"+stored.Digest)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
	}
	look()
	if until, ok := c.resting.get(key(mirror.host)); !ok || !until.Equal(clock.now().Add(mirrorRest)) {
		t.Errorf("it rests until %s", until)
	}
	look()
	clock.advance(mirrorRest + time.Second)
	look()
	if until, _ := c.resting.get(key(mirror.host)); !until.Equal(clock.now().Add(mirrorRest)) {
		t.Errorf("it is not tried again: it rests until %s", until)
	}
}

func TestAnswersOfMirrorsAreOfTheirRightsToo(t *testing.T) {
	own, mirror, option := mirroring(t)
	parent, ref := own.client(option), own.ref("app:1")
	one := as(t, parent, Access{Pull: ring{mirror.host: mirrorsOwn}})
	other := as(t, parent, Access{Pull: ring{mirror.host: me}})
	if one.key("x", ref, "") == other.key("x", ref, "") || one.key("x", ref, "") == parent.key("x", ref, "") {
		t.Error("an answer is shared by those whom a mirror tells apart")
	}
	if same := as(t, parent, Access{Pull: ring{mirror.host + "/hub": mirrorsOwn}}); same.key("x", ref, "") != one.key("x", ref, "") {
		t.Error("an answer is not shared by those with the same rights")
	}
}

func TestMirrorsAreCheckedWhenTheyAreListed(t *testing.T) {
	for name, tt := range map[string]struct {
		host, mirror string
		says         string
	}{
		"a host":                       {"docker.io", "mirror.example", ""},
		"a host with a prefix":         {"docker.io", "mirror.example:5000/docker/hub", ""},
		"a URL":                        {"docker.io", "https://mirror.example", "is not a mirror"},
		"a prefix alone":               {"docker.io", "hub", "is not a mirror"},
		"capitals":                     {"docker.io", "mirror.example/Hub", "is not a mirror"},
		"a slash at the end":           {"docker.io", "mirror.example/", "is not a mirror"},
		"nothing":                      {"docker.io", "", "is not a mirror"},
		"of another spelling":          {"index.docker.io", "mirror.example", "not a registry's host"},
		"of a repository":              {"docker.io/library", "mirror.example", "not a registry's host"},
		"of a URL":                     {"https://docker.io", "mirror.example", "not a registry's host"},
		"of a name that is no host's ": {"hub", "mirror.example", "not a registry's host"},
	} {
		err := Options{Mirrors: map[string][]string{tt.host: {tt.mirror}}}.Check()
		if (err == nil) != (tt.says == "") || err != nil && !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
