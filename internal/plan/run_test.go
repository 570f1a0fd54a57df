package plan

import (
	"strings"
	"testing"
	"unicode/utf8"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestPhaseAndWhatIsToldWithIt(t *testing.T) {
	type is = func(*respinv1alpha1.PatchRun)
	yes := func(kinds ...string) is {
		return func(run *respinv1alpha1.PatchRun) {
			for _, kind := range kinds {
				condition(kind, metav1.ConditionTrue, "Done", kind+" is done")(run)
			}
		}
	}
	not := func(kind, reason string) is { return condition(kind, metav1.ConditionUnknown, reason, kind+" waits") }
	no := func(kind, reason string) is { return condition(kind, metav1.ConditionFalse, reason, kind+" failed") }
	for sentence, test := range map[string]struct {
		conditions []is
		phase      respinv1alpha1.RunPhase
		reason     string
		next       string
		latest     string
	}{
		"a new run is pending":       {nil, respinv1alpha1.PhasePending, "", "Planned", ""},
		"one that waits for Git too": {[]is{not("Planned", "ContextUnavailable")}, respinv1alpha1.PhasePending, "ContextUnavailable", "Planned", "Planned waits"},
		"one that is planned builds": {[]is{yes("Planned")}, respinv1alpha1.PhaseBuilding, "", "Built", "Planned is done"},
		"one under way says why":     {[]is{yes("Planned"), not("Built", "Building")}, respinv1alpha1.PhaseBuilding, "Building", "Built", "Built waits"},
		"one that is built verifies": {[]is{yes("Planned", "Built")}, respinv1alpha1.PhaseVerifying, "", "Verified", "Built is done"},
		"one that is verified rolls out": {
			[]is{yes("Planned", "Built", "Verified", "Approved"), not("RolledOut", "Updating")},
			respinv1alpha1.PhaseRollingOut, "Updating", "RolledOut", "RolledOut waits",
		},
		"one that is rolled out watches": {
			[]is{yes("Planned", "Built", "Verified", "Approved", "RolledOut"), not("Healthy", "Waiting")},
			respinv1alpha1.PhaseWatching, "Waiting", "Healthy", "Healthy waits",
		},
		"one with every step done is about to close": {
			[]is{yes("Planned", "Built", "Verified", "Approved", "RolledOut", "Healthy")},
			respinv1alpha1.PhaseWatching, "", "Healthy", "Healthy is done",
		},
		"one that is being taken back": {
			[]is{yes("Planned", "Built", "Verified", "Approved", "RolledOut"), no("Healthy", "Unhealthy"), not("RolledBack", "RollingBack")},
			respinv1alpha1.PhaseRollingBack, "RollingBack", "Healthy", "Healthy failed",
		},
		"one that was taken back": {
			[]is{yes("Planned"), yes("RolledBack"), no("Succeeded", "RolledBack")},
			respinv1alpha1.PhaseRolledBack, "RolledBack", "Built", "Planned is done",
		},
		"one that failed": {[]is{no("Planned", "PolicyGone"), no("Succeeded", "PolicyGone")}, respinv1alpha1.PhaseFailed, "PolicyGone", "Planned", "Planned failed"},
		"one that succeeded": {
			[]is{yes("Planned", "Built", "Verified", "Approved", "RolledOut", "Healthy", "Succeeded")},
			respinv1alpha1.PhaseSucceeded, "Done", "Healthy", "Healthy is done",
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := theRun(behind(), test.conditions...)
			if phase, reason := Phase(&run); phase != test.phase || reason != test.reason {
				t.Errorf("it is in %s with %q, want %s with %q", phase, reason, test.phase, test.reason)
			}
			if next := NextStep(&run); next != test.next {
				t.Errorf("its next step is %s, want %s", next, test.next)
			}
			latest := ""
			if c := Latest(&run); c != nil {
				latest = c.Message
			}
			if latest != test.latest {
				t.Errorf("its latest words are %q, want %q", latest, test.latest)
			}
		})
	}
}

func TestFinished(t *testing.T) {
	for sentence, test := range map[string]struct {
		run               respinv1alpha1.PatchRun
		finished, retried bool
	}{
		"a run under way has not":                         {run: theRun(behind())},
		"a run under way cannot be asked to try again":    {run: theRun(behind(), annotated("now"))},
		"a run that succeeded has":                        {run: theRun(behind(), succeeded), finished: true},
		"a run that failed has":                           {run: theRun(behind(), rolled), finished: true},
		"a run that was asked to try again has not":       {run: theRun(behind(), rolled, annotated("now")), retried: true},
		"a run whose retry has begun and ended has again": {run: theRun(behind(), rolled, annotated("now"), handled("now")), finished: true},
		"a second retry is another":                       {run: theRun(behind(), rolled, annotated("later"), handled("now")), retried: true},
		"a retry asked for in too many words is handled": {
			run:      theRun(behind(), rolled, annotated(strings.Repeat("ü", 1000)), handled(Clip(strings.Repeat("ü", 1000), maxHandled))),
			finished: true,
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			if Finished(&test.run) != test.finished || RetryAsked(&test.run) != test.retried {
				t.Errorf("finished: %v, retry asked: %v", Finished(&test.run), RetryAsked(&test.run))
			}
		})
	}
}

