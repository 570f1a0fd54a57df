package plugin

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestTrees(t *testing.T) {
	for name, c := range map[string]struct {
		facts Facts
		want  string
	}{
		"an image that is current": {behind(succeeded, func(s *scene) {
			s.policy.Status.Conditions = []metav1.Condition{condition("Ready", metav1.ConditionTrue, "UpToDate", "")}
			s.policy.Status.Summary = &respinv1alpha1.ImageSummary{Images: 1, Current: 1}
		}), `
NAME                                         STATE         PATCHED  REASON
payments                                     Ready                  UpToDate; 1 image: 1 current
└─ registry.example.com/base/debian:12       cccccccccccc           since 60s
   └─ registry.example.com/payments/web:2.0  Current
      └─ Deployment/web                      Healthy       3/3
`},
		"a base that settles, until when": {behind(notBegun, imageIs(respinv1alpha1.ImageBehind, "Settling", "")), `
NAME                                         STATE         PATCHED  REASON
payments                                     Not ready              Patching; 1 image: 1 patching
└─ registry.example.com/base/debian:12       cccccccccccc           since 60s
   └─ registry.example.com/payments/web:2.0  Behind                 Settling until 2026-03-01 12:01 UTC (in 60s)
      └─ Deployment/web                                    0/3
`},
		"a run that waits for approval, with the command": {behind(awaitingApproval, func(s *scene) { s.facts.Flags = " --context staging" }), `
NAME                                         STATE         PATCHED  REASON
payments                                     Not ready              Patching; 1 image: 1 patching
└─ registry.example.com/base/debian:12       cccccccccccc           since 60s
   └─ registry.example.com/payments/web:2.0  Patching               AwaitingApproval
      └─ Deployment/web                                    0/3
      ! The patched image waits for approval:
        kubectl respin approve payments-4a5576e6eb-be832 -n payments --context staging
`},
		"a patch that was taken back, with what went wrong": {behind(takenBack), `
NAME                                         STATE         PATCHED  REASON
payments                                     Not ready              Patching; 1 image: 1 patching
└─ registry.example.com/base/debian:12       cccccccccccc           since 60s
   └─ registry.example.com/payments/web:2.0  Failed                 Quarantined
      └─ Deployment/web                      RolledBack    0/3      Unhealthy
      ! Taken back: Deployment/web: container app of pod web-1: CrashLoopBackOff: it ended with exit code 3; once mended:
        kubectl respin retry payments-4a5576e6eb-be832 -n payments
`},
		"what needs a person before what does not": {behind(succeeded, func(s *scene) {
			s.policy.Status.Summary = &respinv1alpha1.ImageSummary{Images: 2, Current: 1, Unknown: 1}
			s.policy.Status.Images = append(s.policy.Status.Images, respinv1alpha1.ImageStatus{
				Repository: "docker.io/library/busybox", Digest: source, State: respinv1alpha1.ImageUnknown, Reason: "NoLineage",
				Workloads: []string{"DaemonSet/probe"},
			})
		}), `
NAME                                         STATE         PATCHED  REASON
payments                                     Not ready              Patching; 2 images: 1 current, 1 unknown
├─ (base not known)
│  └─ busybox@sha256:aaaaaaaaaaaa            Unknown                NoLineage
│     └─ DaemonSet/probe
│     ! Nothing tells its base; declare images[].base.image:
│       kubectl edit patchpolicy/payments -n payments
└─ registry.example.com/base/debian:12       cccccccccccc           since 60s
   └─ registry.example.com/payments/web:2.0  Current
      └─ Deployment/web                      Healthy       3/3
`},
		"a suspended policy without a status": {behind(func(s *scene) {
			s.policy.Spec.Suspend, s.policy.Status = true, respinv1alpha1.PatchPolicyStatus{}
		}), `
NAME      STATE      PATCHED  REASON
payments  Suspended           0 images
   ! Suspended: nothing is patched until it is resumed:
     kubectl respin resume payments -n payments
`},
		"a run without a status": {behind(func(s *scene) { s.run.Status = respinv1alpha1.PatchRunStatus{} }), `
NAME                                         STATE         PATCHED  REASON
payments                                     Not ready              Patching; 1 image: 1 patching
└─ registry.example.com/base/debian:12       cccccccccccc           since 60s
   └─ registry.example.com/payments/web:2.0  Patching               Patching
      └─ Deployment/web                                    0/3
`},
		"no policy at all": {Facts{}, `
NAME  STATE  PATCHED  REASON
`},
	} {
		t.Run(name, func(t *testing.T) {
			var got strings.Builder
			if err := Grow(c.facts).Print(&got, noon, false, false); err != nil {
				t.Fatal(err)
			}
			same(t, got.String(), c.want)
		})
	}
}

