package plan

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Waves are a policy's waves, in order, as selectors over the workloads' own labels.
type Waves []labels.Selector

// ParseWaves checks a policy's waves.
func ParseWaves(spec []respinv1alpha1.RolloutWave) (Waves, *Problem) {
	waves := make(Waves, 0, len(spec))
	for i := range spec {
		selector, err := metav1.LabelSelectorAsSelector(&spec[i].Selector)
		if err != nil {
			return nil, &Problem{respinv1alpha1.ReasonInvalidWave, fmt.Sprintf(
				"spec.rollout.waves[%d].selector: %v; write for example matchLabels: {tier: canary}", i, err)}
		}
		waves = append(waves, selector)
	}
	return waves, nil
}

// Of is the wave that a workload with these labels is in: the first that selects it, or the one after the last.
func (w Waves) Of(workload labels.Set) int32 {
	for i, selector := range w {
		if selector.Matches(workload) {
			return int32(i)
		}
	}
	return int32(len(w))
}

// earlierWave waits for the workloads that are in earlier waves of the same move of a base, whichever runs they are
// in. Runs are those of the policy.
func earlierWave(run *respinv1alpha1.PatchRun, target respinv1alpha1.WorkloadTarget, runs []respinv1alpha1.PatchRun) *Wait {
	var wait *Wait
	for i := range runs {
		other := &runs[i]
		if !sameMove(run, other) || Succeeded(other) && Finished(other) {
			continue
		}
		for _, t := range other.Spec.Workloads {
			if t.Wave >= target.Wave || t.UID == target.UID || overtaken(other, t, runs) {
				continue
			}
			if failed := waveFailed(other, t); failed != nil {
				return failed
			}
			if !settled(stateOf(other, t)) && wait == nil {
				wait = &Wait{Reason: respinv1alpha1.ReasonWaitingForWave, Message: fmt.Sprintf(
					"%s of wave %d is yet to be healthy (patchrun/%s)", targetName(t), t.Wave, other.Name)}
			}
		}
	}
	return wait
}

// waveFailed tells of a workload of an earlier wave whose run failed.
func waveFailed(run *respinv1alpha1.PatchRun, t respinv1alpha1.WorkloadTarget) *Wait {
	if !Finished(run) || settled(stateOf(run, t)) {
		return nil
	}
	return &Wait{Reason: respinv1alpha1.ReasonWaveFailed, Message: fmt.Sprintf(
		"%s of wave %d failed, so that no later wave begins: %s; what helps is a new base, a new image, a changed build, or the annotation %s on patchrun/%s",
		targetName(t), t.Wave, Outcome(run), respinv1alpha1.AnnotationRetry, run.Name)}
}

// overtaken tells whether a later run of the same move is for a run's target, too: of another image, or by a changed
// build. Then it is that one's outcome which counts.
func overtaken(run *respinv1alpha1.PatchRun, t respinv1alpha1.WorkloadTarget, runs []respinv1alpha1.PatchRun) bool {
	for i := range runs {
		later := &runs[i]
		if sameMove(run, later) && run.CreationTimestamp.Before(&later.CreationTimestamp) &&
			share([]respinv1alpha1.WorkloadTarget{t}, later.Spec.Workloads) {
			return true
		}
	}
	return false
}

// sameMove tells whether two runs bring a policy's images onto the same digest of the same base.
func sameMove(a, b *respinv1alpha1.PatchRun) bool {
	return a.Spec.Policy.UID == b.Spec.Policy.UID && a.Spec.Base.Image == b.Spec.Base.Image && a.Spec.Base.To == b.Spec.Base.To
}

// settled tells whether a workload's part in a run is over, and not because the patched image failed.
func settled(state respinv1alpha1.WorkloadState) bool {
	switch state {
	case respinv1alpha1.WorkloadHealthy, respinv1alpha1.WorkloadSkipped, respinv1alpha1.WorkloadReverted:
		return true
	}
	return false
}

// stateOf is how far a target has come in its run; empty before anything was decided about it.
func stateOf(run *respinv1alpha1.PatchRun, t respinv1alpha1.WorkloadTarget) respinv1alpha1.WorkloadState {
	for i := range run.Status.Workloads {
		if w := &run.Status.Workloads[i]; w.Kind == t.Kind && w.Name == t.Name {
			return w.State
		}
	}
	return ""
}

func targetName(t respinv1alpha1.WorkloadTarget) string { return string(t.Kind) + "/" + t.Name }
