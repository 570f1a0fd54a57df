package plugin

import (
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// The words of these tests: an image web:2.0 on debian:12, which has moved, in a policy called payments that keeps a
// Deployment called web.
const (
	repository = "registry.example.com/payments/web"
	debian     = "registry.example.com/base/debian:12"
	runName    = "payments-4a5576e6eb-be832"
)

var (
	source  = digestOfAll("a")
	patched = digestOfAll("d")
	oldBase = digestOfAll("b")
	newBase = digestOfAll("c")
	noon    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

func digestOfAll(char string) string { return "sha256:" + strings.Repeat(char, 64) }

func before(d time.Duration) metav1.Time { return metav1.NewTime(noon.Add(-d)) }

func condition(kind string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message, LastTransitionTime: before(time.Hour)}
}

// scene is what a test begins with, and changes.
type scene struct {
	facts  Facts
	policy *respinv1alpha1.PatchPolicy
	image  *respinv1alpha1.ImageStatus
	run    *respinv1alpha1.PatchRun
	web    *Workload
}

// behind is the scene of an image whose base has moved, with a run under way.
func behind(changes ...func(*scene)) Facts {
	s := &scene{facts: Facts{
		Policies: []respinv1alpha1.PatchPolicy{{
			ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: "payments", UID: "policy-1", CreationTimestamp: before(72 * time.Hour)},
			Spec: respinv1alpha1.PatchPolicySpec{
				Settle: &metav1.Duration{Duration: 2 * time.Minute}, Soak: &metav1.Duration{Duration: 24 * time.Hour},
			},
			Status: respinv1alpha1.PatchPolicyStatus{
				Conditions: []metav1.Condition{condition(respinv1alpha1.ConditionReady, metav1.ConditionFalse, "Patching", "1 image is being patched")},
				Summary:    &respinv1alpha1.ImageSummary{Images: 1, Patching: 1},
				Bases:      []respinv1alpha1.BaseStatus{{Image: debian, Digest: newBase, FirstSeen: new(before(time.Minute)), Images: 1}},
				Images: []respinv1alpha1.ImageStatus{{
					Repository: repository, Tag: "2.0", Digest: source, Base: debian, BaseDigest: oldBase, Lineage: "Annotations", Certainty: "Recorded",
					State: respinv1alpha1.ImagePatching, Reason: "Patching", Message: "the run is under way", Workloads: []string{"Deployment/web"}, Run: runName,
				}},
			},
		}},
		Runs:      []respinv1alpha1.PatchRun{patchRun(runName)},
		Workloads: []Workload{deployment("web", repository+":2.0", 3)},
	}}
	s.policy, s.run, s.web = &s.facts.Policies[0], &s.facts.Runs[0], &s.facts.Workloads[0]
	s.image = &s.policy.Status.Images[0]
	for _, change := range changes {
		change(s)
	}
	return s.facts
}

func patchRun(name string) respinv1alpha1.PatchRun {
	return respinv1alpha1.PatchRun{
		ObjectMeta: metav1.ObjectMeta{Namespace: "payments", Name: name, UID: types.UID("uid-" + name), CreationTimestamp: before(10 * time.Minute)},
		Spec: respinv1alpha1.PatchRunSpec{
			Policy: respinv1alpha1.PolicyReference{Name: "payments", UID: "policy-1"},
			Source: respinv1alpha1.SourceImage{Repository: repository, Tag: "2.0", Digest: source, OriginalDigest: source},
			Base:   respinv1alpha1.BaseMove{Image: debian, From: oldBase, To: newBase},
			Method: respinv1alpha1.MethodRebase, MethodReason: "every safety check passes",
			Output: repository + ":2.0-respin-4a5576e6eb",
			Workloads: []respinv1alpha1.WorkloadTarget{{Kind: respinv1alpha1.KindDeployment, Name: "web", UID: "uid-web",
				Containers: []respinv1alpha1.ContainerTarget{{Name: "app", PreviousImage: repository + ":2.0"}}}},
			Rollout: respinv1alpha1.Delivery{Type: respinv1alpha1.RollingUpdate, BakeTime: &metav1.Duration{Duration: 2 * time.Minute}},
		},
		Status: respinv1alpha1.PatchRunStatus{
			Phase: respinv1alpha1.PhaseRollingOut, Reason: "Updating", StartTime: new(before(10 * time.Minute)),
			Conditions: []metav1.Condition{
				condition(respinv1alpha1.ConditionPlanned, metav1.ConditionTrue, "Proven", ""),
				condition(respinv1alpha1.ConditionBuilt, metav1.ConditionTrue, "Pushed", ""),
				condition(respinv1alpha1.ConditionVerified, metav1.ConditionTrue, "Verified", ""),
			},
			Output: &respinv1alpha1.OutputStatus{Image: repository + ":2.0-respin-4a5576e6eb@" + patched, Digest: patched},
		},
	}
}

