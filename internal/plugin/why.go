package plugin

import (
	"fmt"
	"slices"
	"strings"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/plan"
)

// account explains; it holds what it has written so far.
type account struct {
	Facts
	paragraphs
	namespace string
	now       time.Time
}

// Why explains in sentences why a workload or an image is as it is. The facts are those of one namespace. Its error
// says what there is where nothing is of that name.
func Why(facts Facts, namespace, arg string, now time.Time) (string, error) {
	subject, err := ParseSubject(arg)
	if err != nil {
		return "", err
	}
	a := &account{Facts: facts, namespace: namespace, now: now}
	if names := a.workloadsNamed(subject); len(names) > 0 {
		a.workloads(names)
		return a.text.String(), nil
	}
	if found := a.images(subject.isImage); len(found) > 0 {
		a.knownImages(found)
		return a.text.String(), nil
	}
	if names := a.running(subject); len(names) > 0 {
		a.workloads(names)
		return a.text.String(), nil
	}
	return "", Missing(arg, namespace, "workload or image", facts.WorkloadNames(), facts.ImageNames())
}

// running are the workloads whose templates have an image that no policy knows.
func (a *account) running(s Subject) []string {
	var names []string
	for _, w := range a.Workloads {
		for _, c := range slices.Concat(w.Template.Containers, w.Template.InitContainers) {
			ref, err := image.ParseReference(c.Image)
			if s.Kind == "" && !s.Policy && !s.Run && err == nil && s.means(ref) && !slices.Contains(names, w.Label()) {
				names = append(names, w.Label())
			}
		}
	}
	return names
}

func (a *account) workloads(names []string) {
	for i, name := range names {
		if i > 0 {
			a.gap()
		}
		a.aboutWorkload(name)
	}
}

func (a *account) aboutWorkload(name string) {
	w := a.workload(a.namespace, name)
	policy, others := a.keeper(w, name)
	if policy == nil {
		a.unkept(w, name)
		return
	}
	a.lead(append([]string{fmt.Sprintf("%s in %s is kept patched by patchpolicy/%s.", name, a.namespace, policy.Name)}, a.aside(policy, others)...)...)
	if w == nil {
		a.lead(name + " itself was not found, or may not be read: what follows is what the policy last wrote of it.")
	}
	found := a.images(func(app respinv1alpha1.ImageStatus) bool { return slices.Contains(app.Workloads, name) })
	for _, k := range found {
		a.aboutImage(k, []string{name})
	}
	a.unseen(w, policy, found)
}

// aside are the sentences about a workload's policy.
func (a *account) aside(policy *respinv1alpha1.PatchPolicy, others []string) []string {
	var sentences []string
	if policy.Spec.Suspend {
		sentences = append(sentences, "That policy is suspended, so that nothing is begun.")
	}
	if len(others) > 0 {
		sentences = append(sentences, fmt.Sprintf("It is selected by %s as well, but the older policy keeps it.", strings.Join(others, " and ")))
	}
	return sentences
}

// keeper is the policy that keeps a workload, nil if none does, and the younger ones that select it, too. Of a workload that
// was not read the policies' statuses tell.
func (a *account) keeper(w *Workload, name string) (keeper *respinv1alpha1.PatchPolicy, others []string) {
	for i := range a.Policies {
		policy := &a.Policies[i]
		if !selects(policy, w, name) {
			continue
		}
		if w != nil {
			observed := []plan.Workload{{Kind: w.Kind, Name: w.Name, Labels: w.Labels}}
			if own, _ := plan.Unclaimed(policy, a.Policies, observed); len(own) == 0 {
				others = append(others, "patchpolicy/"+policy.Name)
				continue
			}
		}
		keeper = policy
	}
	return keeper, others
}

func selects(policy *respinv1alpha1.PatchPolicy, w *Workload, name string) bool {
	if w == nil {
		return slices.ContainsFunc(policy.Status.Images, func(app respinv1alpha1.ImageStatus) bool {
			return slices.Contains(app.Workloads, name)
		})
	}
	selector, problem := plan.Selector(policy)
	return problem == nil && slices.Contains(plan.Kinds(policy), w.Kind) && selector.Matches(w.Labels)
}

// unkept says why no policy keeps a workload.
func (a *account) unkept(w *Workload, name string) {
	a.lead(fmt.Sprintf("No policy keeps %s in %s.", name, a.namespace))
	if w == nil {
		a.lead("It was not found, or may not be read; a run knows of it from before.")
		return
	}
	for i := range a.Policies {
		policy := &a.Policies[i]
		reason := "selects other labels than it has"
		selector, problem := plan.Selector(policy)
		switch {
		case problem != nil:
			reason = "has a selector that cannot be understood: " + problem.Message
		case !slices.Contains(plan.Kinds(policy), w.Kind):
			reason = fmt.Sprintf("does not list %s among its workloads' kinds", w.Kind)
		case selector.String() != "":
			reason += ": " + selector.String()
		}
		a.say("", fmt.Sprintf("patchpolicy/%s %s.", policy.Name, reason))
	}
	a.gap()
	if len(a.Policies) == 0 {
		a.next(Need{"There is no policy in " + a.namespace + ". Apply one that selects it", a.kubectl(a.namespace, "apply -f policy.yaml")})
		return
	}
	a.next(Need{"Have one of them select it", a.edit(&a.Policies[0])})
}

// unseen says of the containers whose images the policy does not tell of why that is.
func (a *account) unseen(w *Workload, policy *respinv1alpha1.PatchPolicy, found []known) {
	if w == nil {
		return
	}
	rules := plan.Rules(policy.Spec)
	for _, c := range slices.Concat(w.Template.InitContainers, w.Template.Containers) {
		ref, err := image.ParseReference(c.Image)
		if err == nil && slices.ContainsFunc(found, func(k known) bool { return k.app.Repository == ref.Repository }) {
			continue
		}
		reason := "its policy has not looked at it yet."
		switch {
		case err != nil:
			reason = fmt.Sprintf("that cannot be understood: %v.", err)
		case plan.RuleFor(rules, ref.Repository) == nil:
			reason = "no rule in spec.images of the policy matches it, so that it is left alone."
		case w.PodsRead && len(w.Pods) == 0:
			reason = "it has no pods, and an image is looked at once a pod runs it."
		}
		a.gap()
		a.say("Image", fmt.Sprintf("%s in container %s: %s", familiar(c.Image), c.Name, reason))
	}
}

func (a *account) knownImages(found []known) {
	for i, k := range found {
		if i > 0 {
			a.gap()
		}
		a.lead(fmt.Sprintf("%s in %s is kept patched by patchpolicy/%s.",
			tagged(k.app.Repository, k.app.Tag, k.app.Digest), a.namespace, k.policy.Name), strings.Join(a.aside(k.policy, nil), " "))
		a.aboutImage(k, k.app.Workloads)
	}
}

func (a *account) next(needs ...Need) {
	for i, need := range needs {
		word := ""
		if i == 0 {
			word = "Next"
		}
		a.say(word, need.Message+":")
		a.line("", "  "+need.Command)
	}
}
