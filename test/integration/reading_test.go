//go:build integration

package integration

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// written counts what these tests' client has written, by kind and namespace. It is all that happens in a scenario's
// namespace: what it does not count has not changed.
var written = counter{at: map[string]int{}}

type counter struct {
	mu sync.Mutex
	at map[string]int
}

func (c *counter) now(kind, ns string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at[kind+" "+ns]
}

func (c *counter) count(o any) {
	var kind, ns string
	switch of := o.(type) {
	case client.Object:
		kind, ns = kindOf(of), of.GetNamespace()
	case applied:
		kind, ns = of.GetKind(), of.GetNamespace()
	default:
		panic(fmt.Sprintf("what %T is of is not known", o))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at[kind+" "+ns]++
}

// applied is what server-side apply is asked for.
type applied interface {
	GetKind() string
	GetNamespace() string
}

var schemeOfTests = scheme()

func kindOf(o runtime.Object) string {
	gvk, err := apiutil.GVKForObject(o, schemeOfTests)
	if err != nil {
		panic(err)
	}
	return gvk.Kind
}

// counting is a client whose writes are counted, both before and after they are made.
func counting(c client.WithWatch) client.WithWatch {
	around := func(o any, do func() error) error {
		written.count(o)
		defer written.count(o)
		return do()
	}
	return interceptor.NewClient(c, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.CreateOption) error {
			return around(o, func() error { return c.Create(ctx, o, opts...) })
		},
		Update: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.UpdateOption) error {
			return around(o, func() error { return c.Update(ctx, o, opts...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteOption) error {
			return around(o, func() error { return c.Delete(ctx, o, opts...) })
		},
		DeleteAllOf: func(ctx context.Context, c client.WithWatch, o client.Object, opts ...client.DeleteAllOfOption) error {
			in := o.DeepCopyObject().(client.Object)
			all := client.DeleteAllOfOptions{}
			in.SetNamespace(all.ApplyOptions(opts).Namespace)
			return around(in, func() error { return c.DeleteAllOf(ctx, o, opts...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, o client.Object, p client.Patch, opts ...client.PatchOption) error {
			return around(o, func() error { return c.Patch(ctx, o, p, opts...) })
		},
		Apply: func(ctx context.Context, c client.WithWatch, o runtime.ApplyConfiguration, opts ...client.ApplyOption) error {
			return around(o, func() error { return c.Apply(ctx, o, opts...) })
		},
		SubResourceUpdate: func(ctx context.Context, c client.Client, sub string, o client.Object, opts ...client.SubResourceUpdateOption) error {
			return around(o, func() error { return c.SubResource(sub).Update(ctx, o, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
			return around(o, func() error { return c.SubResource(sub).Patch(ctx, o, p, opts...) })
		},
	})
}

// answer is what was read when so much had been written.
type answer struct {
	after int
	of    runtime.Object
	err   error
}

// reading is a client that sees one namespace, as an operator that is installed for it does, and asks the API server
// again only for what was written since: that is what most of these tests' time would go to.
func reading(ns string) client.WithWatch {
	var mu sync.Mutex
	known := map[string]answer{}
	read := func(key, kind string, into runtime.Object, ask func() error) error {
		mu.Lock()
		defer mu.Unlock()
		after := written.now(kind, ns)
		if had, ok := known[key]; ok && had.after == after {
			reflect.ValueOf(into).Elem().Set(reflect.ValueOf(had.of.DeepCopyObject()).Elem())
			return had.err
		}
		err := ask()
		known[key] = answer{after, into.DeepCopyObject(), err}
		return err
	}
	return interceptor.NewClient(live, interceptor.Funcs{
		Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, opts ...client.GetOption) error {
			kind := kindOf(o)
			return read(kind+" "+key.String(), kind, o, func() error { return c.Get(ctx, key, o, opts...) })
		},
		List: func(ctx context.Context, c client.WithWatch, list client.ObjectList, opts ...client.ListOption) error {
			kind := kindOf(list)
			kind = kind[:len(kind)-len("List")]
			options := (&client.ListOptions{}).ApplyOptions(opts)
			switch list.(type) {
			case *respinv1alpha1.PatchRunList, *respinv1alpha1.PatchPolicyList:
				options.Namespace = ns
			}
			key := fmt.Sprint(kind, " ", options.Namespace, " ", options.LabelSelector)
			return read(key, kind, list, func() error { return c.List(ctx, list, options) })
		},
	})
}
