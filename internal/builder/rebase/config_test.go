package rebase_test

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"github.com/respin-dev/respin/internal/builder"
)

// rebasedConfig gives the config of an app on a new base.
func rebasedConfig(t *testing.T, old, app, new made) map[string]json.RawMessage {
	t.Helper()
	w := newWorld(t)
	req := request(w.push(appRepository, app), w.push(baseRepository, old), w.push(baseRepository, new))
	var config map[string]json.RawMessage
	if err := json.Unmarshal(w.plan(req).Images[0].Config, &config); err != nil {
		t.Fatal(err)
	}
	return config
}

func TestHistoryIsTheNewBasesAndThenTheAppsOwn(t *testing.T) {
	for name, test := range map[string]struct {
		old, app, new []string
		layers        int // of the new base
		want          []string
	}{
		"an ordinary one": {
			old: []string{"ADD a", "-CMD a"}, app: []string{"ADD a", "-CMD a", "-ENV A=1", "COPY x"}, new: []string{"ADD b"},
			want: []string{"ADD b", "-ENV A=1", "COPY x"},
		},
		"a base with more layers": {
			old: []string{"ADD a"}, app: []string{"ADD a", "COPY x"}, new: []string{"ADD b", "RUN b", "-CMD b"}, layers: 2,
			want: []string{"ADD b", "RUN b", "-CMD b", "COPY x"},
		},
		"none anywhere":          {},
		"none of the app's":      {old: []string{"ADD a"}, new: []string{"ADD b"}},
		"none of the bases'":     {app: []string{"COPY x"}},
		"none of the old base's": {app: []string{"COPY x"}, new: []string{"ADD b"}, want: []string{"ADD b", "COPY x"}},
		"none of the new base's": {old: []string{"ADD a"}, app: []string{"ADD a", "COPY x"}},
		"the app's does not begin as the base's": {
			old: []string{"ADD a"}, app: []string{"squashed", "COPY x"}, new: []string{"ADD b"},
		},
		"a layer of the app's is not told of": {old: []string{"ADD a"}, app: []string{"ADD a", "-CMD x"}, new: []string{"ADD b"}},
		"more layers are told of than there are": {
			old: []string{"ADD a"}, app: []string{"ADD a", "COPY x"}, new: []string{"ADD b", "ADD c"},
		},
		"only steps without layers": {old: []string{"-A"}, app: []string{"-A", "-B"}, new: []string{"-C"}},
	} {
		t.Run(name, func(t *testing.T) {
			base := []string{"b", "c"}[:max(test.layers, 1)]
			config := rebasedConfig(t, made{layers: []string{"a"}, history: test.old},
				made{layers: []string{"a", "x"}, history: test.app}, made{layers: base, history: test.new})
			if got := instructions(t, config["history"]); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func instructions(t *testing.T, raw json.RawMessage) []string {
	t.Helper()
	var steps []struct {
		CreatedBy  string `json:"created_by"`
		EmptyLayer bool   `json:"empty_layer"`
	}
	if raw != nil {
		if err := json.Unmarshal(raw, &steps); err != nil {
			t.Fatal(err)
		}
	}
	var all []string
	for _, step := range steps {
		if step.EmptyLayer {
			step.CreatedBy = "-" + step.CreatedBy
		}
		all = append(all, step.CreatedBy)
	}
	return all
}

func TestHistoryEntriesKeepAllTheirFields(t *testing.T) {
	entry := `{"author":"me","comment":"buildkit.dockerfile.v0","created":"2026-01-02T03:04:05.000000006Z","created_by":"a && b <c>","x":1.50}`
	config := rebasedConfig(t, made{layers: []string{"a"}, top: `{"history":[` + entry + `]}`},
		made{layers: []string{"a", "x"}, top: `{"history":[` + entry + `,` + entry + `]}`},
		made{layers: []string{"b"}, top: `{"history":[` + entry + `]}`})
	if want := "[" + entry + "," + entry + "]"; string(config["history"]) != want {
		t.Errorf("got %s, want %s", config["history"], want)
	}
}

func TestTheTimeIsTheLaterOne(t *testing.T) {
	for name, test := range map[string]struct{ app, new, want string }{
		"the app is younger":           {`"2026-02-01T00:00:00Z"`, `"2026-01-01T00:00:00Z"`, `"2026-02-01T00:00:00Z"`},
		"the base is younger":          {`"2026-01-01T00:00:00Z"`, `"2026-02-01T00:00:00.5Z"`, `"2026-02-01T00:00:00.5Z"`},
		"they are written differently": {`"2026-01-01T01:00:00+02:00"`, `"2026-01-01T00:00:00Z"`, `"2026-01-01T00:00:00Z"`},
		"the app has none":             {"null", `"2026-01-01T00:00:00Z"`, `"2026-01-01T00:00:00Z"`},
		"the app has one that is none": {`"today"`, `"2026-01-01T00:00:00Z"`, `"2026-01-01T00:00:00Z"`},
		"the base has none":            {`"2026-01-01T00:00:00Z"`, "null", `"2026-01-01T00:00:00Z"`},
		"neither has one":              {"null", "null", ""},
	} {
		t.Run(name, func(t *testing.T) {
			at := func(created string) string { return `{"created":` + created + `}` }
			config := rebasedConfig(t, made{layers: []string{"a"}},
				made{layers: []string{"a", "x"}, top: at(test.app)}, made{layers: []string{"b"}, top: at(test.new)})
			if got := string(config["created"]); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestFieldsBesideWhatIsRun(t *testing.T) {
	for name, test := range map[string]struct {
		old, app, new string
		key, want     string
		own           []string
	}{
		"an author left alone follows the base":        {old: `{"author":"a"}`, app: `{"author":"a"}`, new: `{"author":"b"}`, key: "author", want: `"b"`},
		"an author of the app's stays":                 {old: `{"author":"a"}`, app: `{"author":"x"}`, new: `{"author":"b"}`, key: "author", want: `"x"`},
		"an author set to the same stays":              {old: `{"author":"a"}`, app: `{"author":"a"}`, new: `{"author":"b"}`, key: "author", want: `"a"`, own: []string{"-MAINTAINER a"}},
		"Windows's build is the new base's":            {old: `{"os.version":"10.0.1.1"}`, app: `{"os.version":"10.0.1.1"}`, new: `{"os.version":"10.0.1.2"}`, key: "os.version", want: `"10.0.1.2"`},
		"features of the system are the new base's":    {app: `{"os.features":["a"]}`, new: `{"os.features":["b"]}`, key: "os.features", want: `["b"]`},
		"features of the system that are gone":         {app: `{"os.features":["a"]}`, new: `{}`, key: "os.features"},
		"a variant that only the new base names":       {new: `{"variant":"v1"}`, key: "variant", want: `"v1"`},
		"a variant that the app names":                 {app: `{"variant":"v1"}`, new: `{}`, key: "variant", want: `"v1"`},
		"a field that nobody knows, of the app's":      {app: `{"x":{"b":1e2,"a":["<"]}}`, key: "x", want: `{"b":1e2,"a":["<"]}`},
		"a field that nobody knows, of the base's":     {old: `{"x":1}`, app: `{"x":1}`, new: `{"x":12345678901234567890}`, key: "x", want: `12345678901234567890`},
		"BuildKit's cache is not true any more":        {app: `{"moby.buildkit.cache.v0":"e30="}`, key: "moby.buildkit.cache.v0"},
		"nor is the container that it was made in":     {app: `{"container_config":{"Env":["A=1"]}}`, key: "container_config"},
		"nor is its parent":                            {app: `{"parent":"sha256:1"}`, new: `{"parent":"sha256:2"}`, key: "parent"},
		"the version of Docker that made it is kept":   {app: `{"docker_version":"20.10"}`, new: `{"docker_version":"19.03"}`, key: "docker_version", want: `"20.10"`},
		"no history appears where there was none":      {app: `{"history":null}`, new: `{"history":[]}`, key: "history"},
		"the layers' unknown fields are not true":      {app: `{"rootfs":{"type":"layers","diff_ids":["` + diffID("a") + `","` + diffID("x") + `"],"y":1}}`, key: "rootfs", want: `{"diff_ids":["` + diffID("b") + `","` + diffID("x") + `"],"type":"layers"}`},
		"what is run is there even if it says nothing": {key: "config", want: `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			old := made{layers: []string{"a"}, top: test.old}
			app := made{layers: []string{"a", "x"}, top: test.app}
			if test.own != nil {
				app.history = append([]string{"COPY"}, test.own...)
			}
			config := rebasedConfig(t, old, app, made{layers: []string{"b"}, top: test.new})
			if got := string(config[test.key]); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestARequestThatMakesNoSenseSaysWhatToWrite(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*builder.Request)
		field  string
	}{
		"a source without a digest":   {func(r *builder.Request) { r.Source.Digest = "" }, "Source"},
		"a base without a digest":     {func(r *builder.Request) { r.Base.To = "" }, "Base.To"},
		"a base with two digests":     {func(r *builder.Request) { r.Base.Reference += "@" + r.Base.To }, "Base.Reference"},
		"a base that is no reference": {func(r *builder.Request) { r.Base.Reference = "A B" }, "Base.Reference"},
		"an output with a digest":     {func(r *builder.Request) { r.Output += "@" + r.Base.To }, "Output"},
		"no output":                   {func(r *builder.Request) { r.Output = "" }, "Output"},
		"no old base":                 {func(r *builder.Request) { r.Base.From = nil }, "Base.From"},
		"an old base that is a tag":   {func(r *builder.Request) { r.Base.From = []string{"12"} }, "Base.From"},
		"an old base for no platform": {func(r *builder.Request) { r.Base.FromPlatforms = map[string]string{"x": r.Base.To} }, "Base.FromPlatforms"},
		"a platform that is none":     {func(r *builder.Request) { r.Platforms = []string{"linux"} }, "Platforms"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			base := w.push(baseRepository, made{layers: []string{"a"}})
			req := request(w.push(appRepository, made{layers: []string{"a", "x"}}), base, base)
			test.change(&req)
			_, err := w.builder().Plan(t.Context(), req)
			var wrong *builder.RequestError
			if !errors.As(err, &wrong) || wrong.Field != test.field {
				t.Errorf("got %v, want an error about %s", err, test.field)
			}
			if len(w.requests) != 0 {
				t.Errorf("it asked %q", w.requests)
			}
		})
	}
}

func TestPinGivesBackWhatItIsGiven(t *testing.T) {
	const context = "https://git.example.com/a.git#main"
	if got, err := newWorld(t).builder().Pin(t.Context(), context); got != context || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
}
