package safety

import (
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/image"
)

func TestAccounts(t *testing.T) {
	people := func(passwd, group string) []entry {
		return debian(file("etc/passwd", passwd), file("etc/group", group))
	}
	old := people("root:x:0:0::/:/bin/sh\nnode:x:1000:1001::/:/bin/sh\n", "root:x:0:\nnode:x:1001:\n")
	moved := people("root:x:0:0::/:/bin/sh\nnode:x:2000:2001::/:/bin/sh\n", "root:x:0:\nnode:x:2001:\n")
	on := func(new []entry, app ...entry) situation { return situation{old: old, new: new, app: layersOf(app)} }
	user := func(name string) situation {
		return situation{old: old, new: moved, change: func(c *Case) { c.App.Config.User = name }}
	}
	expect(t, Accounts, map[string]expectation{
		"the same accounts": {situation: on(old, file("app", "x").owner(1000, 1001)), passed: "the same number"},
		"one more": {
			situation: on(people("root:x:0:0::/:/bin/sh\nnode:x:1000:1001::/:/bin/sh\nnew:x:5:5::/:/x\n", "root:x:0:\nnode:x:1001:\n"), file("app", "x").owner(1000, 0)), passed: "the same number",
		},
		"an owner that has another number": {
			situation: on(moved, file("app", "x").owner(1000, 0)), refused: `has /app owned by the account "node", whose number the new base changed; declare a build, or allow accounts`,
		},
		"a group that has another number": {situation: on(moved, file("app", "x").owner(0, 1001)), refused: `"node"`},
		"an owner that the new base lost": {situation: on(people("root:x:0:0::/:/bin/sh\n", "root:x:0:\nnode:x:1001:\n"), file("app", "x").owner(1000, 0)), refused: `"node"`},
		"an owner of a deleted file":      {situation: on(moved, whiteout("srv/data/one").owner(1000, 0)), passed: "none of the accounts"},
		"an owner that nobody has":        {situation: on(moved, file("app", "x").owner(7, 7)), passed: "none of the accounts"},
		"a directory of the base that is theirs": {
			situation: situation{old: append(old, dir("home").owner(1000, 1001)), new: append(moved, dir("home").owner(1000, 1001)), app: layersOf([]entry{dir("home").owner(1000, 1001), file("home/x", "x")})},
			passed:    "none of the accounts",
		},
		"a user by name":                       {situation: user("node"), refused: `the image runs as the user "node"`},
		"a user and a group by name":           {situation: user("0:node"), refused: `the image runs as the user "node"`},
		"a user by number":                     {situation: user("1000"), passed: "none of the accounts"},
		"bases without accounts":               {situation: situation{old: []entry{file("x", "x")}, new: []entry{file("x", "y")}}, passed: "the same number"},
		"a file of accounts that is too large": {situation: on(people(strings.Repeat("x", 300_000), "")), refused: "too large"},
	})
}

func TestWhatStepsStartFrom(t *testing.T) {
	bases := func(set func(c *image.Config, value string), old, new string, app ...[]entry) situation {
		return situation{app: app, change: func(c *Case) {
			set(&c.OldBase.Config, old)
			set(&c.NewBase.Config, new)
			set(&c.App.Config, old)
		}}
	}
	user := func(c *image.Config, value string) { c.User = value }
	folder := func(c *image.Config, value string) { c.WorkingDir = value }
	shell := func(c *image.Config, value string) { c.Shell = strings.Fields(value) }
	onBuild := func(c *image.Config, value string) { c.OnBuild = strings.Fields(value) }
	step := []entry{file("app", "x")}
	expect(t, User, map[string]expectation{
		"the same":                      {situation: bases(user, "www", "www", step), passed: `USER is "www" in both`},
		"root, by other names":          {situation: bases(user, "", "0", step), passed: `USER is "root" in both`},
		"another one":                   {situation: bases(user, "www", "node", step), refused: `USER is "www" in the old base and "node" in the new one`},
		"another one, and no own steps": {situation: bases(user, "www", "node"), passed: "no layers of its own"},
	})
	expect(t, WorkingDirectory, map[string]expectation{
		"the same":                      {situation: bases(folder, "/srv", "/srv", step), passed: `"/srv" in both`},
		"the root, or nothing":          {situation: bases(folder, "", "/", step), passed: `"/" in both`},
		"another one":                   {situation: bases(folder, "/srv", "/opt", step), refused: `WORKDIR is "/srv" in the old base and "/opt"`},
		"another one, and no own steps": {situation: bases(folder, "/srv", "/opt"), passed: "no layers of its own"},
		"another one, and one below it": {situation: situation{change: func(c *Case) {
			c.OldBase.Config.WorkingDir, c.NewBase.Config.WorkingDir, c.App.Config.WorkingDir = "/srv", "/opt", "/srv/x"
		}}, refused: `the image's own "/srv/x" may be relative`},
	})
	expect(t, Shell, map[string]expectation{
		"the same":    {situation: bases(shell, "/bin/bash -c", "/bin/bash -c"), passed: "the same shell"},
		"another one": {situation: bases(shell, "/bin/bash -c", "/bin/sh -c"), refused: `SHELL is ["/bin/bash" "-c"] in the old base and ["/bin/sh" "-c"]`},
	})
	expect(t, OnBuild, map[string]expectation{
		"the same": {situation: bases(onBuild, "RUN", "RUN"), passed: "the same 1 ONBUILD"},
		"one more": {situation: bases(onBuild, "", "RUN"), refused: "different ONBUILD triggers, 0 and 1"},
	})
}

