package restart

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/rollout"
)

// replacedAfter is the annotation of a pod whose container app was replaced when it had restarted twice.
func replacedAfter(looping string) func(*corev1.Pod) {
	return annotated(respinv1alpha1.AnnotationReplaced,
		`{"app":{"from":"`+plain+`","run":"a","restarts":2,"imageID":"old","reason":"Error","exitCode":1,"looping":`+looping+`}}`)
}

func ranImage(id string) func(*corev1.Pod) {
	return func(p *corev1.Pod) { p.Status.ContainerStatuses[0].ImageID = id }
}

func TestJudge(t *testing.T) {
	const bake, health = 2 * time.Minute, 10 * time.Minute
	type pods = []*corev1.Pod
	replaced, looped := replacedAfter("false"), replacedAfter("true")
	since := func(d time.Duration) func(*corev1.Pod) {
		return func(p *corev1.Pod) {
			p.Status.Conditions = []corev1.PodCondition{{Type: corev1.ContainersReady, Status: corev1.ConditionFalse, LastTransitionTime: ago(d)}}
		}
	}
	good := pod("good", fixed, running(time.Hour))
	for sentence, test := range map[string]struct {
		pods    pods
		counts  [2]int32 // all, and patched
		baked   bool
		next    time.Duration
		blaming string // the reason; empty where nothing is blamed
	}{
		"no pods have proven nothing":                     {nil, [2]int32{0, 0}, false, 0, ""},
		"none is patched":                                 {pods{pod("1", plain, running(time.Hour))}, [2]int32{1, 0}, false, 0, ""},
		"some are":                                        {pods{good, pod("1", plain, running(time.Hour))}, [2]int32{2, 1}, false, 0, ""},
		"all are, for long enough":                        {pods{good, pod("1", fixed, running(bake))}, [2]int32{2, 2}, true, 0, ""},
		"all are, one not for long enough":                {pods{good, pod("1", fixed, running(bake-3*time.Second))}, [2]int32{2, 2}, false, 3 * time.Second, ""},
		"pods that go do not count":                       {pods{good, pod("1", plain, func(p *corev1.Pod) { p.DeletionTimestamp = new(ago(0)) })}, [2]int32{1, 1}, true, 0, ""},
		"one that is being made":                          {pods{pod("1", fixed, waiting("ContainerCreating"))}, [2]int32{1, 1}, false, 0, ""},
		"one without a status":                            {pods{pod("1", fixed, nameStatus("proxy"))}, [2]int32{1, 1}, false, 0, ""},
		"one that is not ready yet":                       {pods{pod("1", fixed, running(time.Minute), unready)}, [2]int32{1, 1}, false, health - time.Minute, ""},
		"one that is never ready":                         {pods{pod("1", fixed, running(health), unready)}, [2]int32{1, 1}, false, 0, "TimedOut"},
		"one that was ready until lately":                 {pods{pod("1", fixed, running(time.Hour), unready, since(time.Minute))}, [2]int32{1, 1}, false, health - time.Minute, ""},
		"one that is never ready, as on the earlier":      {pods{pod("1", fixed, running(health), unready), pod("2", plain, running(health), unready)}, [2]int32{2, 1}, false, 0, ""},
		"one that crashes":                                {pods{pod("1", fixed, waiting(rollout.CrashLoop), endedBefore(1, "Error"))}, [2]int32{1, 1}, false, 0, rollout.CrashLoop},
		"one that crashed once is waited for":             {pods{pod("1", fixed, ended(1, "Error"))}, [2]int32{1, 1}, false, 0, ""},
		"one that crashed twice, before that is said":     {pods{pod("1", fixed, ended(1, "Error"), endedBefore(1, "Error"))}, [2]int32{1, 1}, false, 0, rollout.CrashLoop},
		"one that was replaced and crashed once":          {pods{pod("1", fixed, ended(1, "Error"), endedBefore(137, "Error"), replaced, restarted(3))}, [2]int32{1, 1}, false, 0, ""},
		"one that was replaced and crashed again":         {pods{pod("1", fixed, ended(1, "Error"), endedBefore(1, "Error"), replaced, restarted(5))}, [2]int32{1, 1}, false, 0, rollout.CrashLoop},
		"one that crashes, as on the earlier":             {pods{pod("1", fixed, waiting(rollout.CrashLoop)), pod("2", plain, waiting(rollout.CrashLoop))}, [2]int32{2, 1}, false, 0, ""},
		"one that crashes where another has no config":    {pods{pod("1", fixed, waiting(rollout.CrashLoop)), pod("2", plain, waiting("CreateContainerConfigError"))}, [2]int32{2, 1}, false, 0, rollout.CrashLoop},
		"one without config, as on the earlier":           {pods{pod("1", fixed, waiting("CreateContainerConfigError")), pod("2", plain, waiting("CreateContainerConfigError"))}, [2]int32{2, 1}, false, 0, ""},
		"one that cannot be pulled":                       {pods{pod("1", fixed, waiting("ImagePullBackOff"))}, [2]int32{1, 1}, false, 0, "ImagePullBackOff"},
		"one that cannot be pulled, as the earlier":       {pods{pod("1", fixed, waiting("ImagePullBackOff")), pod("2", plain, waiting("ImagePullBackOff"))}, [2]int32{2, 1}, false, 0, "ImagePullBackOff"},
		"one that was replaced and crashes":               {pods{pod("1", fixed, waiting(rollout.CrashLoop), replaced, restarted(3))}, [2]int32{1, 1}, false, 0, rollout.CrashLoop},
		"one that was replaced and crashes as it did":     {pods{pod("1", fixed, waiting(rollout.CrashLoop), looped, restarted(3))}, [2]int32{1, 1}, false, 0, ""},
		"one that was replaced and cannot be pulled":      {pods{pod("1", fixed, waiting("ImagePullBackOff"), looped, restarted(2))}, [2]int32{1, 1}, false, 0, "ImagePullBackOff"},
		"one whose crash is of the image that it had":     {pods{pod("1", fixed, waiting(rollout.CrashLoop), replaced, restarted(2))}, [2]int32{1, 1}, false, 0, ""},
		"one that ran the image that it had once more":    {pods{pod("1", fixed, waiting(rollout.CrashLoop), replaced, restarted(3), ranImage("old"))}, [2]int32{1, 1}, false, 0, ""},
		"one that still runs the image that it had":       {pods{pod("1", fixed, running(bake), replaced, restarted(2))}, [2]int32{1, 1}, false, 0, ""},
		"one that was replaced and runs well":             {pods{pod("1", fixed, running(bake), replaced, restarted(3), ranImage("new"))}, [2]int32{1, 1}, true, 0, ""},
		"one whose annotation is someone else's nonsense": {pods{pod("1", fixed, running(bake), annotated(respinv1alpha1.AnnotationReplaced, "yes"))}, [2]int32{1, 1}, true, 0, ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			var all []corev1.Pod
			for _, p := range test.pods {
				all = append(all, *p)
			}
			v := Judge(all, []rollout.ContainerImage{{Name: "app", Image: fixed}}, now, Limits{Bake: bake, Health: health})
			if v.Pods != test.counts[0] || v.PatchedPods != test.counts[1] || v.Baked != test.baked || v.Next != test.next {
				t.Errorf("got %+v", v)
			}
			var blaming string
			if v.Failed != nil {
				blaming = v.Failed.Reason
			}
			if blaming != test.blaming {
				t.Fatalf("it blames %+v", v.Failed)
			}
			if v.Failed != nil && (v.Failed.Pod != "1" || v.Failed.Container != "app" || v.Failed.Message == "") {
				t.Errorf("it blames %+v", v.Failed)
			}
		})
	}
}

func TestAPodIsPatchedWhenAllOfItsContainersAre(t *testing.T) {
	images := []rollout.ContainerImage{{Name: "app", Image: fixed}, {Name: "proxy", Image: "example.com/proxy:1-respin"}}
	if v := Judge([]corev1.Pod{*pod("1", fixed, running(time.Hour))}, images, now, Limits{}); v.PatchedPods != 0 || v.Baked {
		t.Errorf("got %+v", v)
	}
}

func TestAnInitContainerThatHasDoneItsWorkHasBaked(t *testing.T) {
	p := pod("1", fixed, ended(0, "Completed"))
	p.Spec.InitContainers, p.Spec.Containers = p.Spec.Containers, nil
	p.Status.ContainerStatuses[0].Ready = true
	p.Status.InitContainerStatuses, p.Status.ContainerStatuses = p.Status.ContainerStatuses, nil
	images := []rollout.ContainerImage{{Name: "app", Init: true, Image: fixed}}
	if v := Judge([]corev1.Pod{*p}, images, now, Limits{Bake: time.Hour}); !v.Baked || v.PatchedPods != 1 {
		t.Errorf("got %+v", v)
	}
}
