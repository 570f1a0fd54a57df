package main

import (
	"flag"
	"io"
	"slices"
	"testing"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/cache"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

func parsed(t *testing.T, arguments ...string) (options, error) {
	t.Helper()
	var o options
	flags := flag.NewFlagSet("operator", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	o.bind(flags)
	return o, flags.Parse(arguments)
}

func TestFlags(t *testing.T) {
	t.Setenv("BUILDKIT_HOST", "tcp://buildkitd:1234")
	t.Setenv("POD_NAMESPACE", "respin-system")
	o, err := parsed(t)
	if err != nil || o.buildkitAddress != "tcp://buildkitd:1234" || o.leaseNamespace != "respin-system" || o.leaderElect || o.maxBuilds != 2 {
		t.Errorf("by default: %+v, %v", o, err)
	}
	o, err = parsed(t, "--buildkit-addr=unix:///run/buildkit.sock", "--internal-registries= one:5000,, two ", "--internal-registries=three,four")
	if err != nil || o.buildkitAddress != "unix:///run/buildkit.sock" {
		t.Errorf("with flags: %+v, %v", o, err)
	}
	if !slices.Equal(o.internal, list{"three", "four"}) || o.internal.String() != "three,four" || len(o.plainHTTP) != 0 {
		t.Errorf("the last of a flag counts, without spaces and empty words: %q", o.internal)
	}
	if _, err := parsed(t, "--max-concurrent-builds=many"); err == nil {
		t.Error("a number that is none is taken")
	}
}

func TestMirrors(t *testing.T) {
	o, err := parsed(t, "--registry-mirrors=docker.io=a.example.com, docker.io=b.example.com/hub,quay.io=a.example.com")
	if err != nil || !slices.Equal(o.mirrors["docker.io"], []string{"a.example.com", "b.example.com/hub"}) {
		t.Errorf("%v, %v", o.mirrors, err)
	}
	if want := "docker.io=a.example.com,docker.io=b.example.com/hub,quay.io=a.example.com"; o.mirrors.String() != want {
		t.Errorf("they are shown as %q", o.mirrors.String())
	}
	if o, err := parsed(t, "--registry-mirrors="); err != nil || len(o.mirrors) != 0 {
		t.Errorf("without any: %v, %v", o.mirrors, err)
	}
	for _, wrong := range []string{"docker.io", "=a.example.com", "docker.io="} {
		if _, err := parsed(t, "--registry-mirrors="+wrong); err == nil {
			t.Errorf("%q is taken", wrong)
		}
	}
}

func TestWhereWebhooksAreServed(t *testing.T) {
	for name, c := range map[string]struct {
		namespace string
		arguments []string
		served    bool
		names     []string
	}{
		"in a cluster": {"respin-system", nil, true, []string{"respin-webhook.respin-system.svc", "respin-webhook.respin-system.svc.cluster.local"}},
		"by another Service": {"ours", []string{"--webhook-service=hooks", "--webhook-port=443"}, true,
			[]string{"hooks.ours.svc", "hooks.ours.svc.cluster.local"}},
		"where they are not wanted": {"respin-system", []string{"--webhook-port=0"}, false, nil},
		"outside of a cluster":      {"", nil, false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("POD_NAMESPACE", c.namespace)
			o, err := parsed(t, c.arguments...)
			if err != nil || o.webhooks.served() != c.served {
				t.Fatalf("served: %v, %v", o.webhooks.served(), err)
			}
			if c.served && !slices.Equal(o.webhooks.names(), c.names) {
				t.Errorf("they are reached by %q", o.webhooks.names())
			}
		})
	}
}

func TestTheManagersOptions(t *testing.T) {
	o, err := parsed(t, "--leader-elect", "--metrics-bind-address=:9090", "--leader-election-namespace=ours")
	if err != nil {
		t.Fatal(err)
	}
	m := o.manager()
	if !m.LeaderElection || m.LeaderElectionID == "" || m.LeaderElectionNamespace != "ours" || m.Metrics.BindAddress != ":9090" {
		t.Errorf("the options are %+v", m)
	}
	for _, kind := range []string{"PatchPolicy", "PatchRun"} {
		if !m.Scheme.Recognizes(respinv1alpha1.GroupVersion.WithKind(kind)) {
			t.Errorf("%s is not known", kind)
		}
	}
	for object, by := range m.Cache.ByObject {
		switch object.(type) {
		case *corev1.Pod:
			if by.Transform == nil {
				t.Error("pods are cached whole")
			}
		case *admissionregistrationv1.MutatingWebhookConfiguration:
			if by.Field == nil || by.Field.String() != "metadata.name=respin-webhook" {
				t.Errorf("of webhooks %v are listed, which the operator may not", by.Field)
			}
		default:
			t.Errorf("%T is cached with %+v", object, by)
		}
	}
}

func TestThePodsInTheCacheHoldWhatIsLookedAtAndLittleElse(t *testing.T) {
	deleted := metav1.Now()
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: "shop", Name: "api-1", Labels: map[string]string{"app": "api"}, DeletionTimestamp: &deleted,
			Annotations:   map[string]string{"large": "value", respinv1alpha1.AnnotationPatchedBy: "run"},
			ManagedFields: []metav1.ManagedFieldsEntry{{Manager: "kubelet"}},
		},
		Spec: corev1.PodSpec{
			NodeName: "one", RestartPolicy: corev1.RestartPolicyAlways, ServiceAccountName: "api", Volumes: []corev1.Volume{{Name: "data"}},
			InitContainers: []corev1.Container{{Name: "init", Image: "init:1", Args: []string{"large"}}},
			Containers:     []corev1.Container{{Name: "app", Image: "app:1", Env: []corev1.EnvVar{{Name: "SECRET", Value: "x"}}}},
		},
		Status: corev1.PodStatus{Phase: corev1.PodRunning, ContainerStatuses: []corev1.ContainerStatus{{Name: "app", ImageID: "id"}}},
	}
	trimmed, err := trimPod(pod)
	kept, ok := trimmed.(*corev1.Pod)
	if err != nil || !ok {
		t.Fatalf("%v, %v", trimmed, err)
	}
	if len(kept.Annotations) != 1 || kept.ManagedFields != nil || kept.Spec.Volumes != nil || kept.Spec.ServiceAccountName != "" ||
		kept.Spec.Containers[0].Env != nil || kept.Spec.InitContainers[0].Args != nil {
		t.Errorf("it holds more than is looked at: %+v", kept)
	}
	if kept.Labels["app"] != "api" || kept.Annotations[respinv1alpha1.AnnotationPatchedBy] != "run" || kept.Spec.NodeName != "one" ||
		kept.Spec.RestartPolicy != corev1.RestartPolicyAlways || kept.Spec.Containers[0].Image != "app:1" ||
		kept.Spec.InitContainers[0].Image != "init:1" || kept.Status.ContainerStatuses[0].ImageID != "id" ||
		kept.Status.Phase != corev1.PodRunning || kept.DeletionTimestamp == nil {
		t.Errorf("it lacks what is looked at: %+v", kept)
	}
	if other, _ := trimPod(&corev1.Pod{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{"large": "value"}}}); other.(*corev1.Pod).Annotations == nil {
		t.Error("it is not to be seen that the pod has annotations")
	}
	gone := cache.DeletedFinalStateUnknown{Key: "shop/api-1"}
	if same, err := trimPod(gone); err != nil || same != gone {
		t.Errorf("what is no pod became %v, %v", same, err)
	}
}
