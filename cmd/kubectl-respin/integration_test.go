//go:build integration

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plugin"
)

// The API server of these tests: nothing but the test and the command acts on it.
var (
	kubeconfig string
	live       client.Client
)

func TestMain(m *testing.M) { os.Exit(withServer(m.Run)) }

func withServer(run func() int) int {
	binaries := os.Getenv("CLUSTER_BIN")
	if binaries == "" {
		fmt.Fprintln(os.Stderr, "CLUSTER_BIN does not name the folder of etcd and kube-apiserver: source .cluster/env first")
		return 1
	}
	environment := envtest.Environment{
		BinaryAssetsDirectory: binaries,
		CRDDirectoryPaths:     []string{filepath.Join("..", "..", "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
		Scheme:                scheme(),
	}
	config, err := environment.Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "starting an API server:", err)
		return 1
	}
	defer environment.Stop()
	if live, err = client.New(config, client.Options{Scheme: scheme()}); err != nil {
		fmt.Fprintln(os.Stderr, "making a client:", err)
		return 1
	}
	folder, err := os.MkdirTemp("", "kubectl-respin")
	if err != nil {
		fmt.Fprintln(os.Stderr, "making a folder:", err)
		return 1
	}
	defer os.RemoveAll(folder)
	kubeconfig = filepath.Join(folder, "kubeconfig")
	if err := os.WriteFile(kubeconfig, environment.KubeConfig, 0o600); err != nil {
		fmt.Fprintln(os.Stderr, "writing a kubeconfig:", err)
		return 1
	}
	return run()
}

const (
	repository = "registry.example.com/payments/web"
	debian     = "registry.example.com/base/debian:12"
)

var (
	source  = digestOfAll("a")
	patched = digestOfAll("d")
)

func digestOfAll(char string) string { return "sha256:" + strings.Repeat(char, 64) }

// world is a namespace with a policy, a Deployment called web with three pods, of which one runs patched, and a run.
type world struct {
	t         *testing.T
	namespace string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "payments-"}}
	w := &world{t: t}
	w.create(ns)
	w.namespace = ns.Name
	w.create(&respinv1alpha1.PatchPolicy{ObjectMeta: w.named("payments")})
	web := &appsv1.Deployment{ObjectMeta: w.named("web"), Spec: appsv1.DeploymentSpec{
		Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app": "web"}},
		Template: corev1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"app": "web"}}, Spec: w.podSpec(repository + ":2.0")},
	}}
	w.create(web)
	w.pod("web-1", repository+":2.0", source)
	w.pod("web-2", repository+":2.0", source)
	w.pod("web-3", repository+":2.0-respin-1@"+patched, patched)
	return w
}

func (w *world) named(name string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: w.namespace, Name: name}
}

func (w *world) create(object client.Object) {
	w.t.Helper()
	if err := live.Create(w.t.Context(), object); err != nil {
		w.t.Fatalf("creating %s: %v", object.GetName(), err)
	}
}

func (w *world) podSpec(image string) corev1.PodSpec {
	return corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: image}}}
}

func (w *world) pod(name, image, digest string) {
	w.t.Helper()
	pod := &corev1.Pod{ObjectMeta: w.named(name), Spec: w.podSpec(image)}
	pod.Labels = map[string]string{"app": "web"}
	w.create(pod)
	pod.Status.Phase = corev1.PodRunning
	pod.Status.ContainerStatuses = []corev1.ContainerStatus{{Name: "app", Image: image, ImageID: repository + "@" + digest}}
	w.status(pod)
}

func (w *world) status(object client.Object) {
	w.t.Helper()
	if err := live.Status().Update(w.t.Context(), object); err != nil {
		w.t.Fatalf("writing the status of %s: %v", object.GetName(), err)
	}
}

