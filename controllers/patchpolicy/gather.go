package patchpolicy

import (
	"context"
	"errors"
	"slices"
	"time"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/plan"
	"github.com/respin-dev/respin/internal/registry"
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
	err       error
	images    int32
}

// gather asks the registries about the images and their bases. A policy asks for answers no older than its interval;
// one whose reconcile annotation is new asks for answers from now on.
func (r *Reconciler) gather(ctx context.Context, policy *respinv1alpha1.PatchPolicy, seen observed) gathered {
	reader := patient{Registry: r.Registry, failures: &r.failures, silent: map[string]error{}, now: r.Now()}
	reader.notBefore = reader.now.Add(-interval(policy))
	if reconcileAsked(policy) {
		reader.notBefore = reader.now
	}
	g := gatherer{patient: reader}
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
	result gathered
}

// about gathers the facts of one image, up to the first problem.
func (g *gatherer) about(ctx context.Context, app plan.AppImage, rule *plan.Rule) plan.Facts {
	facts := plan.Facts{App: app, Problem: app.Problem}
	if facts.Problem == nil {
		facts.Problem = rule.Problem
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

// lineage finds the base: from what costs least first, and with the provenance, which costs requests, only where that
// does not prove it.
func (g *gatherer) lineage(ctx context.Context, rule *plan.Rule, facts *plan.Facts) error {
	known := image.Known{Declared: rule.Base}
	found, err := g.settle(ctx, &known, facts)
	if err == nil && found.Certainty == image.Proven {
		facts.Lineage = found
		return nil
	}
	if facts.Image, err = g.attested(ctx, facts.App.Ref, facts.Image); err != nil {
		return err
	}
	facts.Lineage, err = g.settle(ctx, &known, facts)
	return err
}

// attested adds the provenance. It is attached to an index, and the node may tell of the image in it instead, when it
// has pulled that by itself too: then the tag leads to the index, if it still has the image in it.
func (g *gatherer) attested(ctx context.Context, ref image.Reference, inspected image.Image) (image.Image, error) {
	if inspected.Index || ref.Tag == "" {
		return g.Provenance(ctx, ref, inspected)
	}
	tagged, err := g.Digest(ctx, ref.WithDigest(""), g.notBefore)
	if err != nil {
		return inspected, nil
	}
	index, err := g.Inspect(ctx, ref.WithDigest(tagged.Digest), nil)
	if err != nil || !holds(index, inspected.Digest) {
		return inspected, nil
	}
	index, err = g.Provenance(ctx, ref.WithDigest(tagged.Digest), index)
	index.Digest = inspected.Digest
	return index, err
}

// holds tells whether an index has an image of a digest in it.
func holds(index image.Image, digest string) bool {
	return index.Index && slices.ContainsFunc(index.Children, func(c image.Child) bool { return c.Digest == digest })
}

// settle finds the base, reading the images that the answer wants until it wants no more. One that cannot be had leaves
// the answer less sure, and is told of only where there is none without it.
func (g *gatherer) settle(ctx context.Context, known *image.Known, facts *plan.Facts) (image.Lineage, error) {
	var missing []error
	for {
		found, err := image.FindLineage(facts.Image, facts.App.Platforms, *known)
		if len(found.Wanted) == 0 {
			if errors.Is(err, image.ErrAmbiguousLineage) {
				err = errors.Join(append([]error{err}, missing...)...)
			}
			return found, err
		}
		for _, ref := range found.Wanted {
			fetched, err := g.Inspect(ctx, ref, facts.Image.Platforms())
			switch kind := registry.KindOf(err); {
			case err == nil:
				known.Fetched = append(known.Fetched, fetched)
			case kind == registry.NotFound, kind == registry.Denied, kind == registry.BadContent:
				known.Missing, missing = append(known.Missing, ref.Digest), append(missing, err)
			default:
				return image.Lineage{}, err
			}
		}
	}
}

func (g *gatherer) base(ctx context.Context, _ *plan.Rule, facts *plan.Facts) (err error) {
	at := g.follow(ctx, facts.Lineage.Base)
	if at.err != nil {
		return at.err
	}
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
	at := base{ref: ref, digest: resolved.Digest, checkedAt: resolved.CheckedAt, err: err, images: 1}
	g.result.bases = append(g.result.bases, at)
	return at
}

// recorded fetches the base as it was when the image was built, to compare it platform by platform. It need not exist
// any more: the image is then behind.
func (g *gatherer) recorded(ctx context.Context, _ *plan.Rule, facts *plan.Facts) error {
	for _, digest := range facts.Lineage.Digests() {
		if digest == facts.Base.Digest || !facts.Base.Index {
			continue
		}
		old, err := g.Inspect(ctx, facts.Lineage.Base.WithDigest(digest), facts.Image.Platforms())
		switch registry.KindOf(err) {
		case registry.NotFound, registry.Denied, registry.BadContent:
			continue
		}
		if err != nil {
			return err
		}
		facts.Recorded = append(facts.Recorded, old)
	}
	return nil
}

// next is when the policy is to be looked at again: when the first of its bases' answers has become too old.
func (g gathered) next(now time.Time, interval time.Duration) time.Duration {
	next := interval
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
