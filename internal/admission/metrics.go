package admission

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
)

// What became of a pod that was asked about.
const (
	outcomePatched     = "patched"
	outcomeUnchanged   = "unchanged"
	outcomeUndecodable = "undecodable"
	outcomeFailed      = "failed"
)

// admitted counts the pods that were asked about as they were created. It tells no namespace: there may be thousands.
var admitted = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "respin_pods_admitted_total",
	Help: "Pods that the webhook was asked about as they were created, by what became of them.",
}, []string{"outcome"})

func init() {
	metrics.Registry.MustRegister(admitted)
	for _, outcome := range []string{outcomePatched, outcomeUnchanged, outcomeUndecodable, outcomeFailed} {
		admitted.WithLabelValues(outcome)
	}
}
