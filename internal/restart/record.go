package restart

import (
	"encoding/json"

	corev1 "k8s.io/api/core/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Record is what the annotation respin.dev/replaced tells of a container whose image was replaced in place.
type Record struct {
	// From is the image that it had.
	From string `json:"from"`
	// Run is the run that replaced it.
	Run string `json:"run"`
	// Restarts is how often it had restarted, and ImageID what it had run. A status that counts no more restarts, or has
	// that ID, is of the time before.
	Restarts int32  `json:"restarts"`
	ImageID  string `json:"imageID,omitempty"`
	// Reason and ExitCode are how it had ended, in the kubelet's words.
	Reason   string `json:"reason,omitempty"`
	ExitCode int32  `json:"exitCode"`
	// Looping says that it had crashed again and again: on another image that is no news.
	Looping bool `json:"looping,omitempty"`
}

// Records are what a pod tells of its containers by name. What is not ours to read tells nothing.
func Records(pod *corev1.Pod) map[string]Record {
	records := map[string]Record{}
	if err := json.Unmarshal([]byte(pod.Annotations[respinv1alpha1.AnnotationReplaced]), &records); err != nil {
		return map[string]Record{}
	}
	return records
}