// run makes a run in a phase, and has the policy's status tell of it.
func (w *world) run(name string, state respinv1alpha1.ImageState, reason string, phase respinv1alpha1.RunPhase, conditions ...metav1.Condition) {
	w.t.Helper()
	run := &respinv1alpha1.PatchRun{ObjectMeta: w.named(name), Spec: respinv1alpha1.PatchRunSpec{
		Policy:  respinv1alpha1.PolicyReference{Name: "payments", UID: "policy"},
		Because: respinv1alpha1.Cause{Reason: "BaseMoved", Message: "it moved"},
		Source:  respinv1alpha1.SourceImage{Repository: repository, Tag: "2.0", Digest: source, OriginalDigest: source, Platforms: []string{"linux/amd64"}},
		Base:    respinv1alpha1.BaseMove{Image: debian, From: digestOfAll("b"), To: digestOfAll("c")},
		Method:  respinv1alpha1.MethodRebase, MethodReason: "every safety check passes", Output: repository + ":2.0-respin-1",
		Workloads: []respinv1alpha1.WorkloadTarget{{Kind: "Deployment", Name: "web", UID: "web",
			Containers: []respinv1alpha1.ContainerTarget{{Name: "app", PreviousImage: repository + ":2.0"}}}},
		Rollout: respinv1alpha1.Delivery{
			Type: respinv1alpha1.RollingUpdate, HealthTimeout: metav1.Duration{Duration: time.Minute}, BakeTime: &metav1.Duration{Duration: time.Minute},
		},
	}}
	w.create(run)
	for i := range conditions {
		conditions[i].LastTransitionTime = metav1.Now()
	}
	run.Status = respinv1alpha1.PatchRunStatus{
		Phase: phase, Reason: reason, Conditions: conditions,
		Output: &respinv1alpha1.OutputStatus{Image: repository + ":2.0-respin-1@" + patched, Digest: patched},
	}
	w.status(run)
	w.tell(name, state, reason)
}

func (w *world) tell(run string, state respinv1alpha1.ImageState, reason string) {
	w.t.Helper()
	policy := &respinv1alpha1.PatchPolicy{}
	w.get("payments", policy)
	policy.Status.Bases = []respinv1alpha1.BaseStatus{{Image: debian, Digest: digestOfAll("c"), FirstSeen: new(metav1.Now())}}
	policy.Status.Summary = &respinv1alpha1.ImageSummary{Images: 1}
	policy.Status.Images = []respinv1alpha1.ImageStatus{{
		Repository: repository, Tag: "2.0", Digest: source, Base: debian, Lineage: "Annotations", State: state, Reason: reason,
		Workloads: []string{"Deployment/web"}, Run: run,
	}}
	w.status(policy)
}

func (w *world) get(name string, into client.Object) {
	w.t.Helper()
	if err := live.Get(w.t.Context(), client.ObjectKey{Namespace: w.namespace, Name: name}, into); err != nil {
		w.t.Fatalf("reading %s: %v", name, err)
	}
}

func (w *world) annotation(run, name string) string {
	w.t.Helper()
	got := &respinv1alpha1.PatchRun{}
	w.get(run, got)
	return got.Annotations[name]
}

// said is what the command wrote.
type said struct {
	out, warnings string
	code          int
}

// respin runs the command as a person would, with answers where it asks.
func (w *world) respin(answers string, args ...string) said {
	w.t.Helper()
	return w.respinIn(w.t.Context(), answers, append(args, "-n", w.namespace)...)
}

func (w *world) respinIn(ctx context.Context, answers string, args ...string) said {
	var out, warnings bytes.Buffer
	code := run(ctx, append(args, "--kubeconfig", kubeconfig), streams{in: strings.NewReader(answers), out: &out, warnings: &warnings, asks: answers != ""})
	return said{out.String(), warnings.String(), code}
}

func (s said) has(t *testing.T, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(s.out+s.warnings, want) {
			t.Errorf("it does not say %q (code %d):\n%s%s", want, s.code, s.out, s.warnings)
		}
	}
}

func (s said) done(t *testing.T, wants ...string) {
	t.Helper()
	if s.code != 0 {
		t.Errorf("it ended with code %d", s.code)
	}
	s.has(t, wants...)
}

func (s said) refused(t *testing.T, wants ...string) {
	t.Helper()
	if s.code != 1 {
		t.Errorf("it ended with code %d, want 1", s.code)
	}
	s.has(t, append(wants, "error: ")...)
}

var awaiting = metav1.Condition{Type: "Approved", Status: metav1.ConditionFalse, Reason: "AwaitingApproval", Message: "waits"}

func ended(status metav1.ConditionStatus) metav1.Condition {
	return metav1.Condition{Type: "Succeeded", Status: status, Reason: "Ended", Message: "it ended"}
}

