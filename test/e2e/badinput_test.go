//go:build e2e

package e2e

import (
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/evidence"
	"github.com/respin-dev/respin/test/images"
)

// quietFor is how long nothing may be written after a mistake was told of: longer than the interval of policies that
// look often, so that they have looked once more.
const quietFor = 11 * time.Second

// mistake is a way to get an image's rule wrong, and what the policy says of it.
type mistake struct {
	rule   func(w *world, app images.App, base *images.Base) respinv1alpha1.ImageRule
	reason string
	// words are in the message: what was wrong, or what to write instead.
	words string
}

var mistakes = map[string]mistake{
	"a base that is no reference": {
		func(w *world, app images.App, _ *images.Base) respinv1alpha1.ImageRule {
			return basedOn(app, w.Registry+"/Not/A/Reference:12")
		}, respinv1alpha1.ReasonInvalidReference, "spec.images[0].base.image",
	},
	"a base in a registry that does not exist": {
		func(_ *world, app images.App, _ *images.Base) respinv1alpha1.ImageRule {
			return basedOn(app, "registry.invalid/base:12")
		}, respinv1alpha1.ReasonUnreachable, "registry.invalid",
	},
	"a base at an internal address that is not allowed": {
		func(w *world, app images.App, _ *images.Base) respinv1alpha1.ImageRule {
			return basedOn(app, cluster.SkipWithout(w.t, cluster.HostIP)+":9/base:12")
		}, respinv1alpha1.ReasonForbiddenAddress, "internal",
	},
	"a base that was never pushed": {
		func(w *world, app images.App, _ *images.Base) respinv1alpha1.ImageRule {
			return basedOn(app, w.Repository("nothing")+":12")
		}, respinv1alpha1.ReasonNotFound, "nothing:12",
	},
	"no build for an image that is behind": {
		func(_ *world, app images.App, base *images.Base) respinv1alpha1.ImageRule {
			base.Move("two")
			return respinv1alpha1.ImageRule{Match: app.Repository, Method: respinv1alpha1.MethodRebuild}
		}, respinv1alpha1.ReasonNoBuild, "spec.images[].build",
	},
	"an output that is the base's own repository": {
		func(w *world, app images.App, base *images.Base) respinv1alpha1.ImageRule {
			base.Move("two")
			rule := rebuild(app)
			rule.Output = &respinv1alpha1.OutputSpec{Repository: w.Repository("base")}
			return rule
		}, respinv1alpha1.ReasonOutputIsBase, "output.repository",
	},
	"a glob that is none": {
		func(_ *world, app images.App, _ *images.Base) respinv1alpha1.ImageRule {
			rule := rebuild(app)
			rule.Match = "registry.example.com/[a"
			return rule
		}, respinv1alpha1.ReasonInvalidMatch, "spec.images[0].match",
	},
}

// basedOn declares the base of an app.
func basedOn(app images.App, base string) respinv1alpha1.ImageRule {
	rule := rebuild(app)
	rule.Base = &respinv1alpha1.BaseImage{Image: base}
	return rule
}

func TestAMistakeInAPolicyIsToldAndHoldsNothingElseUp(t *testing.T) {
	t.Parallel()
	for name, mistake := range mistakes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			base, fine := w.NewBase("base", "one"), w.NewBase("fine", "one")
			app, other := w.App("app", base), w.App("other", fine)
			workload, unharmed := cluster.Deployment("app", app.Reference), cluster.Deployment("other", other.Reference)
			w.Run(workload, unharmed)
			policy := often(newPolicy("mistaken", mistake.rule(w, app, base), rebuild(other)))
			w.follow(policy)
			w.toldOf(policy, mistake.reason, mistake.words)

			fine.Move("two")
			w.check(policy)
			w.Says(unharmed, cluster.Container, "two")
			w.untouched(workload, app)
		})
	}
}

