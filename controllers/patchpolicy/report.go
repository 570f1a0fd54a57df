package patchpolicy

import (
	"context"
	"fmt"
	"slices"
	"time"

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
	before := status.Images
	status.Images = make([]respinv1alpha1.ImageStatus, 0, len(decisions))
	for _, decision := range decisions {
		status.Images = append(status.Images, remember(before, decision.Status))
	}
	summary := plan.Summarize(status.Images)
	status.Summary = &summary
	measure(policy)
	status.NextWindow = nextWindow(policy, r.Now())
	status.LastPatchedTime = lastPatched(status.LastPatchedTime, seen.runs)
	status.Bases = plan.First(bases(status.Bases, gathered.bases, status.Images), plan.MaxBases)
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

// remember keeps what was known of the base of an image that could not be judged this time: it may be written down
// nowhere else, and the base may have moved when the image can be judged again.
func remember(before []respinv1alpha1.ImageStatus, now respinv1alpha1.ImageStatus) respinv1alpha1.ImageStatus {
	if now.Base != "" || now.State != respinv1alpha1.ImageUnknown {
		return now
	}
	for _, known := range before {
		if known.Repository == now.Repository && known.Digest == now.Digest {
			now.Base, now.BaseDigest, now.Lineage, now.Certainty = known.Base, known.BaseDigest, known.Lineage, known.Certainty
		}
	}
	return now
}

// bases are the bases' status, with those that were not looked at because their images could not be judged. When they
// were checked is not in it: a poll that finds nothing new writes nothing.
func bases(known []respinv1alpha1.BaseStatus, found []base, images []respinv1alpha1.ImageStatus) []respinv1alpha1.BaseStatus {
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
			since := metav1.NewTime(at.since)
			status.Digest, status.FirstSeen = at.digest, &since
		}
		statuses = append(statuses, status)
	}
	for _, old := range known {
		told := slices.ContainsFunc(statuses, func(b respinv1alpha1.BaseStatus) bool { return b.Image == old.Image })
		named := slices.ContainsFunc(images, func(i respinv1alpha1.ImageStatus) bool { return i.Base == old.Image })
		if !told && named {
			statuses = append(statuses, old)
		}
	}
	return statuses
}

// nextWindow is when a rollout window opens next; nil if none does.
func nextWindow(policy *respinv1alpha1.PatchPolicy, now time.Time) *metav1.Time {
	windows, _ := plan.ParseWindows(policy.Spec.Rollout.Windows) // a mistake in them is told of as such
	next, ok := windows.Next(now)
	if !ok {
		return nil
	}
	at := metav1.NewTime(next)
	return &at
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