func TestStatusShowsTheTree(t *testing.T) {
	w := newWorld(t)
	w.run("payments-1", respinv1alpha1.ImagePatching, "AwaitingApproval", respinv1alpha1.PhaseAwaitingApproval, awaiting)
	w.respin("", "status").done(t, "payments", debian, repository+":2.0", "Deployment/web", "1/3",
		"! The patched image waits for approval:\n", "kubectl respin approve payments-1 -n "+w.namespace+" --kubeconfig "+kubeconfig)
	w.respin("", "status", "patchpolicy/payments", "-o", "yaml").done(t, "policies:\n- bases:\n  - digest: "+digestOfAll("c"))
	var tree plugin.Tree
	if err := json.Unmarshal([]byte(w.respinIn(t.Context(), "", "status", "-A", "-o", "json").out), &tree); err != nil || len(tree.Policies) == 0 {
		t.Errorf("got %v, %v", tree, err)
	}
	w.respin("", "status", "other").refused(t, `policy "other" is not there; namespace `+w.namespace+" has payments")
	w.respin("", "status", "-o", "table").refused(t, `"table" is not known here; write one of json, yaml`)
	w.respinIn(t.Context(), "", "status", "-n", "default").done(t, "There is no policy in namespace default; look in all of them with -A.")
}

func TestWhyAndHistory(t *testing.T) {
	w := newWorld(t)
	w.run("payments-1", respinv1alpha1.ImagePatching, "AwaitingApproval", respinv1alpha1.PhaseAwaitingApproval, awaiting)
	w.respin("", "why", "deploy/web").done(t, "Deployment/web in "+w.namespace+" is kept patched by patchpolicy/payments.",
		"1 of 3 pods of Deployment/web run the patched image.", "For a person to approve")
	w.respin("", "why", "payments/web:2.0").done(t, "kept patched by patchpolicy/payments")
	w.respin("", "why", "deploy/other").refused(t, "has Deployment/web")
	w.respin("", "why").refused(t, "takes a workload, as in deployment/web, or an image, and 0 were named")
	w.respin("", "history", "web").done(t, "APPROVED-BY", "payments-1", "bbbbbbbbbbbb→cccccccccccc")
	w.respin("", "history", "-o", "wide").done(t, "WORKLOADS", "Deployment/web")
	w.respin("", "history", "-o", "json").done(t, `"baseTo": "`+digestOfAll("c")+`"`)
	w.respin("", "history", "cart").refused(t, "has payments, Deployment/web")
}

func TestApproveWritesExactlyTheDigest(t *testing.T) {
	w := newWorld(t)
	w.run("payments-1", respinv1alpha1.ImagePatching, "AwaitingApproval", respinv1alpha1.PhaseAwaitingApproval, awaiting)
	w.respin("", "approve", "payments-1").refused(t, "say --yes", patched)
	w.respin("n\n", "approve", "payments-1").refused(t, "not confirmed, and nothing was done")
	w.respin("", "approve", "payments-1", "--yes", "--digest", source).refused(t, "nothing was approved")
	w.respin("", "approve", "payments-2", "--yes").refused(t, "has payments-1")
	if got := w.annotation("payments-1", respinv1alpha1.AnnotationApprove); got != "" {
		t.Fatalf("it was approved: %s", got)
	}
	w.respin("y\n", "approve", "payments-1").done(t, "Approve it? [y/N] ", "patchrun.respin.dev/payments-1 approved\n", "did not record who approved it")
	w.respin("", "approve", "patchrun/payments-1", "--digest", patched, "--yes").done(t, "approved")
	if got := w.annotation("payments-1", respinv1alpha1.AnnotationApprove); got != patched {
		t.Errorf("got %q, want %s", got, patched)
	}
}

func TestRetryAndRollback(t *testing.T) {
	w := newWorld(t)
	w.run("payments-1", respinv1alpha1.ImageFailed, "RunFailed", respinv1alpha1.PhaseFailed, ended(metav1.ConditionFalse))
	w.respin("", "rollback", "web", "--yes").refused(t, "no run that succeeded has patched Deployment/web")
	w.respin("", "retry", "deployment/web").done(t, "patchrun.respin.dev/payments-1 retried\n")
	if got := w.annotation("payments-1", respinv1alpha1.AnnotationRetry); got == "" {
		t.Error("the run was not retried")
	}
	w.respin("", "retry", "payments-1").refused(t, "is under way")

	w.run("payments-2", respinv1alpha1.ImageCurrent, "UpToDate", respinv1alpha1.PhaseSucceeded, ended(metav1.ConditionTrue))
	w.respin("", "rollback", "deploy/web").refused(t, "Deployment/web gets "+repository+":2.0 in container app", "say --yes")
	w.respin("yes\n", "rollback", "deploy/web").done(t, "patchrun.respin.dev/payments-2 rollback asked for\n")
	if got := w.annotation("payments-2", respinv1alpha1.AnnotationRollback); got == "" {
		t.Error("no rollback was asked for")
	}
}

