package patchrun

import (
	"github.com/prometheus/client_golang/prometheus"
	"sigs.k8s.io/controller-runtime/pkg/metrics"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/plan"
)

// endedRuns counts attempts that have ended, by their last phase and its reason.
var endedRuns = prometheus.NewCounterVec(prometheus.CounterOpts{
	Name: "respin_patchruns_ended_total",
	Help: "Attempts at patching an image that have ended, by phase (Succeeded, RolledBack, Failed) and reason.",
}, []string{"namespace", "phase", "reason"})

func init() {
	metrics.Registry.MustRegister(endedRuns)
}

// count counts a run that has just ended.
func count(before, run *respinv1alpha1.PatchRun) {
	if !plan.Finished(before) && plan.Finished(run) {
		endedRuns.WithLabelValues(run.Namespace, string(run.Status.Phase), run.Status.Reason).Inc()
	}
}
