package plugin

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func TestNamesAsPeopleWriteThem(t *testing.T) {
	for arg, want := range map[string]Subject{
		"deployment/web":                    {Kind: "Deployment", Name: "web"},
		"Deployment/web":                    {Kind: "Deployment", Name: "web"},
		"deploy/web":                        {Kind: "Deployment", Name: "web"},
		"deployments.apps/web":              {Kind: "Deployment", Name: "web"},
		"sts/db":                            {Kind: "StatefulSet", Name: "db"},
		"ds/probe":                          {Kind: "DaemonSet", Name: "probe"},
		"cj/report":                         {Kind: "CronJob", Name: "report"},
		"patchpolicy/payments":              {Policy: true, Name: "payments"},
		"patchruns.respin.dev/payments-1":   {Run: true, Name: "payments-1"},
		"web":                               {Name: "web"},
		"registry.example.com/payments/web": {Name: "registry.example.com/payments/web"},
	} {
		if got, err := ParseSubject(arg); err != nil || got != want {
			t.Errorf("%s: got %+v, %v, want %+v", arg, got, err, want)
		}
	}
	for _, arg := range []string{"", "deployment/"} {
		if got, err := ParseSubject(arg); err == nil {
			t.Errorf("%q: got %+v, want an error", arg, got)
		}
	}
}

func TestImagesAsPeopleWriteThem(t *testing.T) {
	app := respinv1alpha1.ImageStatus{Repository: repository, Tag: "2.0", Digest: source, Patched: repository + ":2.0-respin-1@" + patched}
	for arg, want := range map[string]bool{
		repository:                       true,
		repository + ":2.0":              true,
		repository + ":2.1":              false,
		repository + "@" + source:        true,
		repository + ":2.1@" + source:    true,
		repository + "@" + patched:       true,
		repository + "@" + oldBase:       false,
		repository + ":2.0-respin-1":     true,
		"payments/web":                   true,
		"web":                            true,
		"eb":                             false,
		source:                           true,
		patched[:19]:                     true,
		"registry.example.com/other/web": false,
		"deployment/web":                 false,
		"NOT AN IMAGE":                   false,
	} {
		subject, err := ParseSubject(arg)
		if err != nil {
			t.Fatal(err)
		}
		if got := subject.isImage(app); got != want {
			t.Errorf("%s: got %t, want %t", arg, got, want)
		}
	}
}

func TestApproving(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*scene)
		digest string
		want   string // of the error; empty for none
	}{
		"what waits for it":                         {awaitingApproval, "", ""},
		"exactly that digest":                       {awaitingApproval, patched, ""},
		"after another digest was approved":         {withRun(condition("Approved", metav1.ConditionFalse, "OtherDigest", "")), "", ""},
		"not another digest":                        {awaitingApproval, source, "made " + patched + ", and --digest is " + source},
		"not what is no digest":                     {awaitingApproval, "latest", `"latest" is not sha256:`},
		"not before there is an image":              {both(awaitingApproval, func(s *scene) { s.run.Status.Output = nil }), "", "has no patched image yet"},
		"not what does not wait":                    {func(*scene) {}, "", "does not wait for approval (RollingOut)"},
		"not what is over":                          {succeeded, "", "is over (Succeeded)"},
		"not twice":                                 {both(awaitingApproval, approvedBy("ada")), "", "approved already, by ada"},
		"not a run without a status, without panic": {func(s *scene) { s.run.Status = respinv1alpha1.PatchRunStatus{} }, "", "has no patched image yet (Pending)"},
	} {
		t.Run(name, func(t *testing.T) {
			facts := behind(c.change)
			text, err := Approve(&facts.Runs[0], c.digest)
			complains(t, err, c.want)
			if err == nil && (!strings.Contains(text, patched) || !strings.Contains(text, "from bbbbbbbbbbbb to cccccccccccc")) {
				t.Errorf("it does not show what is approved:\n%s", text)
			}
		})
	}
}

