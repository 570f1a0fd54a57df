package admission

import (
	"encoding/json"
	"slices"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func aPolicy(namespace string, kind respinv1alpha1.RolloutType) respinv1alpha1.PatchPolicy {
	policy := respinv1alpha1.PatchPolicy{ObjectMeta: metav1.ObjectMeta{Namespace: namespace}}
	policy.Spec.Rollout.Type = kind
	return policy
}

func aRun(namespace string, kind respinv1alpha1.RolloutType, change func(*respinv1alpha1.PatchRunStatus)) respinv1alpha1.PatchRun {
	run := respinv1alpha1.PatchRun{ObjectMeta: metav1.ObjectMeta{Namespace: namespace}}
	run.Spec.Rollout.Type = kind
	run.Status.Output = &respinv1alpha1.OutputStatus{Image: "api:2"}
	change(&run.Status)
	return run
}

func ended(condition string, status metav1.ConditionStatus) func(*respinv1alpha1.PatchRunStatus) {
	return func(s *respinv1alpha1.PatchRunStatus) {
		s.Conditions = append(s.Conditions, metav1.Condition{Type: condition, Status: status})
	}
}

func TestWherePodsAreAskedAbout(t *testing.T) {
	as := func(*respinv1alpha1.PatchRunStatus) {}
	for name, c := range map[string]struct {
		policies []respinv1alpha1.PatchPolicy
		runs     []respinv1alpha1.PatchRun
		want     []string
	}{
		"nowhere": {nil, nil, nil},
		"where a policy patches on restart, once and in order": {
			policies: []respinv1alpha1.PatchPolicy{
				aPolicy("shop", respinv1alpha1.OnRestart), aPolicy("bank", respinv1alpha1.OnRestart), aPolicy("shop", respinv1alpha1.OnRestart),
				aPolicy("a", respinv1alpha1.RollingUpdate), aPolicy("b", respinv1alpha1.NoRollout), aPolicy("c", ""),
			},
			want: []string{"bank", "shop"},
		},
		"where a run does": {runs: []respinv1alpha1.PatchRun{aRun("shop", respinv1alpha1.OnRestart, as)}, want: []string{"shop"}},
		"where a run does that has succeeded": {
			runs: []respinv1alpha1.PatchRun{aRun("shop", respinv1alpha1.OnRestart, ended(respinv1alpha1.ConditionSucceeded, metav1.ConditionTrue))},
			want: []string{"shop"},
		},
		"not for runs that roll out, have no image or failed": {runs: []respinv1alpha1.PatchRun{
			aRun("a", respinv1alpha1.RollingUpdate, as),
			aRun("b", respinv1alpha1.OnRestart, func(s *respinv1alpha1.PatchRunStatus) { s.Output = nil }),
			aRun("c", respinv1alpha1.OnRestart, ended(respinv1alpha1.ConditionHealthy, metav1.ConditionFalse)),
			aRun("d", respinv1alpha1.OnRestart, ended(respinv1alpha1.ConditionSucceeded, metav1.ConditionFalse)),
		}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := namespaces(c.policies, c.runs); !slices.Equal(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// configured is our configuration, with the namespaces and the bundle in it.
func configured(names []string, bundle []byte) *admissionregistrationv1.MutatingWebhookConfiguration {
	trust := admissionregistrationv1.WebhookClientConfig{CABundle: bundle}
	return &admissionregistrationv1.MutatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: Configuration, UID: "uid", ResourceVersion: "7"},
		Webhooks: []admissionregistrationv1.MutatingWebhook{
			{Name: PodsWebhook, ClientConfig: trust, NamespaceSelector: selector(inNamespaces(names))},
			{Name: ApprovalsWebhook, ClientConfig: trust},
			{Name: "another.example.com"},
		},
	}
}

func TestWhatIsWrittenIntoTheConfiguration(t *testing.T) {
	nowhere := `{"matchExpressions":[{"key":"kubernetes.io/metadata.name","operator":"DoesNotExist"}]}`
	inShop := `{"matchExpressions":[{"key":"kubernetes.io/metadata.name","operator":"In","values":["shop"]}]}`
	trust := `"clientConfig":{"caBundle":"b3Vycw=="}`
	with := func(webhooks string) string {
		return `{"kind":"MutatingWebhookConfiguration","apiVersion":"admissionregistration.k8s.io/v1",` +
			`"metadata":{"name":"respin-webhook","uid":"uid","resourceVersion":"7"},"webhooks":[` + webhooks + `]}`
	}
	for name, c := range map[string]struct {
		current *admissionregistrationv1.MutatingWebhookConfiguration
		names   []string
		bundle  string
		want    string
	}{
		"nothing, where it is so":        {configured([]string{"shop"}, []byte("ours")), []string{"shop"}, "ours", ""},
		"nothing, where that is nowhere": {configured(nil, []byte("ours")), nil, "ours", ""},
		"a namespace, with all that is ours": {configured(nil, []byte("ours")), []string{"shop"}, "ours",
			with(`{"name":"pods.respin.dev",` + trust + `,"namespaceSelector":` + inShop + `},{"name":"approvals.respin.dev",` + trust + `}`)},
		"the last namespace goes": {configured([]string{"shop"}, []byte("ours")), nil, "ours",
			with(`{"name":"pods.respin.dev",` + trust + `,"namespaceSelector":` + nowhere + `},{"name":"approvals.respin.dev",` + trust + `}`)},
		"a bundle": {configured([]string{"shop"}, []byte("old")), []string{"shop"}, "ours",
			with(`{"name":"pods.respin.dev",` + trust + `,"namespaceSelector":` + inShop + `},{"name":"approvals.respin.dev",` + trust + `}`)},
		"a namespace, where the bundle is somebody else's": {configured(nil, []byte("theirs")), []string{"shop"}, "",
			with(`{"name":"pods.respin.dev","namespaceSelector":` + inShop + `}`)},
		"nothing, where the bundle is somebody else's": {configured([]string{"shop"}, []byte("theirs")), []string{"shop"}, "", ""},
		"nothing, where our webhooks were taken out":   {&admissionregistrationv1.MutatingWebhookConfiguration{}, []string{"shop"}, "ours", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var bundle []byte
			if c.bundle != "" {
				bundle = []byte(c.bundle)
			}
			wanted := desired(c.current, c.names, bundle)
			if wanted == nil {
				if c.want != "" {
					t.Fatal("nothing is written")
				}
				return
			}
			if got, err := json.Marshal(wanted); err != nil || string(got) != c.want {
				t.Errorf("got %s, %v\nwant %s", got, err, c.want)
			}
		})
	}
}
