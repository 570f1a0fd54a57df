package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

const (
	// calm is how long changes are collected before they are shown: a rollout changes many objects at once.
	calm = 200 * time.Millisecond
	// refresh is how often a terminal's ages are brought up to date.
	refresh = 5 * time.Second
)

// follow shows the tree whenever it changes, until it is interrupted. What was read before tells what may not be watched.
func (s *status) follow(ctx context.Context, before *gatherer) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	known, err := s.cache(cancel)
	if err != nil {
		return err
	}
	changes := make(chan struct{}, 1)
	for _, object := range before.watchable() {
		if err := notify(ctx, known, object, changes); err != nil {
			return explained(err)
		}
	}
	go func() { cancel(known.Start(ctx)) }()
	if known.WaitForCacheSync(ctx) {
		err = s.showAll(ctx, &gatherer{Reader: known, flags: before.flags, denied: before.denied}, changes)
	}
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.Canceled) {
		return explained(cause)
	}
	return err
}

// cache watches what is read through it. A refusal to have something watched ends all: it would be tried for ever.
func (s *status) cache(refused func(error)) (cache.Cache, error) {
	config, err := s.rest()
	if err != nil {
		return nil, err
	}
	known, err := cache.New(config, cache.Options{
		Scheme:            scheme(),
		DefaultNamespaces: map[string]cache.Config{s.namespace: {}},
		DefaultTransform:  cache.TransformStripManagedFields(),
		DefaultWatchErrorHandler: func(_ context.Context, _ *toolscache.Reflector, err error) {
			if apierrors.IsForbidden(err) {
				refused(fmt.Errorf("watching: %w", err))
			}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("making a cache: %w", err)
	}
	return known, nil
}

// watchable are the kinds that are watched: ours, and those that may be read.
func (g *gatherer) watchable() []client.Object {
	objects := []client.Object{&respinv1alpha1.PatchPolicy{}, &respinv1alpha1.PatchRun{}}
	for resource, object := range watched {
		if !slices.Contains(g.denied, resource) {
			objects = append(objects, object)
		}
	}
	return objects
}

// notify has every change of a kind noted. One note is as good as many.
func notify(ctx context.Context, known cache.Cache, object client.Object, changes chan<- struct{}) error {
	informer, err := known.GetInformer(ctx, object, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("watching %T: %w", object, err)
	}
	note := func() {
		select {
		case changes <- struct{}{}:
		default:
		}
	}
	_, err = informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc: func(any) { note() }, UpdateFunc: func(any, any) { note() }, DeleteFunc: func(any) { note() },
	})
	return err
}

// showAll shows the tree now and after every change.
func (s *status) showAll(ctx context.Context, g *gatherer, changes <-chan struct{}) error {
	shown := &display{status: s}
	tick := time.NewTicker(refresh)
	defer tick.Stop()
	for {
		tree, err := s.tree(ctx, g)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return explained(err)
		}
		if err := shown.show(tree, time.Now()); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-changes:
			pause(ctx, calm)
		}
	}
}

func pause(ctx context.Context, length time.Duration) {
	timer := time.NewTimer(length)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

// watching tells whether a gatherer reads what is watched, in which a policy may come and go.
func (s *status) watching(g *gatherer) bool {
	_, ok := g.Reader.(cache.Cache)
	return ok
}
