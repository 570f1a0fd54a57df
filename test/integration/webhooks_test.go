//go:build integration

package integration

import (
	"bytes"
	"encoding/json"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/certificates"
)

const (
	approve    = respinv1alpha1.AnnotationApprove
	approvedBy = respinv1alpha1.AnnotationApprovedBy
)

func TestPodsArePatchedWhereAPolicyAsksForItAndStartAllTheSameWithoutTheOperator(t *testing.T) {
	h, ns, other := newHooks(t), namespace(t), namespace(t)
	h.becomes("the API server knows whom to trust", func() bool { return len(h.configuration().Webhooks[0].ClientConfig.CABundle) > 0 })
	if pod := h.pod(ns); pod.Spec.Containers[0].Image != oldImage {
		t.Fatalf("without a policy the pod is %v", pod.Spec.Containers)
	}
	policy := object(t, "PatchPolicy", ns, "rollout: {type: OnRestart}")
	create(t, policy)
	h.becomes("pods are patched", func() bool { return h.pod(ns, client.DryRunAll).Spec.Containers[0].Image == newImage })

	pod := h.pod(ns)
	if pod.Spec.Containers[0].Image != newImage || pod.Annotations[respinv1alpha1.AnnotationPatchedBy] != "api-1" {
		t.Errorf("the pod is %v, %v", pod.Annotations, pod.Spec.Containers)
	}
	h.pod(other)
	if asked := h.askedAbout(); asked[ns] == 0 || len(asked) != 1 {
		t.Errorf("pods are asked about in %v, and are to be in %s", asked, ns)
	}

	if err := live.Delete(t.Context(), policy); err != nil {
		t.Fatal(err)
	}
	h.becomes("pods are left alone", func() bool { return h.pod(ns, client.DryRunAll).Spec.Containers[0].Image == oldImage })
	create(t, object(t, "PatchPolicy", ns, "rollout: {type: OnRestart}"))
	h.becomes("pods are patched again", func() bool { return h.pod(ns, client.DryRunAll).Spec.Containers[0].Image == newImage })

	h.stop()
	if pod := h.pod(ns); pod.Spec.Containers[0].Image != oldImage {
		t.Errorf("without the operator the pod is %v", pod.Spec.Containers)
	}
}

// approving is a run, and people who write to it.
type approving struct {
	*hooks
	run *respinv1alpha1.PatchRun
}

func newApproving(t *testing.T) *approving {
	t.Helper()
	a := &approving{hooks: newHooks(t)}
	o := object(t, "PatchRun", namespace(t), aRun)
	create(t, o)
	a.run = &respinv1alpha1.PatchRun{ObjectMeta: metav1.ObjectMeta{Namespace: o.GetNamespace(), Name: o.GetName()}}
	a.becomes("approvals are recorded", func() bool {
		return a.write("nobody", annotations{approve: "sha256:x"}) == nil && a.annotations()[approvedBy] == "nobody"
	})
	a.must(a.write("nobody", annotations{approve: nil}))
	return a
}

// annotations are written by a merge patch: nil removes one.
type annotations map[string]any

// write writes annotations as somebody who may do anything.
func (a *approving) write(user string, what annotations, options ...client.PatchOption) error {
	a.t.Helper()
	person, err := client.New(as(user, "system:masters"), client.Options{Scheme: scheme()})
	a.must(err)
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{"annotations": what}})
	a.must(err)
	return person.Patch(a.t.Context(), a.run.DeepCopy(), client.RawPatch(types.MergePatchType, patch), options...)
}

func (a *approving) annotations() map[string]string {
	a.t.Helper()
	a.must(live.Get(a.t.Context(), client.ObjectKeyFromObject(a.run), a.run))
	return a.run.Annotations
}

func TestWhoApprovedIsRecordedWhateverIsWritten(t *testing.T) {
	a := newApproving(t)
	for _, step := range []struct {
		says  string
		user  string
		write annotations
		want  map[string]string
	}{
		{"forging without an approval", "mallory", annotations{approvedBy: "jane"}, nil},
		{"an approval", "jane", annotations{approve: "sha256:a"}, map[string]string{approve: "sha256:a", approvedBy: "jane"}},
		{"forging the approver", "mallory", annotations{approvedBy: "mallory"}, map[string]string{approve: "sha256:a", approvedBy: "jane"}},
		{"removing the approver", "mallory", annotations{approvedBy: nil}, map[string]string{approve: "sha256:a", approvedBy: "jane"}},
		{"another digest in another's name", "mallory", annotations{approve: "sha256:b", approvedBy: "jane"}, map[string]string{approve: "sha256:b", approvedBy: "mallory"}},
		{"something else", "bob", annotations{"example.com/note": "x"}, map[string]string{approve: "sha256:b", approvedBy: "mallory", "example.com/note": "x"}},
		{"taking it back", "bob", annotations{approve: nil, "example.com/note": nil}, nil},
		{"by a ServiceAccount", "system:serviceaccount:ci:robot", annotations{approve: "sha256:c"}, map[string]string{approve: "sha256:c", approvedBy: "system:serviceaccount:ci:robot"}},
	} {
		a.must(a.write(step.user, step.write))
		if got := a.annotations(); !maps.Equal(got, step.want) {
			t.Errorf("%s: got %v, want %v", step.says, got, step.want)
		}
	}

	forged := a.run.DeepCopy()
	forged.Annotations[approvedBy] = "mallory"
	a.must(live.Status().Update(t.Context(), forged))
	if got := a.annotations()[approvedBy]; got != "system:serviceaccount:ci:robot" {
		t.Errorf("with the status the approver became %s", got)
	}

	created := object(t, "PatchRun", a.run.Namespace, aRun)
	created.SetAnnotations(map[string]string{approve: "sha256:a", approvedBy: "jane"})
	jane, err := client.New(as("creator", "system:masters"), client.Options{Scheme: scheme()})
	a.must(err)
	a.must(jane.Create(t.Context(), created))
	if got := created.GetAnnotations()[approvedBy]; got != "creator" {
		t.Errorf("a run that was created approved is approved by %s", got)
	}
}

