package plugin

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestWhyAPatchWasTakenBack(t *testing.T) {
	got, err := Why(behind(takenBack), "payments", "deploy/web", noon)
	if err != nil {
		t.Fatal(err)
	}
	same(t, got, `
Deployment/web in payments is kept patched by patchpolicy/payments.

Image    registry.example.com/payments/web:2.0@`+source+`
Base     registry.example.com/base/debian:12, as the image's annotations tell. The digest it was
         built on is on record.
         The base is at cccccccccccc since 2026-03-01 11:59 UTC (60s ago); the image was built on
         bbbbbbbbbbbb.
State    Failed, Quarantined: the patched image was taken back; not tried again by itself
Pods     0 of 3 pods of Deployment/web run the patched image.
Run      patchrun/payments-4a5576e6eb-be832, by Rebase, created 10m ago: RolledBack, Unhealthy.
         every safety check passes
           Planned     True     Proven, 60m ago
           Built       True     Pushed, 60m ago
           Verified    True     Verified, 60m ago
           Approved    True     Automatic, 60m ago
           RolledOut   True     Updated, 60m ago
           Healthy     False    Unhealthy, 60m ago
                       Deployment/web: container app of pod web-1: CrashLoopBackOff: it ended with
                       exit code 3
           RolledBack  True     RolledBack, 60m ago
                       Deployment/web has its previous image back
           Succeeded   False    Unhealthy, 60m ago
Rollout  Deployment/web: RolledBack, Unhealthy, for 60s: has its previous image back
Next     Taken back: Deployment/web: container app of pod web-1: CrashLoopBackOff: it ended with
         exit code 3; once mended:
           kubectl respin retry payments-4a5576e6eb-be832 -n payments
`)
}