func both(changes ...func(*scene)) func(*scene) {
	return func(s *scene) {
		for _, change := range changes {
			change(s)
		}
	}
}

func complains(t *testing.T, err error, want string) {
	t.Helper()
	if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestRetrying(t *testing.T) {
	held := both(succeeded, imageIs(respinv1alpha1.ImageHeld, "Reverted", ""))
	for name, c := range map[string]struct {
		change func(*scene)
		arg    string
		want   string
	}{
		"a run that failed":               {takenBack, runName, ""},
		"by its kind and name":            {takenBack, "patchrun/" + runName, ""},
		"a workload's":                    {takenBack, "deploy/web", ""},
		"an image's":                      {takenBack, "payments/web:2.0", ""},
		"what someone put back":           {held, "web", ""},
		"that run by its name":            {held, runName, ""},
		"a workload that no status knows": {both(takenBack, func(s *scene) { s.policy.Status.Images = nil }), "web", ""},
		"not what is under way":           {func(*scene) {}, runName, "is under way (RollingOut)"},
		"not what is retried already":     {both(takenBack, func(s *scene) { s.run.Annotations = map[string]string{respinv1alpha1.AnnotationRetry: "1"} }), runName, "is under way"},
		"not what succeeded":              {succeeded, runName, "succeeded, and what it patched is not held"},
		"not where nothing failed":        {succeeded, "web", "nothing of web has failed or is held"},
		"not what is not there":           {takenBack, "cart", `"cart" is not there; namespace payments has payments-4a5576e6eb-be832, Deployment/web`},
		"not a policy":                    {takenBack, "patchpolicy/payments", `patchrun "patchpolicy/payments" is not there`},
	} {
		t.Run(name, func(t *testing.T) {
			run, err := Retry(behind(c.change), "payments", c.arg)
			complains(t, err, c.want)
			if err == nil && run.Name != runName {
				t.Errorf("got %s", run.Name)
			}
		})
	}
}

func TestRollingBack(t *testing.T) {
	newer := func(s *scene) {
		next := *s.run.DeepCopy()
		next.Name, next.CreationTimestamp = "payments-newer", before(time.Minute)
		s.facts.Runs = append(s.facts.Runs, next)
	}
	for name, c := range map[string]struct {
		change  func(*scene)
		arg     string
		run     string
		refused string
	}{
		"a workload's run":         {succeeded, "deployment/web", runName, ""},
		"a run by its name":        {succeeded, runName, runName, ""},
		"the newest of a workload": {both(succeeded, newer), "web", "payments-newer", ""},
		"not one before it":        {both(succeeded, newer), runName, "", "patchrun/payments-newer has patched Deployment/web since"},
		"not what is under way":    {func(*scene) {}, runName, "", "is under way (RollingOut)"},
		"not what failed":          {takenBack, runName, "", "did not succeed (RolledBack)"},
		"not where nothing did":    {takenBack, "web", "", "no run that succeeded has patched Deployment/web"},
		"not what was only pushed": {both(succeeded, func(s *scene) { s.run.Spec.Rollout.Type = respinv1alpha1.NoRollout }), runName, "", "only pushed its image"},
		"not what is not there":    {succeeded, "sts/web", "", `"sts/web" is not there; namespace payments has`},
	} {
		t.Run(name, func(t *testing.T) {
			run, text, err := Rollback(behind(c.change), "payments", c.arg)
			complains(t, err, c.refused)
			if err == nil && (run.Name != c.run || !strings.Contains(text, "Deployment/web gets "+repository+":2.0 in container app")) {
				t.Errorf("got %s, %s", run.Name, text)
			}
		})
	}
}

func TestAStampIsNew(t *testing.T) {
	first := Stamp(noon, "")
	if second := Stamp(noon.Add(time.Millisecond), first); first != "2026-03-01T12:00:00Z" || second == first {
		t.Errorf("got %s, then %s", first, second)
	}
}