func TestWhatIsKnownOfARunUnderWay(t *testing.T) {
	type is struct{ finished, back, begun, rollingOut, waits, opened, touching bool }
	approved := condition(respinv1alpha1.ConditionApproved, metav1.ConditionTrue, respinv1alpha1.ReasonAutomatic, "")
	awaiting := condition(respinv1alpha1.ConditionApproved, metav1.ConditionUnknown, respinv1alpha1.ReasonAwaitingApproval, "")
	took := func(value string) func(*respinv1alpha1.PatchRun) {
		return func(run *respinv1alpha1.PatchRun) { run.Status.LastHandledRollback = value }
	}
	onRestart := way(respinv1alpha1.OnRestart)
	for sentence, test := range map[string]struct {
		run  respinv1alpha1.PatchRun
		want is
	}{
		"a new one":                                  {theRun(behind()), is{}},
		"one that waits for a person":                {theRun(behind(), awaiting), is{}},
		"one that is approved":                       {theRun(behind(), approved), is{rollingOut: true}},
		"one that waits for its turn":                {theRun(behind(), approved, waits), is{rollingOut: true, waits: true}},
		"one that holds its workloads":               {theRun(behind(), holding), is{begun: true, rollingOut: true}},
		"one that has its turn":                      {theRun(behind(), in(respinv1alpha1.WorkloadUpdating, "")), is{touching: true}},
		"one that has given the image":               {theRun(behind(), given), is{touching: true}},
		"one that bakes":                             {theRun(behind(), in(respinv1alpha1.WorkloadBaking, "")), is{touching: true}},
		"one that is yet to take it back":            {theRun(behind(), in(respinv1alpha1.WorkloadUnhealthy, "")), is{touching: true}},
		"one that is open":                           {theRun(behind(), onRestart, opened), is{opened: true}},
		"one whose pods have all restarted":          {theRun(behind(), onRestart, in(respinv1alpha1.WorkloadHealthy, "")), is{opened: true}},
		"one that waits to be open":                  {theRun(behind(), onRestart, waits), is{waits: true}},
		"one that changed a template is never open":  {theRun(behind(), in(respinv1alpha1.WorkloadHealthy, "")), is{}},
		"one that succeeded":                         {theRun(behind(), succeeded), is{finished: true}},
		"one that is asked back":                     {theRun(behind(), succeeded, askedBack("now")), is{back: true, touching: true}},
		"one that was asked back, and was taken":     {theRun(behind(), rolled, askedBack("now"), took("now")), is{finished: true}},
		"one that failed has nothing to take back":   {theRun(behind(), rolled, askedBack("now")), is{finished: true}},
		"one under way is not asked back":            {theRun(behind(), given, askedBack("now")), is{touching: true}},
		"one that succeeded after it was taken back": {theRun(behind(), succeeded, askedBack("now"), took("now")), is{finished: true}},
		"one that is asked back once more":           {theRun(behind(), succeeded, askedBack("later"), took("now")), is{back: true, touching: true}},
		"one that is asked back in too many words, once": {
			theRun(behind(), succeeded, askedBack(strings.Repeat("ü", 1000)), took(Clip(strings.Repeat("ü", 1000), maxHandled))), is{finished: true},
		},
	} {
		t.Run(sentence, func(t *testing.T) {
			run := &test.run
			found := is{Finished(run), RollbackAsked(run), Begun(run), RollingOut(run), Waits(run), Opened(run), touching(run)}
			if found != test.want {
				t.Errorf("it is %+v, want %+v", found, test.want)
			}
		})
	}
}

func handled(value string) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) { run.Status.LastHandledRetry = value }
}

func TestWhatIsToldOfARun(t *testing.T) {
	fresh := theRun(behind(), named("r"))
	building := theRun(behind(), named("r"), condition("Planned", metav1.ConditionFalse, "X", "why"))
	building.Status.Phase = respinv1alpha1.PhaseBuilding
	ended := theRun(behind(), named("r"), rolled)
	for want, run := range map[string]*respinv1alpha1.PatchRun{
		"patchrun/r is about to begin": &fresh, "patchrun/r: Building: why": &building, "said at the end": &ended,
	} {
		if found := Outcome(run); found != want {
			t.Errorf("told %q, want %q", found, want)
		}
	}
}

func TestAskedReconcileFitsTheStatus(t *testing.T) {
	policy := payments(func(p *respinv1alpha1.PatchPolicy) {
		p.Annotations = map[string]string{respinv1alpha1.AnnotationReconcileAt: strings.Repeat("x", 1000)}
	})
	if asked := AskedReconcile(policy); len(asked) > maxHandled {
		t.Errorf("it has %d bytes", len(asked))
	}
}

func TestClipCutsNoCharacterInTwo(t *testing.T) {
	for _, text := range []string{"", "short", strings.Repeat("a", 50), strings.Repeat("ü", 50), strings.Repeat("日", 50), "a" + strings.Repeat("🙂", 50)} {
		for limit := 3; limit < 60; limit++ {
			clipped := Clip(text, limit)
			if len(clipped) > limit || !utf8.ValidString(clipped) || len(text) <= limit && clipped != text {
				t.Errorf("%q cut to %d is %q", text, limit, clipped)
			}
		}
	}
}