func TestEnvironment(t *testing.T) {
	env := func(app, old, new string) situation {
		return situation{change: func(c *Case) {
			c.App.Config.Env, c.OldBase.Config.Env, c.NewBase.Config.Env = strings.Split(app, "|"), strings.Split(old, "|"), strings.Split(new, "|")
		}}
	}
	with := func(s situation, also func(*image.Config)) situation {
		first := s.change
		s.change = func(c *Case) { first(c); also(&c.App.Config) }
		return s
	}
	wrote := func(s situation, e entry) situation {
		s.app = layersOf([]entry{e})
		return s
	}
	version := env("V=1.2.3", "V=1.2.3", "V=1.2.4")
	expect(t, Environment, map[string]expectation{
		"nothing changed":                     {situation: env("A=1|B=x1", "A=1", "A=1|C=2"), passed: "nothing of the 0 variables"},
		"a variable that follows":             {situation: version, passed: "nothing of the 1 variables"},
		"a search path with more in it":       {situation: env("PATH=/app:/bin:/x", "PATH=/bin", "PATH=/sbin:/bin"), passed: "nothing of the 1"},
		"a search path of its own":            {situation: env("PATH=/app", "PATH=/bin", "PATH=/sbin"), passed: "nothing of the 1"},
		"a search path that has it twice":     {situation: env("PATH=/base:/app:/base", "PATH=/base", "PATH=/new"), refused: `"PATH" holds the old base's value`},
		"a search path that has a part of it": {situation: env("PATH=/base/bin:/app", "PATH=/base", "PATH=/new"), refused: `"PATH" holds`},
		"a variable that is gone":             {situation: env("PATH=/app:/base", "PATH=/base", "X=1"), refused: `"PATH" holds`},
		"a variable that the app took":        {situation: env("X=1", "PATH=/base", "PATH=/new"), passed: "nothing of the 1"},
		"another variable made of it":         {situation: env("V=1|HOME=/opt/app-1", "V=1", "V=2"), refused: `the image's "HOME" holds the old base's value of "V", which the new base changed; declare`},
		"another variable with its digit":     {situation: env("V=1|PORT=8100", "V=1", "V=2"), passed: "nothing of the 1"},
		"another one within a word":           {situation: env("V=1.2.3|X=v1.2.3x", "V=1.2.3", "V=1.2.4"), refused: `"X" holds`},
		"another one that the base had":       {situation: env("V=1.2.3|X=v1.2.3", "V=1.2.3|X=v1.2.3", "V=1.2.4|X=v1.2.4"), passed: "nothing of the 2"},
		"a label made of it":                  {situation: with(version, func(c *image.Config) { c.Labels = map[string]string{"v": "1.2.3"} }), refused: `the image's "label v"`},
		"a directory made of it":              {situation: with(version, func(c *image.Config) { c.WorkingDir = "/opt/1.2.3" }), refused: `"WORKDIR"`},
		"a list with a part like it":          {situation: env("PATH=/app/bin:/bin", "PATH=/bin", "PATH=/sbin"), passed: "nothing of the 1"},
		"a file that says it":                 {situation: wrote(version, file("app/v", "1.2.3\n")), refused: `layer 1 of 1 holds /app/v, which says the old base's value of "V"`},
		"a file that has it":                  {situation: wrote(version, file("app/v", "v=1.2.3\n")), passed: "nothing of the 1"},
		"a path made of it":                   {situation: wrote(version, file("opt/app-1.2.3/run", "x")), refused: `writes /opt/app-1.2.3/run, whose name has`},
		"an empty variable":                   {situation: env("V=|X=", "V=", "V=2"), passed: "nothing of the 0"},
	})
}

func TestHistory(t *testing.T) {
	command := func(app, old, new string, makers ...string) situation {
		return situation{makers: makers, app: layersOf([]entry{file("app", "x")}), change: func(c *Case) {
			c.App.Config.Cmd, c.OldBase.Config.Cmd, c.NewBase.Config.Cmd = []string{app}, []string{old}, []string{new}
		}}
	}
	expect(t, History, map[string]expectation{
		"it is there":                              {situation: command("a", "a", "b", "COPY"), passed: "tells what it says itself"},
		"it is not there":                          {situation: command("a", "a", "b"), refused: "the new base changed CMD, and the image has no history"},
		"it is not there, and nothing changed":     {situation: command("a", "a", "a"), passed: "the image has no history"},
		"it is not there, and the app has its own": {situation: command("c", "a", "b"), passed: "the image has no history"},
		"it does not begin with the base's": {situation: situation{app: layersOf(nil), makers: []string{"COPY"}, change: func(c *Case) {
			c.App.Config.History[0].CreatedBy, c.NewBase.Config.Entrypoint = "other", []string{"x"}
		}}, refused: "the new base changed ENTRYPOINT"},
		"the base's itself": {situation: situation{change: func(c *Case) { c.NewBase.Config.Entrypoint = []string{"x"} }}, passed: "its base's"},
	})
}

func TestInstructions(t *testing.T) {
	tests := map[string]struct{ createdBy, want string }{
		"BuildKit's":               {"COPY app /app # buildkit", "COPY"},
		"BuildKit's, of a step":    {"RUN /bin/sh -c apt-get update # buildkit", "RUN"},
		"BuildKit's, with a value": {"RUN |1 VERSION=1 /bin/sh -c make # buildkit", "RUN"},
		"Docker's":                 {"/bin/sh -c #(nop) COPY file:1 in / ", "COPY"},
		"Docker's, spaced":         {"/bin/sh -c #(nop)  CMD [\"bash\"]", "CMD"},
		"Docker's, of a step":      {"/bin/sh -c apt-get update", "RUN"},
		"Docker's, with a value":   {"|1 VERSION=1 /bin/sh -c make", "RUN"},
		"another tool's":           {"bazel build ...", ""},
		"nothing":                  {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if got := instruction(tt.createdBy); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
