//go:build e2e

package e2e

import (
	"strings"
	"sync"
	"testing"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/evidence"
	"github.com/respin-dev/respin/test/images"
	"github.com/respin-dev/respin/test/operator"
	"github.com/respin-dev/respin/test/proxy"
)

// mortal is an operator that can be killed at exact moments.
type mortal struct {
	*operator.Process
	proxy *proxy.Proxy
	// one test at a time has it killed.
	sync.Mutex
}

func newMortal(t *testing.T) *mortal {
	t.Helper()
	p := proxy.New(t)
	return &mortal{proxy: p, Process: operator.OnHost(t, p, "--plain-http-registries="+cluster.Need(t, cluster.Registry))}
}

// dying is a moment to be killed at, in a namespace whose app is at a reference.
type dying struct {
	at     func(w proxy.Write, namespace, app string) bool
	stored bool
}

// Wherever a patch is when the operator is killed: it comes to the same end, with one image and one rollout.
var untilPatched = map[string]dying{
	"the run is stored": {func(w proxy.Write, ns, _ string) bool { return w.Creates(ns, "patchruns") }, true},
	"the build is under way": {func(w proxy.Write, ns, _ string) bool {
		run := w.Run(ns)
		return run != nil && run.Build != nil && strings.Contains(run.Build.Current, "sleep")
	}, true},
	"the image is pushed and that is not stored":      {tells(respinv1alpha1.ConditionBuilt, metav1.ConditionTrue), false},
	"that it is pushed is stored":                     {tells(respinv1alpha1.ConditionBuilt, metav1.ConditionTrue), true},
	"the run is held and no workload is changed":      {patchesRun, true},
	"the workload is about to be changed":             {patchesWorkload, false},
	"the workload is changed and that is not stored":  {patchesWorkload, true},
	"health is waited for":                            {tells(respinv1alpha1.ConditionHealthy, metav1.ConditionUnknown), true},
	"the workload is healthy and that is not stored":  {tells(respinv1alpha1.ConditionSucceeded, metav1.ConditionTrue), false},
	"the run has succeeded and is about to be let go": {tells(respinv1alpha1.ConditionSucceeded, metav1.ConditionTrue), true},
}

// And so does taking a patch back.
var untilTakenBack = map[string]dying{
	"taking back is decided":                       {tells(respinv1alpha1.ConditionHealthy, metav1.ConditionFalse), true},
	"the image is about to be put back":            {putsBack, false},
	"the image is put back and that is not stored": {putsBack, true},
}

func tells(kind string, status metav1.ConditionStatus) func(proxy.Write, string, string) bool {
	return func(w proxy.Write, namespace, _ string) bool { return w.Tells(namespace, kind, status) }
}

func patchesRun(w proxy.Write, namespace, _ string) bool { return w.Patches(namespace, "patchruns") }

func patchesWorkload(w proxy.Write, namespace, _ string) bool {
	return w.Patches(namespace, "deployments")
}

func putsBack(w proxy.Write, namespace, app string) bool {
	return w.Patches(namespace, "deployments") && w.Has(`"`+app+`"`)
}

func TestAnOperatorThatIsKilledComesToTheSameEnd(t *testing.T) {
	m := newMortal(t)
	for name, moment := range untilPatched {
		t.Run("when "+name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			m.killedAt(s, moment, func() { s.base.Move("two") })
			run := s.w.onlyRun()
			s.w.succeeded(run)
			s.w.Says(s.workload, cluster.Container, "two")
			s.w.isPatched(s.workload, s.app, s.base)
			s.happenedOnce(run, 2)
		})
	}
	for name, moment := range untilTakenBack {
		t.Run("when "+name, func(t *testing.T) {
			t.Parallel()
			s := newScene(t)
			m.killedAt(s, moment, func() { s.base.MoveToLacking("two") })
			run := s.w.takenBack(s.policy, s.workload, s.app, "/bin/start")
			m.Kill()
			m.Start()
			s.w.isLeftAlone(s.policy, s.workload, 5*time.Second)
			s.happenedOnce(run, 3)
		})
	}
}

// scene is a workload that is current, and takes a while to build and to be ready.
type scene struct {
	w        *world
	base     *images.Base
	app      images.App
	workload *deployment
	policy   *respinv1alpha1.PatchPolicy
	began    time.Time
}

func newScene(t *testing.T) *scene {
	t.Helper()
	w := newWorld(t)
	s := &scene{w: w, base: w.NewBase("base", "one"), began: time.Now()}
	s.app = w.App("app", s.base)
	s.workload = cluster.Deployment("app", s.app.Reference, cluster.WithReadiness(1, "true"))
	rule := rebuild(s.app)
	rule.Build.DockerfileInline = strings.Replace(s.app.Dockerfile, "\nCMD", "\nRUN sleep 3\nCMD", 1)
	s.policy = newPolicy("app", rule)
	w.current(s.policy, s.workload)
	return s
}

// killedAt moves a base, and has the operator killed and started anew when the moment comes.
func (m *mortal) killedAt(s *scene, moment dying, move func()) {
	s.w.t.Helper()
	m.Lock()
	s.w.t.Cleanup(m.Unlock)
	fired := m.proxy.Arm(proxy.Moment{Stored: moment.stored, At: func(w proxy.Write) bool {
		return moment.at(w, s.w.Name, s.app.Reference)
	}}, m.Kill)
	move()
	s.w.Annotate(s.policy, respinv1alpha1.AnnotationReconcileAt, "now")
	select {
	case <-fired:
	case <-time.After(patchTimeout):
		s.w.t.Fatal("the moment did not come")
	}
	m.Start()
}

// happenedOnce expects one push of one image, and one change of the workload: generations from its making to now.
func (s *scene) happenedOnce(run *respinv1alpha1.PatchRun, generations int64) {
	t := s.w.t
	t.Helper()
	tags := s.w.Tags(s.app.Repository)
	if len(tags) != 2 {
		t.Errorf("beside v1 there is one tag to be, and there are %v", tags)
	}
	_, tag, _ := strings.Cut(run.Spec.Output[len(s.w.Registry):], ":")
	if pushes := evidence.Pushed(evidence.Requests(t, s.began, s.w.Path("app")), tag); len(pushes) != 1 {
		t.Errorf("the image was pushed %d times: %v", len(pushes), pushes)
	}
	if s.w.Read(s.workload); s.workload.Generation != generations {
		t.Errorf("the workload is at generation %d and not %d", s.workload.Generation, generations)
	}
	var sets appsv1.ReplicaSetList
	if s.w.All(&sets); len(sets.Items) != 2 {
		t.Errorf("there are %d replica sets, not 2", len(sets.Items))
	}
	s.w.onlyRun()
}
