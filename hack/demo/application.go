package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// runApplication publishes the vulnerable base, builds the application on it, and runs that.
func (d *demo) runApplication(ctx context.Context) error {
	d.Chapter("A web server on the Debian as released")
	err := d.Do("Published the base", func(t *screen.Task) error {
		return d.publishBase(ctx, t, d.store.Released())
	})
	if err != nil {
		return err
	}
	err = d.Do("Built the web server on it with BuildKit", func(t *screen.Task) error {
		t.Result("%s", d.app)
		return d.buildAndPush(ctx, t, d.dockerfile, d.app)
	})
	if err != nil {
		return err
	}
	err = d.Do("Deployed it: "+workloadFile, func(t *screen.Task) error { return d.deploy(ctx, t) })
	if err != nil {
		return err
	}
	return d.showHoles(ctx)
}

// showHoles looks into the running pods, and says what they lack.
func (d *demo) showHoles(ctx context.Context) error {
	var err error
	if d.before, err = d.versions(ctx); err != nil {
		return err
	}
	packages, name := d.before[anyOf(d.before)], d.changed[len(d.changed)-1]
	if slices.Contains(d.changed, "perl-base") {
		name = "perl-base" // which the web server is written in
	}
	d.Say("Inside its pods %s is %s. Debian has fixed that in %s.", name, packages[name], d.fixed[name])
	return equal("the version of "+name+" in the pods", packages[name], d.released[name])
}

func (d *demo) deploy(ctx context.Context, t *screen.Task) error {
	if _, err := d.kubectl(ctx, "create", "namespace", d.namespace); err != nil {
		return err
	}
	if err := d.apply(ctx, d.workloadYAML); err != nil {
		return err
	}
	return d.waitForPods(ctx, t)
}

// waitForPods waits until every replica is of the current template, and ready.
func (d *demo) waitForPods(ctx context.Context, t *screen.Task) error {
	return until(ctx, "every pod of the web server is ready", 3*time.Minute, func(ctx context.Context) (bool, error) {
		ready, text, err := d.ready(ctx)
		t.Detail("%s", text)
		t.Result("%s", text)
		return ready, err
	})
}

// ready says whether every replica is of the current template and ready, and how many are.
func (c cluster) ready(ctx context.Context) (all bool, text string, err error) {
	d, err := c.deployment(ctx)
	if err != nil {
		return false, "", err
	}
	want, s := *d.Spec.Replicas, d.Status
	all = s.ObservedGeneration == d.Generation && s.UpdatedReplicas == want && s.Replicas == want && s.AvailableReplicas == want
	return all, fmt.Sprintf("%d of %d pods new, %d ready", s.UpdatedReplicas, want, s.ReadyReplicas), nil
}
