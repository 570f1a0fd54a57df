package main

import (
	"encoding/json"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image/safety"
)

// told is what is told of an image, in the form of -o json.
type told struct {
	Image     string         `json:"image"`
	Base      toldBase       `json:"base"`
	Behind    bool           `json:"behind"`
	Platforms []toldPlatform `json:"platforms"`
	// Method is Rebase, or empty where none is needed or possible.
	Method string      `json:"method,omitempty"`
	Checks []toldCheck `json:"checks,omitempty"`
	// Requests are those that a rebase would make to write; reading comes before.
	Requests []string `json:"requests,omitempty"`
	// Output is what was pushed.
	Output string `json:"output,omitempty"`
}

type toldBase struct {
	Image     string `json:"image"`
	From      string `json:"from,omitempty"`
	To        string `json:"to"`
	Evidence  string `json:"evidence"`
	Certainty string `json:"certainty"`
}

type toldPlatform struct {
	Platform string `json:"platform"`
	Behind   bool   `json:"behind"`
	Reason   string `json:"reason"`
}

type toldCheck struct {
	Name     string `json:"name"`
	Platform string `json:"platform,omitempty"`
	Result   string `json:"result"` // passed, waived or refused
	Message  string `json:"message"`
}

func report(a assessment) *told {
	t := &told{
		Image: a.ref.Familiar(), Behind: a.verdict.Behind,
		Base: toldBase{
			Image: a.lineage.Base.Familiar(), From: a.lineage.Digest, To: a.base.Digest,
			Evidence: string(a.lineage.Evidence), Certainty: string(a.lineage.Certainty),
		},
	}
	for _, p := range a.verdict.Platforms {
		t.Platforms = append(t.Platforms, toldPlatform{p.Platform.String(), p.Behind, p.Reason})
	}
	for _, result := range a.results {
		t.Checks = append(t.Checks, check(result))
	}
	if a.safe() {
		t.Method = "Rebase"
	}
	return t
}

func check(result safety.Result) toldCheck {
	c := toldCheck{Name: string(result.Check), Result: "refused", Message: result.Reason}
	if result.Platform.OS != "" {
		c.Platform = result.Platform.String()
	}
	switch {
	case result.Passed:
		c.Result = "passed"
	case result.Waived:
		c.Result = "waived"
	}
	return c
}

// add tells of the requests that a rebase would make.
func (t *told) add(plan *rebase.Plan) {
	if plan == nil {
		return
	}
	for _, write := range plan.Writes {
		t.Requests = append(t.Requests, write.Requests()...)
	}
}

// exit is the code to end with.
func (t *told) exit() error {
	switch {
	case !t.Behind:
		return nil
	case t.Method == "":
		return exit(exitRefused)
	}
	return exit(exitBehind)
}

func (t *told) print(out io.Writer, form string) error {
	if form == "json" {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		return encoder.Encode(t)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	t.printImage(table)
	t.printChecks(table)
	t.printResult(table)
	return table.Flush()
}

func (t *told) printImage(out io.Writer) {
	fmt.Fprintf(out, "Image\t%s\n", t.Image)
	fmt.Fprintf(out, "Base\t%s, as told by: %s (%s)\n", t.Base.Image, t.Base.Evidence, t.Base.Certainty)
	if t.Base.From != "" {
		fmt.Fprintf(out, "  built on\t%s\n", t.Base.From)
	}
	fmt.Fprintf(out, "  now\t%s\n", t.Base.To)
	for _, p := range t.Platforms {
		state := "current"
		if p.Behind {
			state = "behind"
		}
		fmt.Fprintf(out, "%s\t%s: %s\n", p.Platform, state, p.Reason)
	}
}

func (t *told) printChecks(out io.Writer) {
	if len(t.Checks) == 0 {
		return
	}
	fmt.Fprintln(out, "\nSafety checks of a rebase")
	for _, c := range t.Checks {
		on := ""
		if c.Platform != "" && len(t.Platforms) > 1 {
			on = " (" + c.Platform + ")"
		}
		fmt.Fprintf(out, "  %s\t%s\t%s%s\n", c.Result, c.Name, c.Message, on)
	}
}

func (t *told) printResult(out io.Writer) {
	fmt.Fprintln(out)
	switch {
	case !t.Behind:
		fmt.Fprintln(out, "Nothing is to be done: the image stands on its base as it is now.")
	case t.Method == "":
		fmt.Fprintln(out, "A rebase is refused. Build the image again on the new base, or waive single checks with --allow.")
	case t.Output != "":
		fmt.Fprintf(out, "Rebased and pushed\t%s\n", t.Output)
	default:
		fmt.Fprintf(out, "It would be rebased, with %d requests to write:\n", len(t.Requests))
		for _, request := range t.Requests {
			fmt.Fprintf(out, "  %s\n", request)
		}
	}
}
