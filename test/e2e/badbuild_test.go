//go:build e2e

package e2e

import (
	"net/http"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/images"
	"github.com/respin-dev/respin/test/operator"
	"github.com/respin-dev/respin/test/proxy"
	"github.com/respin-dev/respin/test/serve"
)

// badBuild is a build that cannot do what it is for, and what its run says.
type badBuild struct {
	dockerfile func(w *world, app images.App) string
	reason     string
	words      string
}

var badBuilds = map[string]badBuild{
	"a Dockerfile that does not build": {
		func(_ *world, app images.App) string {
			return strings.Replace(app.Dockerfile, "\nCMD", "\nRUN echo the compiler said no >&2; exit 7\nCMD", 1)
		}, respinv1alpha1.ReasonBuildFailed, "the compiler said no",
	},
	"a Dockerfile that is none": {
		func(_ *world, app images.App) string { return strings.Replace(app.Dockerfile, "CMD", "COMMAND", 1) },
		respinv1alpha1.ReasonBuildFailed, "COMMAND",
	},
	"a Dockerfile that does not use the base": {
		func(_ *world, app images.App) string {
			return strings.Replace(app.Dockerfile, "/base:", "/another:", 1)
		}, respinv1alpha1.ReasonBaseNotUsed, "another",
	},
}

func TestABadBuildIsToldAndTriedOnce(t *testing.T) {
	t.Parallel()
	for name, bad := range badBuilds {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			base := w.NewBase("base", "one")
			w.NewBase("another", "other")
			app := w.App("app", base)
			workload := cluster.Deployment("app", app.Reference)
			rule := declared(rebuild(app), base)
			rule.Build.DockerfileInline = bad.dockerfile(w, app)
			policy := often(newPolicy("app", rule))
			w.current(policy, workload)

			base.Move("two")
			w.check(policy)
			run := w.onlyRun()
			w.fails(run, respinv1alpha1.ConditionBuilt, bad.reason, bad.words)
			w.toldOf(policy, respinv1alpha1.ReasonRunFailed, bad.words)
			w.check(policy)
			w.onlyRun()
			w.untouched(workload, app)
		})
	}
}

// fails expects a run to fail in a condition, for a reason, in words.
func (w *world) fails(run *respinv1alpha1.PatchRun, condition, reason, words string) {
	w.t.Helper()
	w.ended(run, respinv1alpha1.PhaseFailed)
	if message := w.runSays(run, condition, metav1.ConditionFalse, reason); !strings.Contains(message, words) {
		w.t.Errorf("the run does not say %q: %s", words, message)
	}
}

// A registry that refuses needs an operator that is allowed to go where this one is.
func TestARegistryThatRefusesIsTold(t *testing.T) {
	asking, refusing := serve.Refusing(t, http.StatusUnauthorized), serve.Refusing(t, http.StatusForbidden)
	plain := strings.Join([]string{cluster.Need(t, cluster.Registry), asking, refusing}, ",")
	operator.OnHost(t, proxy.New(t), "--plain-http-registries="+plain)

	for name, registry := range map[string]string{
		"when it asks who wants the base": asking,
		"when it refuses the base":        refusing,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			app := w.App("app", w.NewBase("base", "one"))
			workload := cluster.Deployment("app", app.Reference)
			w.Run(workload)
			policy := often(newPolicy("app", basedOn(app, registry+"/base:12")))
			w.follow(policy)
			w.toldOf(policy, respinv1alpha1.ReasonDenied, registry)
			w.untouched(workload, app)
		})
	}
	t.Run("when it is pushed to", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		base := w.NewBase("base", "one")
		app := w.App("app", base)
		workload := cluster.Deployment("app", app.Reference)
		rule := rebuild(app)
		rule.Output = &respinv1alpha1.OutputSpec{Repository: refusing + "/app"}
		policy := often(newPolicy("app", rule))
		w.current(policy, workload)
		base.Move("two")
		w.check(policy)
		w.fails(w.onlyRun(), respinv1alpha1.ConditionBuilt, respinv1alpha1.ReasonPushRefused, refusing)
		w.toldOf(policy, respinv1alpha1.ReasonRunFailed, refusing)
		w.untouched(workload, app)
	})
}
