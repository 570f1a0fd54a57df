package patchpolicy

import (
	"context"
	"fmt"
	"slices"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// maxBaseMessage is how many bytes of a base's message the API takes.
const maxBaseMessage = 1024

// report puts what was seen and decided into the status.
func (r *Reconciler) report(policy *respinv1alpha1.PatchPolicy, seen observed, gathered gathered, decisions []plan.Decision) {
	status := &policy.Status
	status.ObservedGeneration = policy.Generation
	status.LastHandledReconcileAt = plan.AskedReconcile(policy)
	status.Images = make([]respinv1alpha1.ImageStatus, 0, len(decisions))
	for _, decision := range decisions {
		status.Images = append(status.Images, decision.Status)
	}
	summary := plan.Summarize(status.Images)
	status.Summary = &summary
	measure(policy)
	status.LastPatchedTime = lastPatched(status.LastPatchedTime, seen.runs)
	status.Bases = r.bases(status.Bases, plan.First(gathered.bases, plan.MaxBases))
	r.setConditions(policy, plan.Conditions(plan.Observation{
		Images: status.Images, Claims: seen.claims, Mistakes: seen.mistakes,
	}))
	status.Images = plan.First(status.Images, plan.MaxImages)
}

// suspend reports that a policy is suspended. What was known of its images before stays.
func (r *Reconciler) suspend(ctx context.Context, before, policy *respinv1alpha1.PatchPolicy) error {
	policy.Status.ObservedGeneration = policy.Generation
	r.setConditions(policy, plan.SuspendedConditions())
	return r.save(ctx, before, policy)
}

// setConditions makes the conditions those given; the time of one that keeps its status stays.
func (r *Reconciler) setConditions(policy *respinv1alpha1.PatchPolicy, wanted []metav1.Condition) {
	known := &policy.Status.Conditions
	for _, old := range slices.Clone(*known) {
		if meta.FindStatusCondition(wanted, old.Type) == nil {
			meta.RemoveStatusCondition(known, old.Type)
		}
	}
	for _, c := range wanted {
		c.ObservedGeneration = policy.Generation
		c.LastTransitionTime = metav1.NewTime(r.Now())
		meta.SetStatusCondition(known, c)
	}
}

// bases are the bases' status. When they were checked is not in it: a poll that finds nothing new writes nothing.
func (r *Reconciler) bases(known []respinv1alpha1.BaseStatus, found []base) []respinv1alpha1.BaseStatus {
	statuses := make([]respinv1alpha1.BaseStatus, 0, len(found))
	for _, at := range found {
		status := respinv1alpha1.BaseStatus{Image: at.ref.Familiar()}
		if i := slices.IndexFunc(known, func(b respinv1alpha1.BaseStatus) bool { return b.Image == status.Image }); i >= 0 {
			status = known[i]
		}
		status.Images, status.Message = at.images, ""
		if at.err != nil {
			status.Message = plan.Clip(at.err.Error(), maxBaseMessage)
		} else if status.Digest != at.digest {
			now := metav1.NewTime(r.Now())
			status.Digest, status.FirstSeen = at.digest, &now
		}
		statuses = append(statuses, status)
	}
	return statuses
}

func lastPatched(known *metav1.Time, runs []respinv1alpha1.PatchRun) *metav1.Time {
	last := known
	for i := range runs {
		if ended := runs[i].Status.CompletionTime; plan.Succeeded(&runs[i]) && ended != nil && (last == nil || last.Before(ended)) {
			last = ended
		}
	}
	return last
}

// save writes the status if it changed.
func (r *Reconciler) save(ctx context.Context, before, policy *respinv1alpha1.PatchPolicy) error {
	if equality.Semantic.DeepEqual(before.Status, policy.Status) {
		return nil
	}
	lock := client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})
	if err := r.Status().Patch(ctx, policy.DeepCopy(), lock); err != nil {
		return fmt.Errorf("writing the status of patchpolicy %s: %w", client.ObjectKeyFromObject(policy), err)
	}
	return nil
}
