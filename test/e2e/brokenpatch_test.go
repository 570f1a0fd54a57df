//go:build e2e

package e2e

import (
	"regexp"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/authregistry"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/evidence"
	"github.com/respin-dev/respin/test/images"
	"github.com/respin-dev/respin/test/operator"
)

// brokenPatch is a patched image that does not work in a Deployment of three pods.
type brokenPatch struct {
	move func(*images.Base) string
	// policy makes a policy of one that has a build; nil leaves it.
	policy             func(*testing.T, *world, *respinv1alpha1.PatchPolicy)
	surge, unavailable int32
	// reason and words are what the run's Healthy condition says. Words are expressions that match.
	reason string
	words  []string
}

var brokenPatches = map[string]brokenPatch{
	"it crashes at once": {
		move:  func(b *images.Base) string { return b.MoveToCrashing("two", "no library") },
		surge: 1, unavailable: 1, reason: respinv1alpha1.ReasonUnhealthy,
		words: []string{"Error|CrashLoopBackOff", "exit code 3", "no library"},
	},
	// It warms up for longer than the image before. So the pods do not all crash within the time that it takes to put
	// one of them back, and whether the strategy is kept is for the rollback to decide.
	"it comes up and crashes after twenty seconds": {
		move: func(b *images.Base) string {
			return b.MoveToEndingLater("two", 5*time.Second, 20*time.Second, "the pool is empty")
		},
		policy: func(_ *testing.T, _ *world, p *respinv1alpha1.PatchPolicy) {
			p.Spec.Rollout.BakeTime.Duration = 40 * time.Second
		},
		surge: 0, unavailable: 1, reason: respinv1alpha1.ReasonRestarted,
		words: []string{"Error|CrashLoopBackOff", "exit code 3", "the pool is empty"},
	},
	"its image cannot be pulled": {
		move: func(b *images.Base) string { return b.Move("two") }, policy: pushedOutOfReach,
		surge: 1, unavailable: 0, reason: respinv1alpha1.ReasonUnhealthy, words: []string{"ImagePullBackOff"},
	},
	"its pods never are ready": {
		move: func(b *images.Base) string { return b.MoveToUnready("two") },
		policy: func(_ *testing.T, _ *world, p *respinv1alpha1.PatchPolicy) {
			p.Spec.Rollout.HealthTimeout.Duration = 10 * time.Second
		},
		surge: 0, unavailable: 1, reason: respinv1alpha1.ReasonTimedOut, words: []string{"10s", "not ready"},
	},
}

// pushedOutOfReach has patched images pushed to a registry that wants a login, which the operator and builds have, and
// pods have not.
func pushedOutOfReach(t *testing.T, w *world, policy *respinv1alpha1.PatchPolicy) {
	t.Helper()
	p := &private{w, loginRegistry(t, authregistry.Basic, 5)}
	p.secret(pushSecret, corev1.SecretTypeDockerConfigJson, corev1.DockerConfigJsonKey, p.registry.DockerConfig("patcher"))
	p.secret(pullSecret, corev1.SecretTypeDockerConfigJson, corev1.DockerConfigJsonKey, p.registry.DockerConfig("node"))
	p.secret(caSecret, corev1.SecretTypeOpaque, "ca.crt", p.registry.CA)
	p.trusts()
	w.Make(&corev1.ServiceAccount{
		ObjectMeta: metav1.ObjectMeta{Name: "patcher"}, ImagePullSecrets: []corev1.LocalObjectReference{{Name: pullSecret}},
	})
	policy.Spec.ServiceAccountName = "patcher"
	policy.Spec.CertSecretRef = &respinv1alpha1.SecretReference{Name: caSecret}
	policy.Spec.Images[0].Output = &respinv1alpha1.OutputSpec{
		Repository:    p.registry.Host + "/" + w.Name + "/app",
		PushSecretRef: &respinv1alpha1.SecretReference{Name: pushSecret},
	}
}

// A patch that does not work is taken back to the letter, at no time are fewer pods available than the strategy allows,
// and it is not tried again by itself, nor by an operator that was started anew.
func TestAPatchThatDoesNotWorkIsTakenBackForGood(t *testing.T) {
	var all rendezvous
	for name, broken := range brokenPatches {
		t.Run("because "+name, func(t *testing.T) {
			meet := all.expects(t)
			t.Parallel()
			w := newWorld(t)
			base := w.NewBase("base", "one")
			app := w.Assemble("app", base, true)
			workload := cluster.Deployment("app", app.Reference, cluster.WithReadiness(1, images.Ready))
			replicated(workload, 3, broken.surge, broken.unavailable)
			policy := newPolicy("app", rebuild(app))
			if broken.policy != nil {
				broken.policy(t, w, policy)
			}
			w.current(policy, workload)
			before := workload.Spec.Template.DeepCopy()
			w.StaysAvailable(workload)

			broken.move(base)
			w.takenBack(policy, workload, app, broken.words[len(broken.words)-1])
			w.isBack(workload, before)
			w.failedFor(w.onlyRun(), broken.reason, broken.words)
			w.Says(workload, cluster.Container, "one")

			since := time.Now()
			meet(func() { operator.Restarts(t) })
			w.isLeftAlone(policy, workload, quiet(t))
			w.isBack(workload, before)
			w.imageIs(policy, respinv1alpha1.ImageFailed, respinv1alpha1.ReasonQuarantined)
			for _, change := range evidence.ChangesByOperator(t, since, w.Name, "deployments") {
				t.Errorf("after it was taken back, the operator has changed the workload: %s", change)
			}
		})
	}
}

// failedFor expects a run to say why a workload was not healthy.
func (w *world) failedFor(run *respinv1alpha1.PatchRun, reason string, words []string) {
	w.t.Helper()
	message := w.runSays(run, respinv1alpha1.ConditionHealthy, metav1.ConditionFalse, reason)
	for _, word := range words {
		if !regexp.MustCompile(word).MatchString(message) {
			w.t.Errorf("the run does not say %q: %s", word, message)
		}
	}
	w.t.Logf("the run says: %s", message)
}