func deployment(name, image string, pods int) Workload {
	w := Workload{
		Kind: respinv1alpha1.KindDeployment, Namespace: "payments", Name: name, Labels: map[string]string{"app": name}, PodsRead: true,
		Template: corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: image}}},
	}
	for range pods {
		w.Pods = append(w.Pods, pod(image, repository+"@"+source))
	}
	return w
}

func pod(image, id string) corev1.Pod {
	return corev1.Pod{
		Spec:   corev1.PodSpec{Containers: []corev1.Container{{Name: "app", Image: image}}},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{Name: "app", ImageID: id}}},
	}
}

// Changes to the scene.

func withRun(conditions ...metav1.Condition) func(*scene) {
	return func(s *scene) { s.run.Status.Conditions = append(s.run.Status.Conditions, conditions...) }
}

func inPhase(phase respinv1alpha1.RunPhase, reason string) func(*scene) {
	return func(s *scene) { s.run.Status.Phase, s.run.Status.Reason = phase, reason }
}

func workloadIs(state respinv1alpha1.WorkloadState, reason, message string) func(*scene) {
	return func(s *scene) {
		s.run.Status.Workloads = []respinv1alpha1.WorkloadStatus{{Kind: respinv1alpha1.KindDeployment, Name: "web",
			State: state, Reason: reason, Message: message, Since: new(before(time.Minute))}}
	}
}

func imageIs(state respinv1alpha1.ImageState, reason, message string) func(*scene) {
	return func(s *scene) { s.image.State, s.image.Reason, s.image.Message = state, reason, message }
}

// notBegun is the scene without a run.
func notBegun(s *scene) { s.facts.Runs, s.image.Run = nil, "" }

func awaitingApproval(s *scene) {
	inPhase(respinv1alpha1.PhaseAwaitingApproval, "AwaitingApproval")(s)
	withRun(condition(respinv1alpha1.ConditionApproved, metav1.ConditionFalse, "AwaitingApproval", "waits for a person"))(s)
}

func takenBack(s *scene) {
	inPhase(respinv1alpha1.PhaseRolledBack, "Unhealthy")(s)
	withRun(
		condition(respinv1alpha1.ConditionApproved, metav1.ConditionTrue, "Automatic", ""),
		condition(respinv1alpha1.ConditionRolledOut, metav1.ConditionTrue, "Updated", ""),
		condition(respinv1alpha1.ConditionHealthy, metav1.ConditionFalse, "Unhealthy", "Deployment/web: container app of pod web-1: CrashLoopBackOff: it ended with exit code 3"),
		condition(respinv1alpha1.ConditionRolledBack, metav1.ConditionTrue, "RolledBack", "Deployment/web has its previous image back"),
		condition(respinv1alpha1.ConditionSucceeded, metav1.ConditionFalse, "Unhealthy", "Deployment/web: container app of pod web-1: CrashLoopBackOff: it ended with exit code 3"),
	)(s)
	workloadIs(respinv1alpha1.WorkloadRolledBack, "Unhealthy", "has its previous image back")(s)
	imageIs(respinv1alpha1.ImageFailed, "Quarantined", "the patched image was taken back; not tried again by itself")(s)
}

func succeeded(s *scene) {
	inPhase(respinv1alpha1.PhaseSucceeded, "Patched")(s)
	withRun(condition(respinv1alpha1.ConditionSucceeded, metav1.ConditionTrue, "Patched", ""))(s)
	workloadIs(respinv1alpha1.WorkloadHealthy, "", "")(s)
	imageIs(respinv1alpha1.ImageCurrent, "UpToDate", "")(s)
}

func pods(all ...corev1.Pod) func(*scene) { return func(s *scene) { s.web.Pods = all } }

func changed(p corev1.Pod, change func(*metav1.ObjectMeta)) corev1.Pod {
	change(&p.ObjectMeta)
	return p
}
