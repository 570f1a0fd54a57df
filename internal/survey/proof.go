package survey

import (
	"context"
	"fmt"

	"github.com/respin-dev/respin/internal/image"
	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/registry"
)

// Known is the check that all that a proof needs can be had: the image to start from, and the base that it was built
// on. It cannot be waived.
const Known safety.Check = "known"

// Rebase is a rebase to be proven, pinned by digests.
type Rebase struct {
	// Source is the image whose own layers go onto the new base, by digest: one that was never patched.
	Source image.Reference
	// Running is the image that runs, by digest: Source itself, or one that says it was made from it.
	Running image.Reference
	// Base is the repository and tag of both bases.
	Base image.Reference
	// From holds the digest of the base that Source was built on, for each platform where it is known.
	From map[string]string
	// To is the digest of the new base.
	To string
	// Allow names the checks that the owner of the image waives.
	Allow []safety.Check
}

// Prove tells what each safety check came to on each platform whose base has moved. A refusal is no error: that is what
// kept the proof from being made, and may pass.
func Prove(ctx context.Context, r Registry, of Rebase) ([]safety.Result, error) {
	cases, results, err := gather(ctx, r, of)
	if err != nil || !safety.Allowed(results) {
		return results, err
	}
	facts, err := r.Layers(ctx, safety.Needs(cases))
	if gone(err) && registry.KindOf(err) != registry.Denied { // who showed the manifest will show the layer again
		return []safety.Result{unknown(image.Platform{}, "a layer cannot be read: %v", err)}, nil
	}
	if err != nil {
		return nil, err
	}
	for _, one := range cases {
		results = append(results, safety.Prove(one, facts, of.Allow)...)
	}
	return results, nil
}

// gather reads the images, and tells for each platform what came of that.
func gather(ctx context.Context, r Registry, of Rebase) (cases []safety.Case, results []safety.Result, err error) {
	app, err := r.Inspect(ctx, of.Source, nil)
	if gone(err) {
		return nil, []safety.Result{unknown(image.Platform{}, "the image to start from cannot be read: %v", err)}, nil
	}
	if err != nil {
		return nil, nil, err
	}
	now, err := r.Inspect(ctx, of.Base.WithDigest(of.To), app.Platforms())
	if err != nil {
		return nil, nil, err
	}
	running, err := inspectRunning(ctx, r, of)
	if err != nil {
		return nil, nil, err
	}
	seen := map[string]bool{}
	for _, child := range app.Children {
		name := child.Platform.String()
		if seen[name] {
			results = append(results, unknown(child.Platform, "the index holds more than one image for it, which cannot be told apart; declare a build"))
			continue
		}
		seen[name] = true
		one, refused, err := prepare(ctx, r, of, child, now)
		switch {
		case err != nil:
			return nil, nil, err
		case refused == nil && !of.madeFrom(running, one):
			results = append(results, unknown(child.Platform, "%s says that it was made from %s, and does not have its layers; "+
				"push the image again as it was built", of.Running.Familiar(), of.Source.Familiar()))
		case refused != nil:
			results = append(results, *refused)
		case one.OldBase.Digest == one.NewBase.Digest:
			results = append(results, known(child.Platform, "its base for the platform is the one that it was built on: it stays as it is"))
		default:
			cases, results = append(cases, one), append(results, known(child.Platform, "the image and both bases can be read"))
		}
	}
	return cases, results, nil
}

// prepare puts one platform's image beside both of its bases.
func prepare(ctx context.Context, r Registry, of Rebase, child image.Child, now image.Image) (safety.Case, *safety.Result, error) {
	refuse := func(format string, args ...any) (safety.Case, *safety.Result, error) {
		result := unknown(child.Platform, format, args...)
		return safety.Case{}, &result, nil
	}
	above, ok := now.Child(child.Platform)
	if !ok {
		return refuse("%s at %s is not published for %s any more; follow another tag, or build the image without that platform",
			of.Base.Familiar(), of.To, child.Platform)
	}
	digest := of.From[child.Platform.String()]
	if digest == "" {
		return refuse("it is not recorded on which digest of %s the image was built for %s; declare a build, or build it with "+
			"BuildKit's provenance or with the annotation %s", of.Base.Familiar(), child.Platform, image.AnnotationBaseDigest)
	}
	oldRef := of.Base.WithDigest(digest)
	old, err := r.Inspect(ctx, oldRef, []image.Platform{child.Platform})
	if gone(err) {
		return refuse("the base that it was built on cannot be read any more: %v; declare a build", err)
	}
	if err != nil {
		return safety.Case{}, nil, err
	}
	below, ok := old.Child(child.Platform)
	if !ok {
		return refuse("%s, on which it was built, holds no image for %s; declare a build", oldRef.Familiar(), child.Platform)
	}
	return safety.Case{
		Platform: child.Platform, App: child, OldBase: below, NewBase: above,
		AppRef: of.Source, OldRef: oldRef, NewRef: of.Base.WithDigest(of.To),
	}, nil, nil
}

func known(p image.Platform, reason string) safety.Result {
	return safety.Result{Check: Known, Platform: p, Passed: true, Reason: reason}
}

func unknown(p image.Platform, format string, args ...any) safety.Result {
	return safety.Result{Check: Known, Platform: p, Reason: fmt.Sprintf(format, args...)}
}
