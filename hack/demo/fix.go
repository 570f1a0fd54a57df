package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// publishFix publishes the fixed base, and follows what Respin makes of it.
func (d *demo) publishFix(ctx context.Context) error {
	d.Chapter("The fixed Debian is published under the same name")
	if _, err := d.runs(ctx, 0); err != nil {
		return err
	}
	err := d.Do("Published the fixed base", func(t *screen.Task) error { return d.publishBase(ctx, t, d.store.Fixed()) })
	if err != nil {
		return err
	}
	d.Say("From here on nobody touches anything. The policy asks every %s.", d.policy.Spec.Interval.Duration)
	published := time.Now()
	for _, stage := range stages {
		if err := d.Do(stage.title, func(t *screen.Task) error { return d.reach(ctx, t, stage) }); err != nil {
			return err
		}
	}
	d.Say("Patched and healthy %s after the fixed base was published.", screen.Elapsed(time.Since(published)))
	return nil
}

// stage is a condition of a run that is waited for.
type stage struct{ condition, title string }

var stages = []stage{
	{respinv1alpha1.ConditionPlanned, "Respin noticed, and made a PatchRun"},
	{respinv1alpha1.ConditionBuilt, "Made the web server anew, on the fixed base"},
	{respinv1alpha1.ConditionVerified, "Read the image back, and found it whole"},
	{respinv1alpha1.ConditionRolledOut, "Gave the image to the Deployment"},
	{respinv1alpha1.ConditionHealthy, "Watched the new pods become healthy, and stay so"},
	{respinv1alpha1.ConditionSucceeded, "Closed the PatchRun"},
}

// reach waits until the run has come so far.
func (d *demo) reach(ctx context.Context, t *screen.Task, s stage) error {
	return until(ctx, s.title, 5*time.Minute, func(ctx context.Context) (bool, error) {
		runs, err := d.runs(ctx, 1)
		if err != nil || len(runs) == 0 {
			return false, err
		}
		d.run = &runs[0]
		t.Detail("%s", d.progress(ctx, d.run))
		if err := gaveUp(d.run); err != nil {
			return false, err
		}
		c := meta.FindStatusCondition(d.run.Status.Conditions, s.condition)
		if c == nil || c.Status != "True" {
			return false, nil
		}
		t.Result("%s", d.outcome(ctx, s.condition))
		return true, nil
	})
}

// runs are the namespace's runs. There must not be more than is right.
func (d *demo) runs(ctx context.Context, most int) ([]respinv1alpha1.PatchRun, error) {
	var list respinv1alpha1.PatchRunList
	if err := d.List(ctx, &list, client.InNamespace(d.namespace)); err != nil {
		return nil, err
	}
	if len(list.Items) > most {
		return nil, fmt.Errorf("there are %d PatchRuns where %d is right", len(list.Items), most)
	}
	return list.Items, nil
}

// progress is what a run is doing.
func (d *demo) progress(ctx context.Context, run *respinv1alpha1.PatchRun) string {
	text := string(run.Status.Phase)
	switch run.Status.Phase {
	case respinv1alpha1.PhaseBuilding:
		if b := run.Status.Build; b != nil && b.Steps > 0 {
			text += fmt.Sprintf(", step %d of %d: %s", b.Step, b.Steps, b.Current)
		}
	case respinv1alpha1.PhaseRollingOut, respinv1alpha1.PhaseWatching:
		if _, pods, err := d.ready(ctx); err == nil {
			text += ", " + pods
		}
		if run.Status.Reason == respinv1alpha1.ReasonBaking {
			text += fmt.Sprintf(", which have to stay so for %s", run.Spec.Rollout.BakeTime.Duration)
		}
	}
	return text
}

// outcome is what a stage led to.
func (d *demo) outcome(ctx context.Context, condition string) string {
	switch condition {
	case respinv1alpha1.ConditionPlanned:
		return d.run.Name
	case respinv1alpha1.ConditionBuilt:
		return d.run.Spec.Output
	case respinv1alpha1.ConditionVerified:
		return "it stands on " + short(d.run.Spec.Base.To)
	case respinv1alpha1.ConditionHealthy:
		_, pods, _ := d.ready(ctx)
		return pods
	case respinv1alpha1.ConditionSucceeded:
		return "it took " + d.run.Status.Duration
	default:
		return ""
	}
}

// gaveUp is an error if the run has ended otherwise than well.
func gaveUp(run *respinv1alpha1.PatchRun) error {
	c := meta.FindStatusCondition(run.Status.Conditions, respinv1alpha1.ConditionSucceeded)
	if c == nil || c.Status != "False" || run.Status.CompletionTime == nil {
		return nil
	}
	return errors.New("the PatchRun " + run.Name + " ended: " + c.Reason + ": " + c.Message)
}