// toldOf expects a policy not to be ready for a reason, in words.
func (w *world) toldOf(policy *respinv1alpha1.PatchPolicy, reason, words string) {
	w.t.Helper()
	message := w.policySays(policy, respinv1alpha1.ConditionReady, metav1.ConditionFalse, reason)
	if !strings.Contains(message, words) {
		w.t.Errorf("the policy does not say %q: %s", words, message)
	}
}

// untouched expects a workload to be as it was made, no image to have been pushed for it, and nothing more to be
// written once all has been said.
func (w *world) untouched(workload *deployment, app images.App) {
	w.t.Helper()
	if w.Read(workload); workload.Generation != 1 {
		w.t.Errorf("the workload was changed to %s", cluster.Image(workload))
	}
	if tags := w.Tags(app.Repository); len(tags) != 1 {
		w.t.Errorf("images were pushed beside v1: %v", tags)
	}
	w.silent()
}

// silent expects the operator to write nothing in the namespace for a while, when what is under way has ended.
func (w *world) silent() {
	w.t.Helper()
	var since time.Time
	cluster.Eventually(w.t, patchTimeout, "the operator has written all it has to", func() string {
		since = time.Now()
		cluster.Pass(w.t, time.Second)
		return lastOf(evidence.Writes(w.t, since, w.Name))
	})
	cluster.Pass(w.t, quietFor)
	for _, write := range evidence.Writes(w.t, since, w.Name) {
		w.t.Errorf("when all was said, the operator has written %s", write)
	}
}

func lastOf(writes []evidence.Request) string {
	if len(writes) == 0 {
		return ""
	}
	return writes[len(writes)-1].String()
}

func TestAnImageThatCannotBeParsedIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Make(cluster.Deployment("app", "Not/A/Reference:v1"))
	policy := often(newPolicy("app", respinv1alpha1.ImageRule{}))
	w.follow(policy)
	w.toldOf(policy, respinv1alpha1.ReasonInvalidReference, "Not/A/Reference")
	w.silent()
}

// A base that is followed and then deleted leaves what runs on it as it is.
func TestABaseThatVanishesIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.NewBase("base", "one")
	app := w.App("app", base)
	workload, policy := cluster.Deployment("app", app.Reference), often(newPolicy("app", rebuild(app)))
	w.current(policy, workload)

	w.Vanish(base.Reference)
	w.check(policy)
	w.toldOf(policy, respinv1alpha1.ReasonNotFound, base.Reference)
	w.untouched(workload, app)

	base.Move("two")
	w.followsTo(w.read(workload), policy, app, base, "two")
}

// What the API server can refuse never reaches the operator.
func TestTheAPIServerRefusesWhatCannotBeMeant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, bad := range map[string]struct {
		rule  respinv1alpha1.ImageRule
		words string
	}{
		"a base with a digest": {
			respinv1alpha1.ImageRule{Base: &respinv1alpha1.BaseImage{Image: "debian@sha256:" + strings.Repeat("0", 64)}},
			"without a digest",
		},
		"a declared base's repository as the output": {
			respinv1alpha1.ImageRule{
				Base:   &respinv1alpha1.BaseImage{Image: "registry.example.com/base:12"},
				Output: &respinv1alpha1.OutputSpec{Repository: "registry.example.com/base"},
			},
			"name another repository",
		},
		"a build of nothing": {respinv1alpha1.ImageRule{Build: &respinv1alpha1.BuildSpec{}}, "dockerfileInline"},
		"a context with a password in it": {
			respinv1alpha1.ImageRule{Build: &respinv1alpha1.BuildSpec{Context: "https://me:secret@git.example.com/a.git"}},
			"without credentials",
		},
	} {
		t.Run(name, func(t *testing.T) {
			policy := newPolicy("bad", bad.rule)
			policy.Namespace = w.Name
			err := w.Create(t.Context(), policy)
			if err == nil || !strings.Contains(err.Error(), bad.words) {
				t.Errorf("the API server does not say %q: %v", bad.words, err)
			}
		})
	}
}
