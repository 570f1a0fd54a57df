package plan

import (
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// tooYoung waits for a base to have stayed at its digest for long enough, and for that digest to have been known for
// long enough; nil when it has. What is urgent does not soak, but settles: a digest that is on its way to another helps
// nobody.
func tooYoung(policy *respinv1alpha1.PatchPolicy, facts Facts) *Wait {
	age, base := facts.Now.Sub(facts.BaseSince), facts.Lineage.Base.Familiar()
	if settle := duration(policy.Spec.Settle); age < settle {
		return young(respinv1alpha1.ReasonSettling, facts.BaseSince.Add(settle), fmt.Sprintf("%s moved and has to stay where it is for %s", base, settle))
	}
	if soak := duration(policy.Spec.Soak); age < soak && !Urgent(policy, facts.Base.Digest) {
		return young(respinv1alpha1.ReasonSoaking, facts.BaseSince.Add(soak), fmt.Sprintf(
			"%s at %s has to be known for %s", base, facts.Base.Digest, soak))
	}
	return nil
}

func young(reason string, until time.Time, why string) *Wait {
	return &Wait{Reason: reason, Until: until, Message: fmt.Sprintf("%s: until %s", why, until.UTC().Format(time.RFC3339))}
}

// duration is one that the API gives a default, so that only a test leaves it out.
func duration(d *metav1.Duration) time.Duration {
	if d == nil {
		return 0
	}
	return d.Duration
}

// BakeTime is how long a run's workloads have to stay healthy.
func BakeTime(run *respinv1alpha1.PatchRun) time.Duration { return duration(run.Spec.Rollout.BakeTime) }
