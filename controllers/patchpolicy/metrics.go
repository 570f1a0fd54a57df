package patchpolicy

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// images counts the images of each policy by their state, as status.summary does.
var images = prometheus.NewGaugeVec(prometheus.GaugeOpts{
	Name: "respin_images",
	Help: "Images that a policy's workloads run, by their state.",
}, []string{"namespace", "policy", "state"})

func init() {
	metrics.Registry.MustRegister(images)
}

// measure sets a policy's gauges.
func measure(policy *respinv1alpha1.PatchPolicy) {
	summary := policy.Status.Summary
	if summary == nil {
		return
	}
	for state, count := range map[respinv1alpha1.ImageState]int32{
		respinv1alpha1.ImageCurrent:  summary.Current,
		respinv1alpha1.ImageBehind:   summary.Behind,
		respinv1alpha1.ImagePatching: summary.Patching,
		respinv1alpha1.ImageHeld:     summary.Held,
		respinv1alpha1.ImageFailed:   summary.Failed,
		respinv1alpha1.ImageUnknown:  summary.Unknown,
	} {
		images.WithLabelValues(policy.Namespace, policy.Name, string(state)).Set(float64(count))
	}
}

// forget removes the gauges of a policy that is gone.
func forget(key client.ObjectKey) {
	images.DeletePartialMatch(prometheus.Labels{"namespace": key.Namespace, "policy": key.Name})
}
