package patchpolicy

import (
	"context"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/access"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/registry"
	"github.com/respin-dev/respin/internal/survey"
)

// gathered is what registries say: the facts of each image, and where each base stands.
type gathered struct {
	facts []plan.Facts
	bases []base
}

// base is where one base stands, or why that is not known.
type base struct {
	ref       image.Reference
	digest    string
	checkedAt time.Time
	// since is when the base was first seen there.
	since  time.Time
	err    error
	images int32
}

// gatherer begins a look at the registries, with what the policy's namespace gives for that. A policy asks for answers no
// older than its interval; one whose reconcile annotation is new asks for answers from now on.
func (r *Reconciler) gatherer(ctx context.Context, policy *respinv1alpha1.PatchPolicy, seen observed) *gatherer {
	reader := patient{owner: policy.UID, failures: &r.failures, silent: map[string]error{}, now: r.Now()}
	reader.notBefore = reader.now.Add(-interval(policy))
	if reconcileAsked(policy) {
		reader.notBefore = reader.now
	}
	g := &gatherer{patient: reader, candidates: seen.candidates, bases: policy.Status.Bases}
	g.Registry, g.closed = r.Open(ctx, policy.Namespace, access.Of(policy, nil, seen.pullSecrets))
	return g
}

// gather asks the registries about the images and their bases.
func (g *gatherer) gather(ctx context.Context, seen observed) gathered {
	for _, app := range seen.apps {
		g.result.facts = append(g.result.facts, g.about(ctx, app, plan.RuleFor(seen.rules, app.Ref.Repository)))
	}
	return g.result
}

func reconcileAsked(policy *respinv1alpha1.PatchPolicy) bool {
	asked := plan.AskedReconcile(policy)
	return asked != "" && asked != policy.Status.LastHandledReconcileAt
}

// gatherer gathers for one policy, each base once.
type gatherer struct {
	patient
	// closed is why registries could not be opened for the policy; nil if they could.
	closed error
	// candidates are the bases that the namespace's policies name, by digest.
	candidates []image.Reference
	// bases are where the policy's bases were seen before.
	bases  []respinv1alpha1.BaseStatus
	result gathered
}

// about gathers the facts of one image, up to the first problem.
func (g *gatherer) about(ctx context.Context, app plan.AppImage, rule *plan.Rule) plan.Facts {
	facts := plan.Facts{App: app, Problem: app.Problem, Now: g.now}
	if facts.Problem == nil {
		facts.Problem = rule.Problem
	}
	if facts.Problem == nil && g.closed != nil {
		facts.Problem = &plan.Problem{Reason: respinv1alpha1.ReasonNoAccess, Message: g.closed.Error()}
	}
	for _, step := range []func(context.Context, *plan.Rule, *plan.Facts) error{g.image, g.lineage, g.base, g.recorded} {
		if facts.Problem != nil {
			break
		}
		if err := step(ctx, rule, &facts); err != nil {
			facts.Problem = problem(err)
		}
	}
	return facts
}

func (g *gatherer) image(ctx context.Context, _ *plan.Rule, facts *plan.Facts) (err error) {
	facts.Image, err = g.Inspect(ctx, facts.App.Ref, nil)
	return err
}

func (g *gatherer) lineage(ctx context.Context, rule *plan.Rule, facts *plan.Facts) (err error) {
	facts.Image, facts.Lineage, err = g.search(rule).Find(ctx, facts.App.Ref, facts.Image, facts.App.Platforms)
	return err
}

func (g *gatherer) search(rule *plan.Rule) survey.Search {
	return survey.Search{Registry: g.patient, Declared: rule.Base, Bases: g.known, NotBefore: g.notBefore}
}

func (g *gatherer) base(ctx context.Context, _ *plan.Rule, facts *plan.Facts) (err error) {
	at := g.follow(ctx, facts.Lineage.Base)
	if at.err != nil {
		return at.err
	}
	facts.BaseSince = at.since
	facts.Base, err = g.Inspect(ctx, at.ref.WithDigest(at.digest), facts.Image.Platforms())
	return err
}

// follow asks where a base stands, once for all the images on it.
func (g *gatherer) follow(ctx context.Context, ref image.Reference) base {
	for i := range g.result.bases {
		if g.result.bases[i].ref == ref {
			g.result.bases[i].images++
			return g.result.bases[i]
		}
	}
	resolved, err := g.Digest(ctx, ref, g.notBefore)
	at := base{ref: ref, digest: resolved.Digest, checkedAt: resolved.CheckedAt, since: g.since(ref, resolved.Digest), err: err, images: 1}
	g.result.bases = append(g.result.bases, at)
	return at
}

// since is when a base was first seen at a digest: now, if it was not there before.
func (g *gatherer) since(ref image.Reference, digest string) time.Time {
	for _, known := range g.bases {
		if known.Image == ref.Familiar() && known.Digest == digest && known.FirstSeen != nil {
			return known.FirstSeen.Time
		}
	}
	return g.now
}

func (g *gatherer) recorded(ctx context.Context, _ *plan.Rule, facts *plan.Facts) (err error) {
	facts.Recorded, err = survey.Recorded(ctx, g.patient, facts.Lineage, facts.Base, facts.Image.Platforms())
	return err
}

// proof looks whether an image may be rebased onto its base as it is now. That takes reading its layers: it is left out
// until there is a run to create.
func (g *gatherer) proof(ctx context.Context, rule *plan.Rule, facts plan.Facts) (*plan.Proof, error) {
	original := image.Original(facts.App.Ref, facts.Image)
	from, refused, err := g.search(rule).Origins(ctx, original, facts.Lineage.Base)
	if err != nil || len(refused) > 0 {
		return &plan.Proof{Results: refused}, err
	}
	of := survey.Rebase{Source: original, Running: facts.App.Ref, Base: facts.Lineage.Base, From: survey.ByPlatform(from), To: facts.Base.Digest}
	for _, check := range rule.Spec.Allow {
		of.Allow = append(of.Allow, safety.Check(check))
	}
	results, err := survey.Prove(ctx, g.patient, of)
	return &plan.Proof{From: from, Results: results}, err
}

// next is when the policy is to be looked at again: when the first of its bases' answers has become too old, or at the
// first of other times.
func (g gathered) next(now time.Time, interval time.Duration, others ...time.Time) time.Duration {
	next := interval
	for _, at := range others {
		if !at.IsZero() {
			next = min(next, max(at.Sub(now), time.Second))
		}
	}
	for _, at := range g.bases {
		if due := at.checkedAt.Add(interval).Sub(now); !at.checkedAt.IsZero() {
			next = min(next, max(due, time.Second))
		}
	}
	return next
}

// problem puts an error into the terms of a status.
func problem(err error) *plan.Problem {
	if kind := registry.KindOf(err); kind != "" {
		return &plan.Problem{Reason: string(kind), Message: err.Error()}
	}
	return plan.LineageProblem(err)
}
