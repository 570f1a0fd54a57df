package admission

import (
	"testing"

	dto "github.com/prometheus/client_model/go"
)

// counted is how many pods had an outcome.
func counted(t *testing.T, outcome string) float64 {
	t.Helper()
	var metric dto.Metric
	if err := admitted.WithLabelValues(outcome).Write(&metric); err != nil {
		t.Fatal(err)
	}
	return metric.GetCounter().GetValue()
}
