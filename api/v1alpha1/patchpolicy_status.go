package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// PatchPolicyStatus is what was observed for a policy.
type PatchPolicyStatus struct {
	// observedGeneration is the generation of the spec that this status was written for.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// conditions are Ready, Reconciling, Stalled and Degraded, in kstatus's sense.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// lastHandledReconcileAt is the value of the annotation respin.dev/reconcile-at that was handled last.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	LastHandledReconcileAt string `json:"lastHandledReconcileAt,omitempty"`

	// lastPatchedTime is when a run of this policy last succeeded.
	// +optional
	LastPatchedTime *metav1.Time `json:"lastPatchedTime,omitempty"`

	// nextWindow is when a rollout window opens next; left out where the policy has none.
	// +optional
	NextWindow *metav1.Time `json:"nextWindow,omitempty"`

	// summary counts the images by their state.
	// +optional
	Summary *ImageSummary `json:"summary,omitempty"`

	// bases are the bases that this policy's images stand on.
	// +optional
	// +listType=map
	// +listMapKey=image
	// +kubebuilder:validation:MaxItems=256
	Bases []BaseStatus `json:"bases,omitempty"`

	// images are the images that the policy's workloads run.
	// +optional
	// +listType=map
	// +listMapKey=repository
	// +listMapKey=digest
	// +kubebuilder:validation:MaxItems=512
	Images []ImageStatus `json:"images,omitempty"`
}

// ImageSummary counts the images of a policy by their state; the states add up to images.
type ImageSummary struct {
	// images is how many images the policy's workloads run.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Images int32 `json:"images"`
	// current is how many stand on their base's current digest.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Current int32 `json:"current"`
	// behind is how many do not, with no run under way.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Behind int32 `json:"behind"`
	// patching is how many have a run under way.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Patching int32 `json:"patching"`
	// held is how many were given their previous image back by someone, and are left alone.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Held int32 `json:"held"`
	// failed is how many are behind and stay so because their run failed.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Failed int32 `json:"failed"`
	// unknown is how many could not be judged; their message says why.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Unknown int32 `json:"unknown"`
}

// BaseStatus is where a base stands.
type BaseStatus struct {
	// image is the reference that is followed.
	// +required
	// +kubebuilder:validation:MaxLength=512
	Image string `json:"image"`
	// digest is what the reference last resolved to; empty if it never did.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Digest string `json:"digest,omitempty"`
	// firstSeen is when the base was first seen at this digest: settle and soak are counted from it.
	// +optional
	FirstSeen *metav1.Time `json:"firstSeen,omitempty"`
	// images is how many of the policy's images stand on this base.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Images int32 `json:"images"`
	// message says why the base could not be checked, if so.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Message string `json:"message,omitempty"`
}

// ImageState is where an image stands towards its base.
// +kubebuilder:validation:Enum=Current;Behind;Patching;Held;Failed;Unknown
type ImageState string

const (
	// ImageCurrent stands on its base's current digest.
	ImageCurrent ImageState = "Current"
	// ImageBehind does not, and no run is under way.
	ImageBehind ImageState = "Behind"
	// ImagePatching is behind, with a run under way.
	ImagePatching ImageState = "Patching"
	// ImageHeld was patched, and someone put the previous image back: it is left alone until the image or its base moves.
	ImageHeld ImageState = "Held"
	// ImageFailed is behind, and its run for this base failed: it is not tried again until something changes.
	ImageFailed ImageState = "Failed"
	// ImageUnknown could not be judged.
	ImageUnknown ImageState = "Unknown"
)

// ImageStatus is where one image that the policy's workloads run stands.
type ImageStatus struct {
	// repository is the image's repository, registry included.
	// +required
	// +kubebuilder:validation:MaxLength=512
	Repository string `json:"repository"`
	// digest is the digest that runs.
	// +required
	// +kubebuilder:validation:MaxLength=256
	Digest string `json:"digest"`
	// tag is the tag that the workload names beside the digest, if any.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Tag string `json:"tag,omitempty"`
	// base is the base that the image stands on.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	Base string `json:"base,omitempty"`
	// baseDigest is the digest of the base that the image was built on, if it is recorded.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	BaseDigest string `json:"baseDigest,omitempty"`
	// lineage says how the base is known: Declared, Annotations, Buildpacks, Provenance or Layers.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Lineage string `json:"lineage,omitempty"`
	// certainty says how sure that is: Proven where the base was read and the image's layers begin with its, Recorded
	// where its digest is on record, Named where only its name is known, Doubtful where the layers do not fit.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	Certainty string `json:"certainty,omitempty"`
	// state is where the image stands.
	// +required
	State ImageState `json:"state"`
	// reason is the state's reason, one word.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Reason string `json:"reason,omitempty"`
	// message tells a person what the state means and what to do, if anything.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	Message string `json:"message,omitempty"`
	// workloads are the workloads that run the image, as Kind/name.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=512
	Workloads []string `json:"workloads,omitempty"`
	// run is the name of the image's PatchRun for its base's current digest.
	// +optional
	// +kubebuilder:validation:MaxLength=253
	Run string `json:"run,omitempty"`
	// patched is the image that the run has made, by tag and digest, once it is verified.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	Patched string `json:"patched,omitempty"`
	// pods is how many pods of the workloads run the image, or the patched one in its place.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Pods int32 `json:"pods,omitempty"`
	// patchedPods is how many of them run the patched one in its place.
	// +optional
	// +kubebuilder:validation:Minimum=0
	PatchedPods int32 `json:"patchedPods,omitempty"`
}
