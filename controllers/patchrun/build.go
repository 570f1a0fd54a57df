package patchrun

import (
	"context"
	"errors"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/builder"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/registry"
)

// build has the patched image made and pushed, beside Reconcile: it is asked how far the job is, and told by an event
// when that changes.
func (r *Reconciler) build(ctx context.Context, run *respinv1alpha1.PatchRun) (outcome, error) {
	at, err := r.access(ctx, run)
	if err != nil {
		return r.accessTrouble(run, respinv1alpha1.ConditionBuilt, err)
	}
	job, err := r.job(ctx, run, at)
	if err != nil {
		return r.registryTrouble(run, respinv1alpha1.ConditionBuilt, err), nil
	}
	state := r.Builds.Ensure(client.ObjectKeyFromObject(run), job)
	switch {
	case state.Err != nil:
		return r.buildFailed(run, state), nil
	case !state.Done:
		r.building(run, state)
		return outcome{}, nil
	}
	r.built(run, state)
	return outcome{}, nil
}

// job is all that making the image needs.
func (r *Reconciler) job(ctx context.Context, run *respinv1alpha1.PatchRun, at Access) (Job, error) {
	base, err := image.ParseReference(run.Spec.Base.Image)
	if err != nil {
		return Job{}, err
	}
	job := Job{Run: string(run.UID), Attempt: run.Status.Attempts, Registry: at.Registry, Builder: r.Builder}
	job.Request = builder.Request{
		Platforms:   run.Spec.Source.Platforms,
		Base:        builder.Base{Reference: base.String(), To: run.Spec.Base.To},
		Output:      plan.Output(run),
		Annotations: annotations(run),
		Credentials: at.credentials(run.Spec.Output),
	}
	if run.Spec.Method == respinv1alpha1.MethodRebase {
		job.Rebase, job.Builder = true, at.Rebaser
		job.Request.Source, job.Request.Base.FromPlatforms = original(run), oldBases(run)
		return job, nil
	}
	return job, r.declared(ctx, run, at, &job.Request)
}

// declared adds the policy's build; the base is read to give the image its time, so that the same inputs give the same
// image.
func (r *Reconciler) declared(ctx context.Context, run *respinv1alpha1.PatchRun, at Access, req *builder.Request) error {
	pinned, err := r.base(ctx, run, at)
	if err != nil {
		return err
	}
	build := run.Spec.Build
	req.Context, req.Dockerfile, req.DockerfileInline = run.Status.Build.Context, build.Dockerfile, build.DockerfileInline
	req.Target, req.Args, req.Epoch = build.Target, build.Args, epoch(pinned)
	if run.Spec.Base.From != "" {
		req.Base.From = []string{run.Spec.Base.From}
	}
	return nil
}

// annotations tell of the patched image's origin. They also mark it as this run's: see adoptable.
func annotations(run *respinv1alpha1.PatchRun) map[string]string {
	return map[string]string{
		image.AnnotationBaseName:     run.Spec.Base.Image,
		image.AnnotationBaseDigest:   run.Spec.Base.To,
		image.AnnotationSourceDigest: run.Spec.Source.OriginalDigest,
		image.AnnotationSourceName:   original(run).Repository,
	}
}

// maxCurrent is how many bytes of a build's current step the API takes.
const maxCurrent = 256

func (r *Reconciler) building(run *respinv1alpha1.PatchRun, state State) {
	message := "waiting for its turn"
	if state.Started {
		message = "building " + plan.Output(run)
	}
	r.set(run, respinv1alpha1.ConditionBuilt, metav1.ConditionUnknown, respinv1alpha1.ReasonBuilding, message)
	if run.Spec.Method == respinv1alpha1.MethodRebase {
		return // which has no steps
	}
	run.Status.Build.Step = int32(state.Progress.Step)
	run.Status.Build.Steps = int32(state.Progress.Steps)
	run.Status.Build.Current = plan.Clip(state.Progress.Current, maxCurrent)
}

func (r *Reconciler) built(run *respinv1alpha1.PatchRun, state State) {
	output := plan.Output(run)
	run.Status.Output = &respinv1alpha1.OutputStatus{Image: output + "@" + state.Digest, Digest: state.Digest}
	reason, message := respinv1alpha1.ReasonPushed, "made and pushed "+output
	if state.Adopted {
		reason, message = respinv1alpha1.ReasonAdopted, output+" was already pushed by an earlier start of this run"
	}
	r.set(run, respinv1alpha1.ConditionBuilt, metav1.ConditionTrue, reason, message)
}

func (r *Reconciler) buildFailed(run *respinv1alpha1.PatchRun, state State) outcome {
	reason, message := explain(state.Err)
	if state.RetryAfter > 0 {
		r.set(run, respinv1alpha1.ConditionBuilt, metav1.ConditionUnknown, reason, message+"; it is tried again")
		return outcome{after: state.RetryAfter}
	}
	return r.fail(run, respinv1alpha1.ConditionBuilt, reason, message)
}

// explain gives a build's error its reason and, where the build itself failed, the last lines it wrote.
func explain(err error) (reason, message string) {
	var failed *builder.FailedError
	var push *builder.PushError
	var gitContext *builder.ContextError
	var refused *builder.RefusedError
	switch {
	case errors.As(err, &refused):
		return respinv1alpha1.ReasonRebaseRefused, err.Error()
	case errors.Is(err, builder.ErrBaseNotUsed):
		return respinv1alpha1.ReasonBaseNotUsed, err.Error()
	case errors.As(err, &push):
		return respinv1alpha1.ReasonPushRefused, err.Error()
	case errors.As(err, &gitContext):
		return respinv1alpha1.ReasonContextUnavailable, err.Error()
	case errors.As(err, &failed):
		return respinv1alpha1.ReasonBuildFailed, withLog(failed)
	case errors.Is(err, builder.ErrUnavailable):
		return respinv1alpha1.ReasonBuilderUnavailable, err.Error()
	case errors.Is(err, context.DeadlineExceeded):
		return respinv1alpha1.ReasonBuildFailed, fmt.Sprintf("the build took more than %s and was stopped", buildTimeout)
	}
	if kind := registry.KindOf(err); kind != "" {
		return string(kind), err.Error()
	}
	return respinv1alpha1.ReasonBuildFailed, err.Error()
}

func withLog(failed *builder.FailedError) string {
	if len(failed.Log) == 0 {
		return failed.Error()
	}
	return failed.Error() + "\n" + strings.Join(failed.Log, "\n")
}
