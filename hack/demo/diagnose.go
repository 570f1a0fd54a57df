package main

import (
	"context"
	"strings"
	"time"
)

// diagnose shows what a person would look at first when the demo has failed.
func (d *demo) diagnose(ctx context.Context) {
	if there, err := d.exists(ctx); !there || err != nil {
		return // interrupted, or it has not come so far
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	d.Heading("What was found where it failed")
	for _, look := range [][]string{
		{"describe", "patchpolicies,patchruns"},
		{"get", "pods", "--output", "wide"},
		{"get", "events", "--sort-by", ".lastTimestamp"},
		{"logs", "--namespace", "respin-system", "deployment/respin-controller-manager", "--tail", "40"},
	} {
		out, err := d.kubectl(ctx, look...)
		if err != nil {
			out = err.Error()
		}
		d.Heading("kubectl " + strings.Join(look, " "))
		d.Plain(out)
	}
}
