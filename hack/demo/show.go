package main

import (
	"context"
	"fmt"
	"time"

	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// show tells the whole story. It fails unless every proof holds.
func (d *demo) show(ctx context.Context) error {
	began := time.Now()
	d.Plain("Respin keeps running containers patched. This is a web server on Debian " +
		"whose base image\nhas known holes; the fixes come out, and nobody touches the cluster.")
	chapters := []func(context.Context) error{
		d.install, d.prepareBases, d.startOver, d.runApplication, d.declare, d.publishFix, d.prove, d.survive, d.finish,
	}
	for _, chapter := range chapters {
		if err := chapter(ctx); err != nil {
			d.diagnose(ctx)
			return err
		}
	}
	d.Say("The whole demo took %s.", screen.Elapsed(time.Since(began)))
	d.whatNext()
	return nil
}

// install puts the operator into the cluster, as "make deploy" does.
func (d *demo) install(ctx context.Context) error {
	d.Chapter("The operator")
	return d.Do("make deploy: build it, push it, install it", func(t *screen.Task) error {
		return t.Run(ctx, "make", "--no-print-directory", "deploy")
	})
}

// startOver removes what an earlier demo left.
func (d *demo) startOver(ctx context.Context) error {
	there, err := d.exists(ctx)
	if err != nil || !there {
		return err
	}
	err = d.Do("Removed the demo that was here before", func(t *screen.Task) error { return d.removeNamespace(ctx, t) })
	d.removed = time.Now()
	return err
}

// finish shows what Kubernetes says of it all.
func (d *demo) finish(ctx context.Context) error {
	d.Chapter("What is in the cluster now")
	table, err := d.kubectl(ctx, "get", "patchpolicies,patchruns")
	if err != nil {
		return err
	}
	d.Plain(fmt.Sprintf("\n$ kubectl get patchpolicies,patchruns --namespace %s\n%s\n", d.namespace, table))
	return nil
}