// same compares with a text that begins on a line of its own.
func same(t *testing.T, got, want string) {
	t.Helper()
	if want := strings.TrimPrefix(want, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestColoursAddNothingElse(t *testing.T) {
	var plain, coloured strings.Builder
	tree := Grow(behind(takenBack))
	if err := tree.Print(&plain, noon, false, true); err != nil {
		t.Fatal(err)
	}
	if err := tree.Print(&coloured, noon, true, true); err != nil {
		t.Fatal(err)
	}
	text := coloured.String()
	for _, code := range []string{"1", "2", "31", "32", "33", "0"} {
		text = strings.ReplaceAll(text, "\x1b["+code+"m", "")
	}
	if text != plain.String() {
		t.Errorf("got\n%s\nwithout its colours, want\n%s", text, plain.String())
	}
	if !strings.Contains(coloured.String(), "\x1b[31mFailed\x1b[0m") || !strings.Contains(plain.String(), "payments/payments") {
		t.Errorf("a failure is not red, or the namespace is missing, in\n%s", coloured.String())
	}
}

func TestTheTreeAsJSON(t *testing.T) {
	data, err := json.Marshal(Grow(behind(awaitingApproval)))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"policies":[{"namespace":"payments","name":"payments","ready":"False","reason":"Patching"`,
		`"summary":{"images":1,"current":0,"behind":0,"patching":1,`,
		`"bases":[{"image":"` + debian + `","digest":"` + newBase + `","since":"2026-03-01T11:59:00Z"`,
		`"run":{"name":"` + runName + `","phase":"AwaitingApproval","reason":"AwaitingApproval"}`,
		`"needs":[{"message":"The patched image waits for approval","command":"kubectl respin approve ` + runName + ` -n payments"}]`,
		`"workloads":[{"workload":"Deployment/web","pods":{"pods":3,"patched":0}}]`,
	} {
		if !strings.Contains(string(data), want) {
			t.Errorf("%s lacks %s", data, want)
		}
	}
	if none, _ := json.Marshal(Grow(Facts{})); string(none) != `{"policies":[]}` {
		t.Errorf("got %s for no policy", none)
	}
}

func TestPodsThatRunPatched(t *testing.T) {
	fresh := repository + ":2.0-respin-4a5576e6eb@" + patched
	for name, c := range map[string]struct {
		change func(*scene)
		want   string
	}{
		"none yet":                              {func(*scene) {}, "0/3"},
		"by what the node says":                 {pods(pod(fresh, repository+"@"+patched), pod(repository+":2.0", repository+"@"+source)), "1/2"},
		"not one that is yet to start":          {pods(pod(fresh, "")), "0/1"},
		"not one that waits to be replaced":     {pods(pod(fresh, repository+"@"+source)), "0/1"},
		"where the node names a platform's":     {pods(pod(fresh, repository+"@"+digestOfAll("e"))), "1/1"},
		"where the node does not tell a digest": {pods(pod(fresh, digestOfAll("e"))), "1/1"},
		"not those that have ended or go": {pods(
			changed(pod(fresh, repository+"@"+patched), func(p *metav1.ObjectMeta) { p.DeletionTimestamp = new(before(time.Minute)) })), "no pods"},
		"as the run says where pods may not be read": {func(s *scene) {
			s.web.PodsRead = false
			workloadIs(respinv1alpha1.WorkloadOpen, "", "")(s)
			s.run.Status.Workloads[0].Pods, s.run.Status.Workloads[0].PatchedPods = 3, 2
		}, "2/3"},
		"as the policy says where nothing else does": {func(s *scene) { s.facts.Workloads, s.image.Pods, s.image.PatchedPods = nil, 4, 1 }, "1/4"},
		"not where nothing tells":                    {func(s *scene) { s.facts.Workloads = nil }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			tree := Grow(behind(c.change))
			if got := podsText(tree.Policies[0].Bases[0].Images[0].Workloads[0].Pods); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