func TestWhy(t *testing.T) {
	for name, c := range map[string]struct {
		facts Facts
		arg   string
		want  []string
	}{
		"a base settles": {behind(notBegun, imageIs(respinv1alpha1.ImageBehind, "Settling", "")), "web",
			[]string{"Waits    For the base to stay at its digest for 2m (settle), until 2026-03-01 12:01 UTC (in 60s).", "Next     Nothing: it goes on by itself."}},
		"a base soaks": {behind(notBegun, imageIs(respinv1alpha1.ImageBehind, "Soaking", "")), "web",
			[]string{"For the base's digest to be known for 24h (soak), until 2026-03-02 11:59 UTC (in 23h)"}},
		"a window is closed": {behind(withRun(condition("RolledOut", metav1.ConditionUnknown, "WaitingForWindow", "")), func(s *scene) {
			s.policy.Status.NextWindow = new(metav1.NewTime(noon.Add(2 * time.Hour)))
		}), "web", []string{"Waits    For a rollout window to open, until 2026-03-01 14:00 UTC (in 120m)."}},
		"a person has to approve": {behind(awaitingApproval), "web",
			[]string{"Waits    For a person to approve", "kubectl respin approve " + runName + " -n payments"}},
		"another digest was approved": {behind(withRun(condition("Approved", metav1.ConditionFalse, "OtherDigest", ""))), "web",
			[]string{"what was approved is another one", "Another digest was approved than the patched image's:"}},
		"its turn has not come": {behind(workloadIs(respinv1alpha1.WorkloadWaiting, "WaitingForTurn", "")), "web",
			[]string{"For its turn: workloads under way at once are bounded, to 1 by the policy's budget.", "Rollout  Deployment/web: Waiting, WaitingForTurn, for 60s."}},
		"its wave has not come": {behind(workloadIs(respinv1alpha1.WorkloadWaiting, "WaitingForWave", "")), "web",
			[]string{"For the workloads of earlier waves to be healthy"}},
		"it was unhealthy before": {behind(workloadIs(respinv1alpha1.WorkloadWaiting, "UnhealthyBefore", "1 of 3 pods is ready")), "web",
			[]string{"it was not before the patch, and is not touched until it is", "1 of 3 pods is ready", "kubectl describe Deployment/web -n payments"}},
		"it bakes": {behind(workloadIs(respinv1alpha1.WorkloadBaking, "", "")), "web",
			[]string{"For the workload to stay healthy for bakeTime, until 2026-03-01 12:01 UTC (in 60s)."}},
		"another manager put it back": {behind(succeeded, imageIs(respinv1alpha1.ImageHeld, "GitOpsConflict", "kustomize-controller put it back")), "web",
			[]string{"State    Held, GitOpsConflict: kustomize-controller put it back", `-p '{"spec":{"rollout":{"type":"OnRestart"}}}' -n payments`}},
		"someone put it back": {behind(succeeded, imageIs(respinv1alpha1.ImageHeld, "Reverted", "")), "web",
			[]string{"left alone; to patch it again:", "kubectl respin retry " + runName}},
		"a rebase was refused": {behind(func(s *scene) {
			s.run.Status.Checks = []respinv1alpha1.CheckStatus{
				{Name: "copied-files", Result: respinv1alpha1.CheckRefused, Message: "the app rewrites /etc/passwd"}, {Name: "libc", Result: respinv1alpha1.CheckPassed},
			}
		}), "web", []string{"Refused  copied-files: the app rewrites /etc/passwd"}},
		"it is current": {behind(succeeded), "web", []string{"Pods     3 of 3 pods of Deployment/web run it.", "Next     Nothing: it stands on its base as it is now."}},
		"who approved":  {behind(succeeded, approvedBy("ada")), "web", []string{"ada approved dddddddddddd."}},
		"a policy is suspended": {behind(notBegun, imageIs(respinv1alpha1.ImageBehind, "Suspended", ""), func(s *scene) { s.policy.Spec.Suspend = true }), "web",
			[]string{"That policy is suspended, so that nothing is begun.", "For its policy to be resumed.", "kubectl respin resume payments -n payments"}},
		"an image":                      {behind(), "payments/web:2.0", []string{"registry.example.com/payments/web:2.0 in payments is kept patched by patchpolicy/payments."}},
		"an image by its digest":        {behind(), source[:20], []string{"Image    registry.example.com/payments/web:2.0@" + source}},
		"an image that no policy knows": {behind(func(s *scene) { s.policy.Status.Images = nil }), "payments/web", []string{"its policy has not looked at it yet"}},
		"no policy at all":              {behind(func(s *scene) { s.facts.Policies = nil }), "web", []string{"No policy keeps Deployment/web in payments.", "There is no policy in payments."}},
		"no policy selects it":          {behind(selecting(map[string]string{"tier": "db"})), "web", []string{"patchpolicy/payments selects other labels than it has: tier=db.", "kubectl edit patchpolicy/payments -n payments"}},
		"its kind is not asked for":     {behind(func(s *scene) { s.policy.Spec.Workloads.Kinds = []respinv1alpha1.WorkloadKind{"CronJob"} }), "web", []string{"does not list Deployment among its workloads' kinds"}},
		"two policies select it":        {behind(younger), "web", []string{"kept patched by patchpolicy/payments. It is selected by patchpolicy/younger as well, but the older policy keeps it."}},
		"no rule fits its image": {behind(func(s *scene) {
			s.policy.Status.Images, s.policy.Spec.Images = nil, []respinv1alpha1.ImageRule{{Match: "other/*"}}
		}), "web", []string{"no rule in spec.images of the policy matches it"}},
		"it has no pods":                     {behind(func(s *scene) { s.policy.Status.Images, s.web.Pods = nil, nil }), "web", []string{"it has no pods, and an image is looked at once a pod runs it"}},
		"the workload itself cannot be read": {behind(func(s *scene) { s.facts.Workloads = nil }), "web", []string{"may not be read", "State    Patching: the run is under way"}},
		"only a run knows it":                {behind(func(s *scene) { s.facts.Workloads, s.facts.Policies = nil, nil }), "web", []string{"a run knows of it from before"}},
		"nothing has a status yet":           {behind(func(s *scene) { s.run.Status = respinv1alpha1.PatchRunStatus{} }), "web", []string{"patchrun/" + runName + ", by Rebase, created 10m ago: not begun yet."}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Why(c.facts, "payments", c.arg, noon)
			if err != nil {
				t.Fatal(err)
			}
			flat := strings.Join(strings.Fields(got), " ")
			for _, want := range c.want {
				if !strings.Contains(flat, strings.Join(strings.Fields(want), " ")) {
					t.Errorf("it does not say %q:\n%s", want, got)
				}
			}
		})
	}
}

func TestWhyOfWhatIsNotThere(t *testing.T) {
	_, err := Why(behind(), "payments", "deployment/wbe", noon)
	want := `workload or image "deployment/wbe" is not there; namespace payments has Deployment/web, registry.example.com/payments/web:2.0`
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func selecting(labels map[string]string) func(*scene) {
	return func(s *scene) { s.policy.Spec.Workloads.Selector = &metav1.LabelSelector{MatchLabels: labels} }
}

func younger(s *scene) {
	s.facts.Policies = append(s.facts.Policies, respinv1alpha1.PatchPolicy{
		ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "younger", UID: "policy-2", CreationTimestamp: before(time.Hour)},
	})
}

func approvedBy(who string) func(*scene) {
	return func(s *scene) {
		s.run.Status.Approval = &respinv1alpha1.ApprovalStatus{Digest: patched, By: who, Time: before(time.Minute)}
	}
}
