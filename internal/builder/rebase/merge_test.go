package rebase_test

import (
	"encoding/json"
	"reflect"
	"testing"
)

// merged rebases an app whose config's run part was old's and is app's now, and gives the result's run part. Own are the
// app's own history entries, beside the one of its layer.
func merged(t *testing.T, platform, old, app, new string, own ...string) string {
	t.Helper()
	w := newWorld(t)
	from := w.push(baseRepository, made{platform: platform, layers: []string{"a"}, run: old, history: []string{"ADD a", "-CMD base"}})
	to := w.push(baseRepository, made{platform: platform, layers: []string{"b"}, run: new, history: []string{"ADD b"}})
	source := w.push(appRepository, made{
		platform: platform, layers: []string{"a", "app"}, run: app,
		history: append([]string{"ADD a", "-CMD base", "COPY app"}, own...),
	})
	var config struct{ Config json.RawMessage }
	if err := json.Unmarshal(w.plan(request(source, from, to)).Images[0].Config, &config); err != nil {
		t.Fatal(err)
	}
	return string(config.Config)
}

// sameJSON compares two values whatever the order of their objects' keys is.
func sameJSON(t *testing.T, got, want string) {
	t.Helper()
	var a, b any
	if err := json.Unmarshal([]byte(got), &a); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if err := json.Unmarshal([]byte(want), &b); err != nil {
		t.Fatalf("%v: %s", err, want)
	}
	if !reflect.DeepEqual(a, b) {
		t.Errorf("got %s, want %s", got, want)
	}
}

// TestFieldsFollowTheBaseUnlessTheAppSetThem holds for every field that is merged as a whole.
func TestFieldsFollowTheBaseUnlessTheAppSetThem(t *testing.T) {
	for field, values := range map[string]struct{ one, two, three, explicit, classic string }{
		"User":        {`"root"`, `"app"`, `"65532"`, "-USER root", "-/bin/sh -c #(nop)  USER root"},
		"WorkingDir":  {`"/"`, `"/app"`, `"/home"`, "-WORKDIR /", "-/bin/sh -c #(nop) WORKDIR /"},
		"StopSignal":  {`"SIGTERM"`, `"SIGINT"`, `"SIGQUIT"`, "-STOPSIGNAL SIGTERM", "-/bin/sh -c #(nop)  STOPSIGNAL SIGTERM"},
		"Shell":       {`["/bin/sh","-c"]`, `["/bin/bash"]`, `["/bin/ash"]`, "-SHELL [/bin/sh -c]", "-cmd /S /C #(nop)  SHELL [/bin/sh -c]"},
		"Healthcheck": {`{"Test":["CMD","a"]}`, `{"Test":["NONE"]}`, `{"Test":["CMD","c"]}`, "-HEALTHCHECK {Test:[CMD a]}", "-/bin/sh -c #(nop)  HEALTHCHECK &{[\"CMD\"]}"},
		"Cmd":         {`["bash"]`, `["app"]`, `["sh"]`, `-CMD ["bash"]`, `-/bin/sh -c #(nop)  CMD ["bash"]`},
		"Entrypoint":  {`["/a"]`, `["/b"]`, `["/c"]`, `-ENTRYPOINT ["/a"]`, `-/bin/sh -c #(nop)  ENTRYPOINT ["/a"]`},
		"Tool.Field":  {`{"x":1}`, `[1.0]`, `"<&>"`, "", ""},
	} {
		object := func(value string) string {
			if value == "" {
				return "{}"
			}
			return `{"` + field + `":` + value + `}`
		}
		for name, test := range map[string]struct {
			old, app, new, want string
			own                 []string
		}{
			"left alone, and the same in the new base":        {old: values.one, app: values.one, new: values.one, want: values.one},
			"left alone, and changed in the base":             {old: values.one, app: values.one, new: values.two, want: values.two},
			"left alone, and new in the base":                 {new: values.two, want: values.two},
			"left alone, and gone from the base":              {old: values.one, app: values.one},
			"set by the app":                                  {old: values.one, app: values.two, new: values.one, want: values.two},
			"set by the app, and changed in the base":         {old: values.one, app: values.two, new: values.three, want: values.two},
			"set by the app, and new in the base":             {app: values.two, new: values.three, want: values.two},
			"removed by the app":                              {old: values.one, new: values.three},
			"emptied by the app":                              {old: values.one, app: "null", new: values.three, want: "null"},
			"empty in one spelling and not there in another":  {old: "null", new: values.three, want: values.three},
			"set to the same as in the base":                  {values.one, values.one, values.two, values.one, []string{values.explicit}},
			"set to the same as in the base, classic builder": {values.one, values.one, values.two, values.one, []string{values.classic}},
			"left alone, and something else set":              {values.one, values.one, values.two, values.two, []string{"-EXPOSE 80", "-RUN " + values.explicit}},
		} {
			if test.own != nil && values.explicit == "" {
				continue
			}
			t.Run(field+" "+name, func(t *testing.T) {
				got := merged(t, "", object(test.old), object(test.app), object(test.new), test.own...)
				sameJSON(t, got, object(test.want))
			})
		}
	}
}

