//go:build integration

package integration

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// object is one of our kinds with a spec as people write it.
func object(t *testing.T, kind, ns, spec string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{Object: map[string]any{}}
	if err := yaml.Unmarshal([]byte("spec:\n  "+strings.ReplaceAll(strings.TrimSpace(spec), "\n", "\n  ")), &o.Object); err != nil {
		t.Fatalf("the test's own YAML is wrong: %v\n%s", err, spec)
	}
	o.SetAPIVersion(respinv1alpha1.GroupVersion.String())
	o.SetKind(kind)
	o.SetNamespace(ns)
	o.SetGenerateName("test-")
	return o
}

// build is a rule with a build of one field.
func build(field string) string {
	return "images:\n- build:\n    " + strings.ReplaceAll(field, "\n", "\n    ")
}

func long(n int) string { return strings.Repeat("x", n) }

func TestWhatAPolicyMaySay(t *testing.T) {
	ns := namespace(t)
	for sentence, test := range map[string]struct {
		spec string
		err  string // a part of the refusal; empty where it is taken
	}{
		"nothing at all":                  {spec: "{}"},
		"an interval":                     {spec: "interval: 1h30m"},
		"an interval that is too short":   {"interval: 1s", "interval must be between 10s and 168h; write for example 10m"},
		"an interval that is too long":    {"interval: 169h", "interval must be between 10s and 168h"},
		"an interval that is none":        {"interval: soon", "interval"},
		"an interval without a unit":      {`interval: "600"`, "interval"},
		"a negative interval":             {"interval: -10m", "interval must be between"},
		"a health timeout":                {spec: "rollout: {healthTimeout: 30s}"},
		"a health timeout too short":      {"rollout: {healthTimeout: 1s}", "healthTimeout must be between 5s and 24h; write for example 10m"},
		"a health timeout too long":       {"rollout: {healthTimeout: 25h}", "healthTimeout must be between"},
		"a kind":                          {spec: "workloads: {kinds: [DaemonSet]}"},
		"a kind that is not known":        {"workloads: {kinds: [ReplicaSet]}", `"Deployment", "StatefulSet", "DaemonSet", "CronJob"`},
		"a kind twice":                    {"workloads: {kinds: [DaemonSet, DaemonSet]}", "Duplicate value"},
		"no kinds":                        {"workloads: {kinds: []}", "at least 1 items"},
		"a selector":                      {spec: "workloads: {selector: {matchExpressions: [{key: tier, operator: Exists}]}}"},
		"a method":                        {spec: "images: [{method: Rebuild}]"},
		"a method that is not known":      {"images: [{method: Upgrade}]", `"Auto", "Rebase", "Rebuild"`},
		"an empty match":                  {`images: [{match: ""}]`, "at least 1 chars"},
		"a match that is too long":        {"images: [{match: " + long(513) + "}]", "may not be more than 512"},
		"65 rules":                        {"images:" + strings.Repeat("\n- {}", 65), "must have at most 64 items"},
		"a base":                          {spec: "images: [{base: {image: registry.example.com:5000/base/debian:12}}]"},
		"a base of the hub's":             {spec: "images: [{base: {image: debian}}]"},
		"a base without an image":         {"images: [{base: {}}]", "image"},
		"a base with a digest":            {"images: [{base: {image: 'debian@sha256:" + long(64) + "'}}]", "a digest never moves; write for example registry.example.com/base/debian:12"},
		"a base with a scheme":            {"images: [{base: {image: https://registry.example.com/debian:12}}]", "without a scheme or spaces"},
		"a base with a space":             {"images: [{base: {image: 'debian 12'}}]", "without a scheme or spaces"},
		"a history limit of none":         {spec: "historyLimit: {successful: 0, failed: 0}"},
		"a negative history limit":        {"historyLimit: {failed: -1}", "greater than or equal to 0"},
		"a history limit that is too big": {"historyLimit: {successful: 101}", "less than or equal to 100"},
		"an output":                       {spec: "images: [{output: {repository: registry.example.com:5000/patched/api}}]"},
		"an output with a tag":            {"images: [{output: {repository: registry.example.com/api:1}}]", "repository must be a repository without tag or digest"},
		"an output with a digest":         {"images: [{output: {repository: 'registry.example.com/api@sha256:" + long(64) + "'}}]", "without tag or digest"},
		"an output without a registry":    {"images: [{output: {repository: api}}]", "without tag or digest"},
		"an output that is the base": {
			"images: [{base: {image: 'example.com/base/debian:12'}, output: {repository: example.com/base/debian}}]",
			"a patched image would be taken for a new base; name another repository",
		},
		"an output that is the base without a tag": {
			"images: [{base: {image: example.com/base/debian}, output: {repository: example.com/base/debian}}]",
			"output.repository must not be the base's own repository",
		},
		"an output whose name begins as the base's": {
			spec: "images: [{base: {image: 'example.com/base/debian-slim:12'}, output: {repository: example.com/base/debian}}]",
		},
		"a build without anything":                {build("target: x"), "a build needs a context (a Git URL over http or https) or a dockerfileInline"},
		"a build in a context":                    {spec: build("context: https://git.example.com/payments.git#main:api")},
		"a build over plain HTTP":                 {spec: build("context: http://git.example.com/payments.git")},
		"a context that is no repository":         {build("context: https://example.com/payments.tar.gz"), "context must be a Git repository over HTTP whose path ends in .git"},
		"a context over SSH":                      {build("context: git@github.com:team/app.git"), "context must be a Git repository over HTTP"},
		"a context with credentials":              {build("context: https://user:secret@git.example.com/app.git"), "without credentials in it"},
		"a context with a space":                  {build("context: 'https://git.example.com/a b.git'"), "context must be a Git repository"},
		"a Dockerfile in a context":               {spec: build("context: https://git.example.com/a.git\ndockerfile: docker/Dockerfile")},
		"a Dockerfile outside the context":        {build("context: https://git.example.com/a.git\ndockerfile: a/../../b"), "dockerfile must be a path inside the context"},
		"a Dockerfile at the root":                {build("context: https://git.example.com/a.git\ndockerfile: /etc/passwd"), "dockerfile must be a path inside the context"},
		"a Dockerfile with dots in its name":      {spec: build("context: https://git.example.com/a.git\ndockerfile: a..b/Dockerfile")},
		"a Dockerfile named and inline":           {build("dockerfileInline: FROM debian\ndockerfile: Dockerfile"), "set only one of them"},
		"a Dockerfile inline":                     {spec: build("dockerfileInline: FROM debian")},
		"a Dockerfile inline that is too long":    {build("dockerfileInline: " + long(65537)), "may not be more than 65536"},
		"arguments":                               {spec: build("dockerfileInline: FROM debian\nargs: {VERSION: '1.4', _x: ''}")},
		"an argument that is no name":             {build("dockerfileInline: FROM debian\nargs: {'1x': '1'}"), "args must be named like shell variables"},
		"an argument that steers the builder":     {build("dockerfileInline: FROM debian\nargs: {BUILDKIT_SYNTAX: x}"), "neither BUILDKIT_* nor SOURCE_DATE_EPOCH"},
		"an argument that sets the time":          {build("dockerfileInline: FROM debian\nargs: {SOURCE_DATE_EPOCH: '1'}"), "neither BUILDKIT_* nor SOURCE_DATE_EPOCH"},
		"a field of a later release (rollout)":    {"rollout: {canary: {}}", "unknown field"},
		"a field of a later release (the policy)": {"scan: {}", "unknown field"},
		"a base that need not settle":             {spec: "settle: 0s"},
		"a base that settles for ever":            {"settle: 169h", "settle must be between 0s and 168h"},
		"a soak that is no duration":              {"soak: long", "soak must be between"},
		"a soak of less than nothing":             {"soak: -1h", "soak must be between 0s and 2160h"},
		"what is urgent":                          {spec: "urgent: ['sha256:" + strings.Repeat("a", 64) + "']"},
		"a tag that is urgent":                    {"urgent: ['debian:12']", "urgent"},
		"a way to roll out that is not known":     {"rollout: {type: Recreate}", `"RollingUpdate", "OnRestart", "None"`},
		"CronJobs on restart":                     {"workloads: {kinds: [CronJob]}\nrollout: {type: OnRestart}", "OnRestart is not for CronJobs"},
		"a bake of no time":                       {spec: "rollout: {bakeTime: 0s}"},
		"a bake of a week":                        {"rollout: {bakeTime: 168h}", "bakeTime must be between 0s and 24h"},
		"an approval that is not known":           {"rollout: {approval: Maybe}", `"Automatic", "Manual"`},
		"a window":                                {spec: window("schedule: '0 2 * * 1-5', duration: 4h, timeZone: Europe/Berlin")},
		"a window by a name":                      {window("schedule: '@daily      ', duration: 4h"), "schedule must be five fields of cron"},
		"a window with a zone in its schedule":    {window("schedule: 'TZ=UTC 0 2 * * *', duration: 4h"), "schedule must be five fields of cron"},
		"a window of six fields":                  {window("schedule: '0 0 2 * * *', duration: 4h"), "schedule must be five fields of cron"},
		"a window without a duration":             {window("schedule: '0 2 * * *'"), "duration"},
		"a window of a second":                    {window("schedule: '0 2 * * *', duration: 1s"), "duration must be between 1m and 168h"},
		"a window in the operator's own time":     {window("schedule: '0 2 * * *', duration: 1h, timeZone: Local"), "what is local to the operator is not known here"},
		"a budget of none":                        {"rollout: {budget: {maxConcurrent: 0}}", "greater than or equal to 1"},
		"waves":                                   {spec: "rollout: {waves: [{selector: {matchLabels: {tier: canary}}}]}"},
		"a wave without a selector":               {"rollout: {waves: [{}]}", "selector"},
	} {
		t.Run(sentence, func(t *testing.T) {
			o := object(t, "PatchPolicy", ns, test.spec)
			err := client.WithFieldValidation(live, "Strict").Create(t.Context(), o)
			refused(t, err, test.err)
			if err == nil { // what the API server takes, the operator can read: one object that it cannot stops its cache
				if err := live.Get(t.Context(), client.ObjectKeyFromObject(o), &respinv1alpha1.PatchPolicy{}); err != nil {
					t.Errorf("it was taken and cannot be read: %v", err)
				}
			}
		})
	}
}

