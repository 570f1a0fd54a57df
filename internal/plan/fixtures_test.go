package plan

import (
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

// The words of these tests: an image api:1.4 on debian:12, which has moved from one digest to another, in a policy
// that can rebuild it.
const (
	repository = "registry.example.com/payments/api"
	debian     = "registry.example.com/base/debian:12"
)

var (
	oldBase = digestOfAll("b")
	newBase = digestOfAll("c")
	source1 = digestOfAll("a")
	amd64   = image.Platform{OS: "linux", Architecture: "amd64"}
	arm64   = image.Platform{OS: "linux", Architecture: "arm64"}
	noon    = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
)

// digestOfAll is a digest that consists of one character.
func digestOfAll(char string) string { return "sha256:" + strings.Repeat(char, 64) }

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func payments(changes ...func(*respinv1alpha1.PatchPolicy)) *respinv1alpha1.PatchPolicy {
	policy := &respinv1alpha1.PatchPolicy{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "payments", UID: "policy-1", CreationTimestamp: metav1.NewTime(noon),
		},
		Spec: respinv1alpha1.PatchPolicySpec{Images: []respinv1alpha1.ImageRule{{
			Match: "registry.example.com/payments/*",
			Base:  &respinv1alpha1.BaseImage{Image: debian},
			Build: &respinv1alpha1.BuildSpec{DockerfileInline: "FROM " + debian},
		}}},
	}
	for _, change := range changes {
		change(policy)
	}
	return policy
}

func ruleOf(policy *respinv1alpha1.PatchPolicy) *Rule {
	return RuleFor(Rules(policy.Spec), repository)
}

func target(name string, containers ...respinv1alpha1.ContainerTarget) respinv1alpha1.WorkloadTarget {
	if len(containers) == 0 {
		containers = []respinv1alpha1.ContainerTarget{{Name: "app", PreviousImage: repository + ":1.4"}}
	}
	return respinv1alpha1.WorkloadTarget{
		Kind: respinv1alpha1.KindDeployment, Name: name, UID: types.UID("uid-" + name), Containers: containers,
	}
}

// single is an image for one platform.
func single(digest string, layers ...string) image.Image {
	return image.Image{Digest: digest, Children: []image.Child{{Platform: amd64, Digest: digest, DiffIDs: layers}}}
}

// behind are the facts of an image that a deployment called api runs, and whose base has moved.
func behind(changes ...func(*Facts)) Facts {
	facts := Facts{
		App: AppImage{
			Ref:       image.Reference{Repository: repository, Tag: "1.4", Digest: source1},
			Platforms: []image.Platform{amd64},
			Targets:   []respinv1alpha1.WorkloadTarget{target("api")},
		},
		Image: single(source1, "old", "app"),
		Lineage: image.Lineage{
			Base: must(image.ParseReference(debian)), Evidence: image.Declared, Digest: oldBase,
			Records: []image.Record{{Platform: amd64, Digest: oldBase}},
		},
		Base: single(newBase, "new"),
	}
	for _, change := range changes {
		change(&facts)
	}
	return facts
}

func withTargets(targets ...respinv1alpha1.WorkloadTarget) func(*Facts) {
	return func(f *Facts) { f.App.Targets = targets }
}

// theRun is the run that the facts lead to, as it was created.
func theRun(facts Facts, changes ...func(*respinv1alpha1.PatchRun)) respinv1alpha1.PatchRun {
	policy := payments()
	decision := Judge(policy, ruleOf(policy), facts, nil)
	if decision.Create == nil {
		panic("the facts lead to no run: " + decision.Status.Message)
	}
	run := *decision.Create
	for _, change := range changes {
		change(&run)
	}
	return run
}

func named(name string) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) { run.Name = name }
}

// ended closes a run, with its workloads in a state.
func endedAs(status metav1.ConditionStatus, reason string, state respinv1alpha1.WorkloadState) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		condition(respinv1alpha1.ConditionSucceeded, status, reason, "said at the end")(run)
		run.Status.Workloads = nil
		for _, t := range run.Spec.Workloads {
			run.Status.Workloads = append(run.Status.Workloads,
				respinv1alpha1.WorkloadStatus{Kind: t.Kind, Name: t.Name, State: state})
		}
	}
}

