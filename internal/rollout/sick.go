package rollout

import (
	"fmt"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Sick says what is wrong with a workload on the images that it has, before anything was done to it; empty when nothing
// is. A patch is not to blame for that, and is not to hide it.
func Sick(w Workload, pods []corev1.Pod, images []ContainerImage) string {
	if w.Kind == respinv1alpha1.KindCronJob {
		return ""
	}
	if trouble := podTrouble(pods, images); trouble != nil {
		return trouble.Message
	}
	switch p := w.Progress; {
	case !p.Observed:
		return "its controller has not seen its template yet"
	case p.Failed != "":
		return p.Failed
	case !p.OnDelete && p.Updated < p.Wanted:
		return fmt.Sprintf("%d of %d pods run its template", p.Updated, p.Wanted)
	case !p.OnDelete && p.Old > 0:
		return fmt.Sprintf("%d old pods are yet to end", p.Old)
	case p.Available < p.Wanted:
		return fmt.Sprintf("%d of %d pods are available", p.Available, p.Wanted)
	}
	return ""
}