// window is a policy with a rollout window.
func window(fields string) string { return "rollout: {windows: [{" + fields + "}]}" }

func refused(t *testing.T, err error, words string) {
	t.Helper()
	switch {
	case words == "" && err != nil:
		t.Errorf("it was refused: %v", err)
	case words != "" && err == nil:
		t.Errorf("it was taken, and should be refused with %q", words)
	case words != "" && !strings.Contains(err.Error(), words):
		t.Errorf("it was refused with\n%v, want\n%s", err, words)
	}
}

func TestAPolicysDefaults(t *testing.T) {
	o := object(t, "PatchPolicy", namespace(t), "workloads: {selector: {}}\nimages: [{match: nginx}]")
	if err := live.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	const want = `{"historyLimit":{"failed":5,"successful":3},"images":[{"match":"nginx","method":"Auto"}],"interval":"10m",` +
		`"rollout":{"approval":"Automatic","bakeTime":"2m","budget":{"maxConcurrent":1},"healthTimeout":"10m","rollback":true,"type":"RollingUpdate"},` +
		`"serviceAccountName":"default","settle":"2m","soak":"0s","workloads":{"kinds":["Deployment","StatefulSet","DaemonSet"],"selector":{}}}`
	if found := asJSON(t, o.Object["spec"]); found != want {
		t.Errorf("the spec is\n%s, want\n%s", found, want)
	}
}