func TestWithoutTheOperatorNothingIsApprovedAndEverythingElseIsDone(t *testing.T) {
	a := newApproving(t)
	a.must(a.write("jane", annotations{approve: "sha256:a"}))
	a.annotations()
	a.stop()

	for says, write := range map[string]annotations{
		"an approval": {approve: "sha256:b"}, "a forged approver": {approvedBy: "mallory"}, "taking it back": {approve: nil},
	} {
		if err := a.write("mallory", write); err == nil || !strings.Contains(err.Error(), "approvals.respin.dev") {
			t.Errorf("%s: got %v", says, err)
		}
	}
	if err := a.write("mallory", annotations{approve: "sha256:b"}, client.DryRunAll); err == nil {
		t.Error("a dry run says that it can be approved")
	}

	// What the operator's next start does, and what people do to runs beside.
	operator, err := client.New(operatorsConfig(t), client.Options{Scheme: scheme()})
	a.must(err)
	before := a.run.DeepCopy()
	a.run.Finalizers = []string{respinv1alpha1.FinalizerRollout}
	a.must(operator.Patch(t.Context(), a.run, client.MergeFrom(before)))
	before = a.run.DeepCopy()
	a.run.Status.Phase = respinv1alpha1.PhaseWatching
	a.must(operator.Status().Patch(t.Context(), a.run, client.MergeFrom(before)))
	a.must(a.write("jane", annotations{respinv1alpha1.AnnotationRetry: "now"}))
	a.must(operator.Create(t.Context(), object(t, "PatchRun", a.run.Namespace, aRun)))
	a.must(live.Delete(t.Context(), a.run))
	a.annotations()
	before = a.run.DeepCopy()
	a.run.Finalizers = nil
	a.must(operator.Patch(t.Context(), a.run, client.MergeFrom(before)))
}

func TestCertificatesThatSomeoneBrokeAreMadeAnewAndTrusted(t *testing.T) {
	a := newApproving(t)
	key := client.ObjectKey{Namespace: a.ns, Name: certificatesSecret}
	secret := &corev1.Secret{}
	a.must(live.Get(t.Context(), key, secret))
	trusted := a.configuration().Webhooks[0].ClientConfig.CABundle
	secret.Data["ca.key"] = []byte("nothing that could be parsed")
	a.must(live.Update(t.Context(), secret))
	a.must(a.kept.Look(t.Context()))
	a.becomes("both authorities are trusted, the new one first", func() bool {
		bundle := a.configuration().Webhooks[0].ClientConfig.CABundle
		return len(bundle) > len(trusted) && bytes.HasSuffix(bundle, trusted)
	})
	a.must(a.write("jane", annotations{approve: "sha256:a"}))

	a.must(live.Get(t.Context(), key, secret))
	secret.Data = map[string][]byte{"tls.crt": []byte("x"), "tls.key": []byte("y"), "other": []byte("kept")}
	a.must(live.Update(t.Context(), secret))
	a.must(a.kept.Look(t.Context()))
	a.becomes("approvals are recorded with what replaces it all", func() bool {
		return a.write("bob", annotations{approve: "sha256:b"}) == nil && a.annotations()[approvedBy] == "bob"
	})
	a.must(live.Get(t.Context(), key, secret))
	if string(secret.Data["other"]) != "kept" {
		t.Error("what else was in the Secret is lost")
	}
}

func TestReplicasAgreeOnTheCertificates(t *testing.T) {
	ns := namespace(t)
	keepers := make([]*certificates.Keeper, 8)
	var all sync.WaitGroup
	for i := range keepers {
		k := certificates.NewKeeper(live, live, client.ObjectKey{Namespace: ns, Name: certificatesSecret}, []string{"localhost"}, time.Now)
		keepers[i] = k
		all.Go(func() {
			if err := k.Look(t.Context()); err != nil {
				t.Errorf("a replica could not look after the certificates: %v", err)
			}
		})
	}
	all.Wait()
	for _, k := range keepers {
		served, err := k.GetCertificate(nil)
		if err != nil {
			t.Fatal(err)
		}
		first, err := keepers[0].GetCertificate(nil)
		if err != nil || !bytes.Equal(first.Certificate[0], served.Certificate[0]) || !bytes.Equal(keepers[0].Bundle(), k.Bundle()) {
			t.Fatal("two replicas serve with different certificates")
		}
	}
}