func TestSuspendAndResume(t *testing.T) {
	w := newWorld(t)
	suspended := func() bool {
		policy := &respinv1alpha1.PatchPolicy{}
		w.get("payments", policy)
		return policy.Spec.Suspend
	}
	w.respin("", "suspend", "payments").done(t, "patchpolicy.respin.dev/payments suspended\n")
	if !suspended() {
		t.Error("the policy is not suspended")
	}
	w.respin("", "suspend", "payments").done(t, "patchpolicy.respin.dev/payments already suspended\n")
	w.respin("", "resume", "patchpolicy/payments").done(t, "patchpolicy.respin.dev/payments resumed\n")
	if suspended() {
		t.Error("the policy is still suspended")
	}
	w.respin("", "resume", "other").refused(t, "has payments")
	w.respin("", "suspend").refused(t, "no policy was named")
}

// A run that was deleted and made again is another one than was looked at.
func TestWritesAreForWhatWasSeen(t *testing.T) {
	w := newWorld(t)
	w.run("payments-1", respinv1alpha1.ImageFailed, "RunFailed", respinv1alpha1.PhaseFailed, ended(metav1.ConditionFalse))
	run := &respinv1alpha1.PatchRun{}
	w.get("payments-1", run)
	run.UID = "another"
	if err := annotate(t.Context(), live, run, respinv1alpha1.AnnotationRetry, "1"); err == nil || !strings.Contains(err.Error(), "made again meanwhile") {
		t.Errorf("got %v", err)
	}
	if got := w.annotation("payments-1", respinv1alpha1.AnnotationRetry); got != "" {
		t.Errorf("it was written: %s", got)
	}
}

func TestCompletion(t *testing.T) {
	w := newWorld(t)
	w.run("payments-1", respinv1alpha1.ImagePatching, "AwaitingApproval", respinv1alpha1.PhaseAwaitingApproval, awaiting)
	for begun, want := range map[string]string{
		"suspend ":     "payments\n:4\n",
		"approve ":     "payments-1\n:4\n",
		"why d":        "deployment/web\n:4\n",
		"why deploy/":  "deploy/web\n:4\n",
		"retry sts/w":  ":4\n",
		"history pay":  "payments\n:4\n",
		"resume zz":    ":4\n",
		"status -n de": "default\n:4\n",
	} {
		args := append([]string{"__complete", "--kubeconfig", kubeconfig, "-n", w.namespace}, strings.Split(begun, " ")...)
		var out bytes.Buffer
		if code := run(t.Context(), args, streams{out: &out, warnings: &bytes.Buffer{}}); code != 0 || out.String() != want {
			t.Errorf("%q: got %q, code %d, want %q", begun, out.String(), code, want)
		}
	}
}

// A person who may read our kinds but no pods is told less, and told so; one who may read nothing, why.
func TestOnlyWithOnesOwnRights(t *testing.T) {
	w := newWorld(t)
	w.run("payments-1", respinv1alpha1.ImagePatching, "AwaitingApproval", respinv1alpha1.PhaseAwaitingApproval, awaiting)
	w.create(&rbacv1.Role{ObjectMeta: w.named("reader"), Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{"respin.dev"}, Resources: []string{"patchpolicies", "patchruns"}, Verbs: []string{"list"}},
	}})
	w.create(&rbacv1.RoleBinding{ObjectMeta: w.named("reader"), RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "reader"},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: "User", Name: "ada"}}})
	seen := w.respin("", "status", "--as", "ada")
	seen.done(t, "Warning: you may not list pods", "Deployment/web")
	if strings.Contains(seen.out, "1/3") {
		t.Errorf("it tells of pods:\n%s", seen.out)
	}
	w.respin("", "why", "web", "--as", "ada").done(t, "may not be read", "kept patched by patchpolicy/payments")
	w.respin("", "suspend", "payments", "--as", "ada").refused(t, "you may not do this here")
	w.respin("", "status", "--as", "eve").refused(t, "you may not do this here", `User "eve"`)
	w.respin("", "status", "-w", "--as", "ada").refused(t, "watching", "you may not do this here")
}