func TestCommandsGoWithTheirEntrypoints(t *testing.T) {
	for name, test := range map[string]struct {
		old, app, new, want string
		own                 []string
	}{
		"a new entrypoint and a new command, both left alone": {
			old: `{"Entrypoint":["/a"],"Cmd":["1"]}`, app: `{"Entrypoint":["/a"],"Cmd":["1"]}`,
			new: `{"Entrypoint":["/b"],"Cmd":["2"]}`, want: `{"Entrypoint":["/b"],"Cmd":["2"]}`,
		},
		"the app's command on the base's new entrypoint": {
			old: `{"Entrypoint":["/a"],"Cmd":["1"]}`, app: `{"Entrypoint":["/a"],"Cmd":["app"]}`,
			new: `{"Entrypoint":["/b"],"Cmd":["2"]}`, want: `{"Entrypoint":["/b"],"Cmd":["app"]}`,
		},
		"an entrypoint of the app's, which took the base's command away": {
			old: `{"Cmd":["bash"]}`, app: `{"Entrypoint":["/app"]}`, new: `{"Cmd":["sh"]}`, want: `{"Entrypoint":["/app"]}`,
		},
		"an entrypoint of the app's that is the base's, which took its command away": {
			old: `{"Entrypoint":["/a"],"Cmd":["1"]}`, app: `{"Entrypoint":["/a"]}`, new: `{"Entrypoint":["/b"],"Cmd":["2"]}`,
			want: `{"Entrypoint":["/a"]}`, own: []string{`-ENTRYPOINT ["/a"]`},
		},
		"an entrypoint of the app's and no command anywhere, until the new base has one": {
			app: `{"Entrypoint":["/app"]}`, new: `{"Cmd":["sh"]}`, want: `{"Entrypoint":["/app"]}`,
		},
		"an entrypoint that the app took away": {
			old: `{"Entrypoint":["/a"],"Cmd":["1"]}`, app: `{"Cmd":["1"]}`, new: `{"Entrypoint":["/b"],"Cmd":["2"]}`,
			want: `{"Cmd":["1"]}`,
		},
		"a command in Windows's form goes with its mark": {
			old: `{"Cmd":["a"],"ArgsEscaped":true}`, app: `{"Cmd":["b"],"ArgsEscaped":true}`, new: `{"Cmd":["c"]}`,
			want: `{"Cmd":["b"],"ArgsEscaped":true}`,
		},
		"the base's new command goes with its mark": {
			old: `{"Cmd":["a"],"ArgsEscaped":true}`, app: `{"Cmd":["a"],"ArgsEscaped":true}`, new: `{"Cmd":["c"]}`,
			want: `{"Cmd":["c"]}`,
		},
		"a command that is spelled otherwise in JSON is the same": {
			old: `{"Cmd":["a\u0026b"]}`, app: `{"Cmd":["a&b"]}`, new: `{"Cmd":["c"]}`, want: `{"Cmd":["c"]}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			sameJSON(t, merged(t, "", test.old, test.app, test.new, test.own...), test.want)
		})
	}
}

func TestABasesTriggersArePassedDownByNobody(t *testing.T) {
	for name, test := range map[string]struct{ old, app, new, want string }{
		"they ran when the app was built":  {`{"OnBuild":["RUN a"]}`, `{}`, `{"OnBuild":["RUN b"]}`, `{}`},
		"the app's own stay":               {`{}`, `{"OnBuild":["RUN a"]}`, `{}`, `{"OnBuild":["RUN a"]}`},
		"the app's own, as the base's are": {`{"OnBuild":["RUN a"]}`, `{"OnBuild":["RUN a"]}`, `{"OnBuild":["RUN b"]}`, `{"OnBuild":["RUN a"]}`},
	} {
		t.Run(name, func(t *testing.T) { sameJSON(t, merged(t, "", test.old, test.app, test.new), test.want) })
	}
}
