package plugin

import (
	"strings"
	"testing"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// twoRuns are one that was approved and succeeded, and one before it for another workload, that was not begun.
func twoRuns(s *scene) {
	succeeded(s)
	approvedBy("ada")(s)
	s.run.Status.Duration = "3m12s"
	other := patchRun("payments-bbbb")
	other.CreationTimestamp, other.Status = before(48*time.Hour), respinv1alpha1.PatchRunStatus{}
	other.Spec.Workloads[0].Name, other.Spec.Base.From, other.Spec.Source.Tag = "api", "", ""
	s.facts.Runs = append(s.facts.Runs, other)
}

func TestHistories(t *testing.T) {
	const head = "AGE   RUN                         IMAGE                                   BASE                        METHOD   PHASE       REASON    DURATION   APPROVED-BY\n"
	const web = "10m   payments-4a5576e6eb-be832   registry.example.com/payments/web:2.0   bbbbbbbbbbbb→cccccccccccc   Rebase   Succeeded   Patched   3m12s      ada\n"
	for arg, want := range map[string]string{
		"deployment/web":       head + web,
		"patchpolicy/payments": all,
		"payments":             all,
		"":                     all,
	} {
		t.Run(arg, func(t *testing.T) {
			past, err := Recall(behind(twoRuns), "payments", arg, noon)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			if err := past.Print(&got, noon, false, false); err != nil {
				t.Fatal(err)
			}
			same(t, got.String(), want)
		})
	}
}

const all = `
AGE   RUN                         IMAGE                                                   BASE                        METHOD   PHASE       REASON    DURATION   APPROVED-BY
10m   payments-4a5576e6eb-be832   registry.example.com/payments/web:2.0                   bbbbbbbbbbbb→cccccccccccc   Rebase   Succeeded   Patched   3m12s      ada
2d    payments-bbbb               registry.example.com/payments/web@sha256:aaaaaaaaaaaa   ?→cccccccccccc              Rebase   -           -         -          -
`

func TestAHistoryOfWhatIsNotThere(t *testing.T) {
	_, err := Recall(behind(twoRuns), "payments", "cart", noon)
	complains(t, err, `policy or workload "cart" is not there; namespace payments has payments, Deployment/api, Deployment/web`)
}
