package restart

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/sets"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// entry patches the container app of Deployment/api.
func entry() Entry {
	return Entry{
		Run: "a", Workload: Owner{respinv1alpha1.KindDeployment, "api", "uid-api"},
		Selector: labels.SelectorFromSet(labels.Set{"app": "api"}), Container: "app", From: sets.New(plain), To: fixed,
	}
}

func owned(by ...metav1.OwnerReference) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.OwnerReferences = by }
}

func TestWhichPodsGetThePatchedImage(t *testing.T) {
	of := func(kind respinv1alpha1.WorkloadKind) Entry {
		e := entry()
		e.Workload.Kind = kind
		return e
	}
	job := func(name string) func(*corev1.Pod) { return owned(owner("batch/v1", "Job", name)) }
	for sentence, test := range map[string]struct {
		entry   Entry
		pod     *corev1.Pod
		patched bool
	}{
		"a pod of the workload's ReplicaSet does": {entry(), pod("api-1", plain), true},
		"one without a controller does not":       {entry(), pod("api-1", plain, owned()), false},
		"one whose owner is no controller does not": {entry(), pod("api-1", plain, func(p *corev1.Pod) {
			p.OwnerReferences[0].Controller = nil
		}), false},
		"one of a Job does not, whatever its labels": {entry(), pod("api-1", plain, job("api-1")), false},
		"one of another Deployment whose labels it has too does not": {
			entry(), pod("api-1", plain, owned(owner("apps/v1", "ReplicaSet", "api-canary-5f6d"))), false,
		},
		"one with other labels does not":      {entry(), pod("api-1", plain, func(p *corev1.Pod) { p.Labels["app"] = "web" }), false},
		"one with another image does not":     {entry(), pod("api-1", "example.com/api:2"), false},
		"one that is patched already is left": {entry(), pod("api-1", fixed), false},
		"one of a StatefulSet does": {of(respinv1alpha1.KindStatefulSet),
			pod("api-0", plain, owned(owner("apps/v1", "StatefulSet", "api"))), true},
		"one of a StatefulSet that was made anew does not": {of(respinv1alpha1.KindStatefulSet),
			pod("api-0", plain, owned(owner("apps/v1", "StatefulSet", "another"))), false},
		"one of a DaemonSet does": {of(respinv1alpha1.KindDaemonSet),
			pod("api-1", plain, owned(owner("apps/v1", "DaemonSet", "api"))), true},
		"one of someone's kind with the same name does not": {of(respinv1alpha1.KindDaemonSet),
			pod("api-1", plain, owned(owner("example.com/v1", "DaemonSet", "api"))), false},
		"one of a CronJob's Job does":           {of(respinv1alpha1.KindCronJob), pod("api-1", plain, job("api-29153280")), true},
		"one of a Job made by hand does not":    {of(respinv1alpha1.KindCronJob), pod("api-1", plain, job("api-manual")), false},
		"one of a Job of another name does not": {of(respinv1alpha1.KindCronJob), pod("api-1", plain, job("web-29153280")), false},
		"a container of the same name that is no init container does not": {func() Entry {
			e := entry()
			e.Init = true
			return e
		}(), pod("api-1", plain), false},
	} {
		t.Run(sentence, func(t *testing.T) {
			run, images := filled(test.entry).For("shop", test.pod)
			if (len(images) == 1) != test.patched || (run == "a") != test.patched {
				t.Fatalf("got %q, %+v", run, images)
			}
			if test.patched && (images[0].Name != "app" || images[0].Image != fixed || images[0].Init) {
				t.Errorf("got %+v", images[0])
			}
		})
	}
}

func TestTheIndexKnowsNothingBeforeItIsFilled(t *testing.T) {
	x := NewIndex()
	var told []string
	x.OnChange(func(namespace string) { told = append(told, fmt.Sprint(namespace, x.Knows(namespace))) })
	x.Set("shop", []Entry{entry()})
	if _, images := x.For("shop", pod("api-1", plain)); len(images) > 0 || x.Ready() || x.Knows("shop") {
		t.Errorf("before: %v", images)
	}
	x.MarkReady()
	if _, images := x.For("shop", pod("api-1", plain)); len(images) != 1 || !x.Ready() || !x.Knows("shop") {
		t.Errorf("after: %v", images)
	}
	x.Set("shop", []Entry{entry()})
	x.OnChange(func(namespace string) { told = append(told, "late "+namespace) })
	x.Set("shop", nil)
	if _, images := x.For("shop", pod("api-1", plain)); len(images) > 0 || x.Knows("shop") {
		t.Errorf("when all was taken away: %v", images)
	}
	if want := []string{"shopfalse", "shoptrue", "late shop"}; !slices.Equal(told, want) {
		t.Errorf("it told of %q, want %q", told, want)
	}
}

func TestAPodOfTwoRunsNamesBoth(t *testing.T) {
	proxy := entry()
	proxy.Run, proxy.Container, proxy.From = "b", "proxy", sets.New("example.com/proxy:1")
	run, images := filled(entry(), proxy).For("shop", pod("api-1", plain))
	if run != "a,b" || len(images) != 2 {
		t.Errorf("got %q, %+v", run, images)
	}
	if run, _ := filled(entry()).For("elsewhere", pod("api-1", plain)); run != "" {
		t.Errorf("in another namespace it is %q", run)
	}
}

// BenchmarkFor asks an index of 1000 workloads for a pod of one of them: each with an image of its own, and all
// with the same.
func BenchmarkFor(b *testing.B) {
	for sentence, image := range map[string]func(int) string{
		"images of their own": func(i int) string { return fmt.Sprintf("%s-%d", plain, i) },
		"all the same image":  func(int) string { return plain },
	} {
		b.Run(strings.ReplaceAll(sentence, " ", "-"), func(b *testing.B) {
			var entries []Entry
			for i := range 1000 {
				e, name := entry(), fmt.Sprintf("api-%d", i)
				e.Workload.Name, e.Selector, e.From = name, labels.SelectorFromSet(labels.Set{"app": name}), sets.New(image(i))
				entries = append(entries, e)
			}
			x, last := filled(entries...), "api-999"
			p := pod("p", image(999), owned(owner("apps/v1", "ReplicaSet", last+"-5f6d")))
			p.Labels["app"] = last
			for b.Loop() {
				if run, _ := x.For("shop", p); run == "" {
					b.Fatal("it is not patched")
				}
			}
		})
	}
}
