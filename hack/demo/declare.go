package main

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// declare applies the policy, and waits until Respin has judged the application to be on its base's current digest.
func (d *demo) declare(ctx context.Context) error {
	d.Chapter("A policy that keeps it patched")
	d.Say("%s, with the registry's name filled in:", policyFile)
	d.Quote(withoutComment(d.policyYAML))
	if err := d.letMemoryPass(ctx); err != nil {
		return err
	}
	if err := d.apply(ctx, d.policyYAML); err != nil {
		return err
	}
	return d.Do("Respin watches", func(t *screen.Task) error { return d.waitUpToDate(ctx, t) })
}

// letMemoryPass waits until nothing that Respin heard of the base during an earlier demo is still good for it: an
// answer of the registry serves every policy for an interval.
func (d *demo) letMemoryPass(ctx context.Context) error {
	wait := d.policy.Spec.Interval.Duration - time.Since(d.removed)
	if wait <= 0 {
		return nil
	}
	return d.Do("Let one interval of the earlier demo's policy pass", func(*screen.Task) error {
		select {
		case <-time.After(wait):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

func (d *demo) waitUpToDate(ctx context.Context, t *screen.Task) error {
	return until(ctx, "the policy is ready", 2*time.Minute, func(ctx context.Context) (bool, error) {
		policy, err := d.currentPolicy(ctx)
		if err != nil {
			return false, err
		}
		ready := meta.FindStatusCondition(policy.Status.Conditions, respinv1alpha1.ConditionReady)
		if ready == nil || ready.ObservedGeneration != policy.Generation {
			return false, nil
		}
		t.Detail("%s: %s", ready.Reason, ready.Message)
		t.Result("%s", ready.Message)
		return ready.Status == "True" && ready.Reason == respinv1alpha1.ReasonUpToDate, stalled(policy)
	})
}

// stalled is an error if nothing will change before a person changes something.
func stalled(policy *respinv1alpha1.PatchPolicy) error {
	c := meta.FindStatusCondition(policy.Status.Conditions, respinv1alpha1.ConditionStalled)
	if c == nil || c.Status != "True" {
		return nil
	}
	return fmt.Errorf("the policy is stalled: %s: %s", c.Reason, c.Message)
}

func (d *demo) currentPolicy(ctx context.Context) (*respinv1alpha1.PatchPolicy, error) {
	var policy respinv1alpha1.PatchPolicy
	err := d.Get(ctx, client.ObjectKeyFromObject(&d.policy), &policy)
	return &policy, err
}
