//go:build integration

package integration

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func plots() map[string]plot {
	succeeded, back := respinv1alpha1.PhaseSucceeded, respinv1alpha1.PhaseRolledBack
	return map[string]plot{
		"a patched image that is healthy": {
			toRebuild(healthy), true, succeeded, respinv1alpha1.ReasonPatched, map[string]end{"Deployment/api": current}, lastPatched,
		},
		"a patched image that is healthy, rebased": {
			toRebase, true, succeeded, respinv1alpha1.ReasonPatched, map[string]end{"Deployment/api": current}, lastPatched,
		},
		"a patched image that crashes": {
			toRebuild(crashing), false, back, respinv1alpha1.ReasonRolledBack, map[string]end{"Deployment/api": takenBack}, tellsWhy("CrashLoopBackOff"),
		},
		"two workloads, one after the other": {
			twoThatBake(healthy, nil), false, succeeded, respinv1alpha1.ReasonPatched,
			map[string]end{"Deployment/api": current, "Deployment/worker": current}, lastPatched,
		},
		"two workloads, the second of which does not stay healthy": {
			twoThatBake(healthy, fallsOver), false, back, respinv1alpha1.ReasonRolledBack,
			map[string]end{"Deployment/api": current, "Deployment/worker": takenBack}, tellsWhy("came up and did not stay"),
		},
		"an approval by a person": {
			toApprove, false, succeeded, respinv1alpha1.ReasonPatched, map[string]end{"Deployment/api": current}, approvedByAlice,
		},
		"a person asks for the previous image back": {
			toGoBack, false, back, respinv1alpha1.ReasonRolledBack, map[string]end{"Deployment/api": takenBack}, tellsWhy("a person asked"),
		},
		"pods that are patched as they restart": {
			toRestart(healthy), false, succeeded, respinv1alpha1.ReasonPatched, map[string]end{"Deployment/api": {
				state: respinv1alpha1.ImageCurrent, reason: respinv1alpha1.ReasonPatchedOnRestart,
			}}, everyPodHas((*scenario).patchedImage),
		},
		"pods that crash once they are patched as they restart": {
			toRestart(crashing), false, back, respinv1alpha1.ReasonRolledBack, map[string]end{"Deployment/api": {
				state: respinv1alpha1.ImageFailed, reason: respinv1alpha1.ReasonQuarantined,
			}}, everyPodHas((*scenario).own),
		},
		"a StatefulSet that waits for its broken pod": {
			toUnblock, false, back, respinv1alpha1.ReasonRolledBack, map[string]end{"StatefulSet/api": takenBack}, everyPodHas((*scenario).own),
		},
		"a CronJob": {
			toRunAJob, false, succeeded, respinv1alpha1.ReasonPatched, map[string]end{"CronJob/api": current}, lastPatched,
		},
	}
}

// toRebuild dies anywhere from the beginning; most others do once there is an image to roll out.
func toRebuild(k kubelet) func(*testing.T) *scenario {
	return func(t *testing.T) *scenario { return newScenario(t, k, "api") }
}

// toRebase is a scenario whose image tells which base it is on, and with a policy that declares nothing.
func toRebase(t *testing.T) *scenario {
	t.Helper()
	s := bare(t, healthy)
	s.deploy("api", s.shelf.annotated("shop/api", s.oldBase))
	s.newBase = s.shelf.moveBase()
	s.keep("payments", func(policy *respinv1alpha1.PatchPolicy) { policy.Spec.Images = nil })
	s.play()
	return s
}

// verified is a scenario with a run that has an image to roll out.
func verified(t *testing.T, k kubelet, change func(*respinv1alpha1.PatchPolicy), deploy func(s *scenario, image string)) *scenario {
	t.Helper()
	s := bare(t, k)
	deploy(s, s.shelf.app("shop/api"))
	s.newBase = s.shelf.moveBase()
	s.keep("payments", change)
	s.play()
	s.until(s.operator(), isTrue(respinv1alpha1.ConditionVerified))
	return s
}

func baking(policy *respinv1alpha1.PatchPolicy) {
	policy.Spec.Rollout.BakeTime = &metav1.Duration{Duration: 2 * time.Minute}
}

func deployments(names ...string) func(*scenario, string) {
	return func(s *scenario, image string) {
		for _, name := range names {
			s.deploy(name, image)
		}
	}
}

func twoThatBake(k kubelet, other func(*scenario) func()) func(*testing.T) *scenario {
	return func(t *testing.T) *scenario {
		t.Helper()
		s := verified(t, k, baking, deployments("api", "worker"))
		if other != nil {
			s.others = append(s.others, other(s))
		}
		return s
	}
}

// fallsOver has the worker's container end 20 s after it was started on a patched image.
func fallsOver(s *scenario) func() {
	return func() {
		for _, pod := range s.pods("worker") {
			status := &pod.Status.ContainerStatuses[0]
			running := status.State.Running
			if status.Image == s.own() || status.RestartCount > 0 || s.clock.now().Sub(running.StartedAt.Time) < 20*time.Second {
				continue
			}
			ended := metav1.NewTime(running.StartedAt.Add(20 * time.Second))
			status.RestartCount, running.StartedAt = 1, ended
			status.LastTerminationState.Terminated = &corev1.ContainerStateTerminated{ExitCode: 1, Reason: "Error", FinishedAt: ended}
			s.must(live.Status().Update(s.t.Context(), &pod))
		}
	}
}

func toApprove(t *testing.T) *scenario {
	t.Helper()
	s := verified(t, healthy, func(policy *respinv1alpha1.PatchPolicy) {
		policy.Spec.Rollout.Approval = respinv1alpha1.ApprovalManual
	}, deployments("api"))
	s.others = append(s.others, func() {
		for _, run := range s.runs() {
			asks := meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionApproved)
			if asks == nil || asks.Reason != respinv1alpha1.ReasonAwaitingApproval || len(run.Annotations) > 0 {
				continue
			}
			before := run.DeepCopy()
			run.Annotations = map[string]string{ // the second is the webhook's, which is not here
				respinv1alpha1.AnnotationApprove: run.Status.Output.Digest, respinv1alpha1.AnnotationApprovedBy: "alice",
			}
			s.must(live.Patch(t.Context(), &run, client.MergeFrom(before)))
		}
	})
	return s
}

func approvedByAlice(s *scenario) {
	run := s.onlyRun()
	if approval := run.Status.Approval; approval == nil || approval.By != "alice" || approval.Digest != run.Status.Output.Digest {
		s.t.Errorf("the approval is told as %+v", approval)
	}
}

func toGoBack(t *testing.T) *scenario {
	t.Helper()
	s := newScenario(t, healthy, "api")
	s.toTheEnd(s.operator())
	s.annotate(s.onlyRun(), respinv1alpha1.AnnotationRollback, "now")
	return s
}

func (s *scenario) patchedImage() string { return s.onlyRun().Status.Output.Image }

func everyPodHas(image func(*scenario) string) func(*scenario) {
	return func(s *scenario) {
		for _, pod := range s.pods("") {
			if status := pod.Status.ContainerStatuses[0]; status.Image != image(s) || !status.Ready || pod.Spec.Containers[0].Image != image(s) {
				s.t.Errorf("pod %s is to have %s, and has %+v", pod.Name, pod.Spec.Containers[0].Image, status)
			}
		}
		if len(s.pods("")) == 0 {
			s.t.Error("there are no pods")
		}
	}
}