var (
	succeeded = endedAs(metav1.ConditionTrue, respinv1alpha1.ReasonPatched, respinv1alpha1.WorkloadHealthy)
	rolled    = endedAs(metav1.ConditionFalse, respinv1alpha1.ReasonRolledBack, respinv1alpha1.WorkloadRolledBack)
	reverted  = endedAs(metav1.ConditionFalse, respinv1alpha1.ReasonReverted, respinv1alpha1.WorkloadReverted)
	skipped   = endedAs(metav1.ConditionFalse, respinv1alpha1.ReasonNothingToUpdate, respinv1alpha1.WorkloadSkipped)
)

// in has a run's workloads be in a state, for a reason.
func in(state respinv1alpha1.WorkloadState, reason string) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		run.Status.Workloads = nil
		for _, t := range run.Spec.Workloads {
			run.Status.Workloads = append(run.Status.Workloads,
				respinv1alpha1.WorkloadStatus{Kind: t.Kind, Name: t.Name, State: state, Reason: reason})
		}
	}
}

var (
	given = in(respinv1alpha1.WorkloadUpdated, "")
	waits = in(respinv1alpha1.WorkloadWaiting, respinv1alpha1.ReasonWaitingForTurn)
)

func condition(kind string, status metav1.ConditionStatus, reason, message string) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		run.Status.Conditions = append(run.Status.Conditions,
			metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message})
	}
}

func holding(run *respinv1alpha1.PatchRun) {
	run.Finalizers = append(run.Finalizers, respinv1alpha1.FinalizerRollout)
}

func annotated(value string) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		run.Annotations = map[string]string{respinv1alpha1.AnnotationRetry: value}
	}
}

// settling has a policy want a base to stay where it is, and to be known, for some time.
func settling(settle, soak time.Duration) func(*respinv1alpha1.PatchPolicy) {
	return func(p *respinv1alpha1.PatchPolicy) {
		p.Spec.Settle, p.Spec.Soak = &metav1.Duration{Duration: settle}, &metav1.Duration{Duration: soak}
	}
}

// urgent has a policy want a base's digest at once.
func urgent(digest string) func(*respinv1alpha1.PatchPolicy) {
	return func(p *respinv1alpha1.PatchPolicy) { p.Spec.Urgent = append(p.Spec.Urgent, digest) }
}

// byWay has a policy bring patched images to workloads in a way.
func byWay(way respinv1alpha1.RolloutType) func(*respinv1alpha1.PatchPolicy) {
	return func(p *respinv1alpha1.PatchPolicy) { p.Spec.Rollout.Type = way }
}

// known has a base be where it is for some time.
func known(age time.Duration) func(*Facts) {
	return func(f *Facts) { f.BaseSince, f.Now = noon.Add(-age), noon }
}

// way has a run bring its image to workloads in a way.
func way(way respinv1alpha1.RolloutType) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		run.Spec.Rollout.Type = way
		run.Name = runName(run)
	}
}

// making has a run have made the image of a digest.
func making(digest string) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		run.Status.Output = &respinv1alpha1.OutputStatus{Image: run.Spec.Output + "@" + digest, Digest: digest}
	}
}

// created has a run be made some minutes after noon, and at gives it an end then.
func created(minutes int) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		run.CreationTimestamp = metav1.NewTime(noon.Add(time.Duration(minutes) * time.Minute))
	}
}

func at(minutes int) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		run.Status.CompletionTime = new(metav1.NewTime(noon.Add(time.Duration(minutes) * time.Minute)))
	}
}

// managed has someone else set the images of a run's workloads, as far as is known.
func managed(by string) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		for i := range run.Status.Workloads {
			run.Status.Workloads[i].ManagedBy = by
		}
	}
}

// inWave puts a target into a wave.
func inWave(wave int32, t respinv1alpha1.WorkloadTarget) respinv1alpha1.WorkloadTarget {
	t.Wave = wave
	return t
}

func askedBack(value string) func(*respinv1alpha1.PatchRun) {
	return func(run *respinv1alpha1.PatchRun) {
		run.Annotations = map[string]string{respinv1alpha1.AnnotationRollback: value}
	}
}

func names(targets []respinv1alpha1.WorkloadTarget) []string {
	var all []string
	for _, t := range targets {
		all = append(all, t.Name)
	}
	slices.Sort(all)
	return all
}