func TestAPolicyWithoutASpecHasTheDefaultsToo(t *testing.T) {
	o := object(t, "PatchPolicy", namespace(t), "{}")
	delete(o.Object, "spec")
	if err := live.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	const want = `{"historyLimit":{"failed":5,"successful":3},"interval":"10m",` +
		`"rollout":{"approval":"Automatic","bakeTime":"2m","budget":{"maxConcurrent":1},"healthTimeout":"10m","rollback":true,"type":"RollingUpdate"},` +
		`"serviceAccountName":"default","settle":"2m","soak":"0s"}`
	if found := asJSON(t, o.Object["spec"]); found != want {
		t.Errorf("the spec is\n%s, want\n%s", found, want)
	}
}

// aRun is a PatchRun's spec that is right.
const aRun = `
policy: {name: payments, uid: 0b5b1f6e}
because: {reason: BaseMoved, message: it moved}
source:
  repository: example.com/app
  digest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
  originalDigest: sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
  platforms: [linux/amd64]
base:
  image: debian:12
  to: sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb
method: Rebuild
build: {dockerfileInline: FROM debian}
output: example.com/app:1-respin-0123456789
workloads: [{kind: Deployment, name: api, uid: uid-1, containers: [{name: app, previousImage: "example.com/app:1"}]}]
rollout: {}`

func TestWhatARunMaySay(t *testing.T) {
	ns := namespace(t)
	for sentence, test := range map[string]struct {
		from, to string
		err      string
	}{
		"all that it needs":            {},
		"no workloads":                 {"workloads: [{", "workloads: []\nx: [{", "workloads"},
		"a digest that is none":        {"to: sha256:b", "to: sha256:", "spec.base.to"},
		"a method that is not known":   {"method: Rebuild", "method: Upgrade", `"Auto", "Rebase", "Rebuild"`},
		"a method that is not decided": {"method: Rebuild", "method: Auto", "method must be a decided one, such as Rebuild"},
		"no policy":                    {"policy:", "nobody:", "spec.policy: Required value"},
		"no platforms":                 {"[linux/amd64]", "[]", "spec.source.platforms"},
	} {
		t.Run(sentence, func(t *testing.T) {
			o := object(t, "PatchRun", ns, strings.Replace(aRun, test.from, test.to, 1))
			refused(t, live.Create(t.Context(), o), test.err)
		})
	}
}

