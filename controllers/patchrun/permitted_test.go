package patchrun

import (
	"context"
	"errors"
	"testing"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// policies is a client that only knows one policy, or none.
type policies struct {
	client.Client
	policy *respinv1alpha1.PatchPolicy
	err    error
}

func (p policies) Get(_ context.Context, key client.ObjectKey, into client.Object, _ ...client.GetOption) error {
	policy, ok := into.(*respinv1alpha1.PatchPolicy)
	switch {
	case p.err != nil:
		return p.err
	case !ok || p.policy == nil:
		return apierrors.NewNotFound(schema.GroupResource{Resource: "patchpolicies"}, key.Name)
	}
	*policy = *p.policy
	return nil
}

func TestWhetherARunMayGoOn(t *testing.T) {
	type changes = []func(*respinv1alpha1.PatchRun)
	begun := func(run *respinv1alpha1.PatchRun) { run.Finalizers = []string{respinv1alpha1.FinalizerRollout} }
	deleted := func(run *respinv1alpha1.PatchRun) { run.DeletionTimestamp = new(metav1.NewTime(noon)) }
	is := func(kind string) func(*respinv1alpha1.PatchRun) {
		return func(run *respinv1alpha1.PatchRun) { reconciler().set(run, kind, metav1.ConditionTrue, "Done", "") }
	}
	policy := func(uid string, suspended bool) *respinv1alpha1.PatchPolicy {
		p := &respinv1alpha1.PatchPolicy{Spec: respinv1alpha1.PatchPolicySpec{Suspend: suspended}}
		p.Name, p.UID = "payments", patchRun().Spec.Policy.UID
		if uid != "" {
			p.UID += "-of-another"
		}
		return p
	}
	follows, suspended := policies{policy: policy("", false)}, policies{policy: policy("", true)}
	planned, built, approved := is(respinv1alpha1.ConditionPlanned), is(respinv1alpha1.ConditionBuilt), is(respinv1alpha1.ConditionApproved)
	for sentence, test := range map[string]struct {
		policies policies
		changes  changes
		goesOn   bool
		planned  string
		says     string // of the step that comes next, where it waits
	}{
		"while its policy wants it":                          {policies: follows, goesOn: true},
		"not while its policy is suspended":                  {suspended, nil, false, "Unknown Suspended", respinv1alpha1.ConditionPlanned},
		"not then, whatever it has done so far":              {suspended, changes{planned, built}, false, "True Done", respinv1alpha1.ConditionVerified},
		"once it rolls out, each workload waits by itself":   {suspended, changes{planned, built, is(respinv1alpha1.ConditionVerified), approved}, true, "True Done", ""},
		"one that may have changed a workload, all the same": {suspended, changes{planned, begun}, true, "True Done", ""},
		"not when its policy is gone":                        {policies{}, nil, false, "False PolicyGone", respinv1alpha1.ConditionSucceeded},
		"nor when another has its name":                      {policies{policy: policy("another", false)}, nil, false, "False PolicyGone", respinv1alpha1.ConditionSucceeded},
		"one that may have changed a workload, even then":    {policies{}, changes{begun}, true, "", ""},
		"not one that is being deleted":                      {follows, changes{deleted}, false, "", ""},
		"one that may have changed a workload, deleted":      {follows, changes{deleted, begun}, true, "", ""},
	} {
		t.Run(sentence, func(t *testing.T) {
			r, run := reconciler(), patchRun()
			r.Client, r.Live, r.Builds = test.policies, test.policies, NewBuilds(t.Context(), r.Now, 1)
			for _, change := range test.changes {
				change(run)
			}
			goesOn, err := r.permitted(t.Context(), run)
			if err != nil || goesOn != test.goesOn || says(run, respinv1alpha1.ConditionPlanned) != test.planned {
				t.Errorf("it goes on: %v, %v; Planned is %s", goesOn, err, says(run, respinv1alpha1.ConditionPlanned))
			}
			if test.says != "" && says(run, test.says) == "" {
				t.Errorf("nothing is told of %s: %+v", test.says, run.Status.Conditions)
			}
		})
	}
	r := reconciler()
	r.Client = policies{err: errors.New("no connection")}
	if _, err := r.permitted(t.Context(), patchRun()); err == nil {
		t.Error("a policy that cannot be read is taken for one that is gone")
	}
}
