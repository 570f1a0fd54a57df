package cluster

import (
	"context"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Namespace is a namespace of the test's own, deleted at its end.
type Namespace struct {
	*Cluster
	Name string
	t    testing.TB
}

// NewNamespace makes a namespace. When the test fails, what is in it is told before it is deleted.
func NewNamespace(t testing.TB) *Namespace {
	t.Helper()
	c := Connect(t)
	object := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "respin-e2e-"}}
	if err := c.Create(t.Context(), object); err != nil {
		t.Fatalf("making a namespace: %v", err)
	}
	n := &Namespace{Cluster: c, Name: object.Name, t: t}
	t.Cleanup(func() { n.end(object) })
	return n
}

func (n *Namespace) end(object *corev1.Namespace) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if n.t.Failed() {
		n.diagnose(ctx)
	}
	if err := n.Delete(ctx, object); err != nil {
		n.t.Logf("deleting namespace %s: %v", n.Name, err)
	}
}

// Make creates objects in the namespace.
func (n *Namespace) Make(objects ...client.Object) {
	n.t.Helper()
	for _, object := range objects {
		object.SetNamespace(n.Name)
		if err := n.Create(n.t.Context(), object); err != nil {
			n.t.Fatalf("creating %T %s: %v", object, object.GetName(), err)
		}
	}
}

// Read reads an object of the namespace again, by its name.
func (n *Namespace) Read(object client.Object) {
	n.t.Helper()
	key := client.ObjectKey{Namespace: n.Name, Name: object.GetName()}
	if err := n.Get(n.t.Context(), key, object); err != nil {
		n.t.Fatalf("reading %T %s: %v", object, object.GetName(), err)
	}
}

// Remove deletes an object of the namespace.
func (n *Namespace) Remove(object client.Object) {
	n.t.Helper()
	if err := n.Delete(n.t.Context(), object); err != nil {
		n.t.Fatalf("deleting %T %s: %v", object, object.GetName(), err)
	}
}

// All lists the objects of the namespace into list.
func (n *Namespace) All(list client.ObjectList, options ...client.ListOption) {
	n.t.Helper()
	if err := n.List(n.t.Context(), list, append(options, client.InNamespace(n.Name))...); err != nil {
		n.t.Fatalf("listing %T: %v", list, err)
	}
}

// Change reads an object, changes it and writes what has changed.
func Change[T client.Object](n *Namespace, object T, change func(T)) {
	n.t.Helper()
	n.Read(object)
	before, ok := object.DeepCopyObject().(T)
	if !ok {
		n.t.Fatalf("copying %T", object)
	}
	change(object)
	if err := n.Patch(n.t.Context(), object, client.MergeFrom(before)); err != nil {
		n.t.Fatalf("changing %T %s: %v", object, object.GetName(), err)
	}
}

// Annotate sets an annotation of an object.
func (n *Namespace) Annotate(object client.Object, key, value string) {
	n.t.Helper()
	Change(n, object, func(o client.Object) {
		all := map[string]string{key: value}
		for k, v := range o.GetAnnotations() {
			if k != key {
				all[k] = v
			}
		}
		o.SetAnnotations(all)
	})
}