func TestARunsSpecNeverChanges(t *testing.T) {
	o := object(t, "PatchRun", namespace(t), aRun)
	if err := live.Create(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	for sentence, path := range map[string][]string{
		"its output": {"spec", "output"}, "its method's reason": {"spec", "methodReason"}, "its base": {"spec", "base", "from"},
	} {
		t.Run(sentence, func(t *testing.T) {
			changed := o.DeepCopy()
			if err := unstructured.SetNestedField(changed.Object, "example.com/elsewhere:1", path...); err != nil {
				t.Fatal(err)
			}
			refused(t, live.Update(t.Context(), changed),
				"a PatchRun's spec never changes; to try again set the annotation respin.dev/retry to a new value")
		})
	}
	labelled := o.DeepCopy()
	labelled.SetAnnotations(map[string]string{respinv1alpha1.AnnotationRetry: "now"})
	refused(t, live.Update(t.Context(), labelled), "")
}

func TestWhatKubectlShows(t *testing.T) {
	ns := namespace(t)
	for _, o := range []*unstructured.Unstructured{
		object(t, "PatchPolicy", ns, "{}"), object(t, "PatchRun", ns, aRun),
	} {
		if err := live.Create(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	for command, want := range map[string][]string{
		"get patchpolicies": {"NAME", "READY", "IMAGES", "CURRENT", "BEHIND", "PATCHING", "STATUS", "LAST-PATCHED", "AGE"},
		"get patchpolicy":   {"NAME", "READY", "IMAGES", "CURRENT", "BEHIND", "PATCHING", "STATUS", "LAST-PATCHED", "AGE"},
		"get pp":            {"NAME", "READY", "IMAGES", "CURRENT", "BEHIND", "PATCHING", "STATUS", "LAST-PATCHED", "AGE"},
		"get patchruns":     {"NAME", "IMAGE", "BASE", "METHOD", "PHASE", "REASON", "DURATION", "AGE"},
		"get pr":            {"NAME", "IMAGE", "BASE", "METHOD", "PHASE", "REASON", "DURATION", "AGE"},
		"get pr -o wide":    {"NAME", "IMAGE", "BASE", "METHOD", "PHASE", "REASON", "DURATION", "AGE", "OUTPUT"},
	} {
		t.Run(command, func(t *testing.T) {
			header, rows, _ := strings.Cut(kubectl(t, append(strings.Fields(command), "--namespace", ns)...), "\n")
			if found := strings.Fields(header); !slices.Equal(found, want) || !strings.Contains(rows, "test-") {
				t.Errorf("kubectl shows\n%s\n%s, want the columns %v", header, rows, want)
			}
		})
	}
	if all := kubectl(t, "get", "respin", "--namespace", ns); !strings.Contains(all, "patchpolicy.respin.dev/") || !strings.Contains(all, "patchrun.respin.dev/") {
		t.Errorf("the category respin shows\n%s", all)
	}
}

func kubectl(t *testing.T, arguments ...string) string {
	t.Helper()
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	if err := os.WriteFile(kubeconfig, environment.KubeConfig, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.CommandContext(t.Context(), filepath.Join(os.Getenv("CLUSTER_BIN"), "kubectl"), arguments...)
	command.Env = append(os.Environ(), "KUBECONFIG="+kubeconfig)
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("kubectl %s: %v\n%s", strings.Join(arguments, " "), err, out)
	}
	return string(out)
}

func TestEveryFieldIsDocumented(t *testing.T) {
	for _, crd := range environment.CRDs {
		for i := range crd.Spec.Versions {
			schema := crd.Spec.Versions[i].Schema.OpenAPIV3Schema
			if schema.Description == "" {
				t.Errorf("%s has no description", crd.Name)
			}
			for _, field := range undocumented(crd.Spec.Names.Kind, schema) {
				t.Errorf("%s has no description", field)
			}
		}
	}
}

// undocumented are the fields below a schema that kubectl explain has nothing to say of.
func undocumented(path string, schema *apiextensionsv1.JSONSchemaProps) []string {
	var found []string
	for name, field := range schema.Properties {
		at := path + "." + name
		if field.Description == "" && at != path+".metadata" {
			found = append(found, at)
		}
		found = append(found, undocumented(at, &field)...)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		found = append(found, undocumented(path+"[]", schema.Items.Schema)...)
	}
	return found
}
