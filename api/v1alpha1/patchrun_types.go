package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
)

// PatchRunSpec is one attempt, pinned: everything in it is decided when the run is created and never changes.
type PatchRunSpec struct {
	// policy is the policy that the run was created for.
	// +required
	Policy PolicyReference `json:"policy"`

	// because says why the run exists.
	// +required
	Because Cause `json:"because"`

	// source is the app image to patch.
	// +required
	Source SourceImage `json:"source"`

	// base is the base to move from and to.
	// +required
	Base BaseMove `json:"base"`

	// method is how the patched image is made.
	// +required
	// +kubebuilder:validation:XValidation:rule="self != 'Auto'",message="method must be a decided one, such as Rebuild: Auto is for policies"
	Method Method `json:"method"`

	// requestedMethod is what the policy asked for.
	// +optional
	RequestedMethod Method `json:"requestedMethod,omitempty"`

	// methodReason says why this method was taken.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	MethodReason string `json:"methodReason,omitempty"`

	// rebase is what Rebase does.
	// +optional
	Rebase *RebaseSpec `json:"rebase,omitempty"`

	// allow are the safety checks of a rebase that the policy waives.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	Allow []SafetyCheck `json:"allow,omitempty"`

	// build is the build that Rebuild does, and that the policy declared.
	// +optional
	Build *BuildSpec `json:"build,omitempty"`

	// output is the reference that the patched image is pushed as, repository and tag.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=768
	Output string `json:"output"`

	// workloads are the workloads to roll out to, in this order, with the images that they ran before.
	// +required
	// +listType=map
	// +listMapKey=kind
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=512
	Workloads []WorkloadTarget `json:"workloads"`

	// rollout is how the policy had images reach workloads when the run was created.
	// +required
	Rollout Delivery `json:"rollout"`
}

// PolicyReference names a policy of the run's namespace.
type PolicyReference struct {
	// name is the policy's name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// uid is the policy's UID.
	// +required
	UID types.UID `json:"uid"`
}

// Cause is why a run exists.
type Cause struct {
	// reason is one word, such as BaseMoved.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Reason string `json:"reason"`
	// message says what changed, with the old and the new value.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	Message string `json:"message"`
}

// SourceImage is an app image, by digest.
type SourceImage struct {
	// repository is the image's repository, registry included.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Repository string `json:"repository"`
	// tag is the tag that the workload named, if any.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Tag string `json:"tag,omitempty"`
	// digest is the digest that ran when the run was created.
	// +required
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	Digest string `json:"digest"`
	// originalRepository is the repository of the image that was never patched; empty where it is the same.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	OriginalRepository string `json:"originalRepository,omitempty"`
	// originalDigest is the digest of the image that was never patched, from which this one was made; the same as
	// digest where the image is not a patched one.
	// +required
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	OriginalDigest string `json:"originalDigest"`
	// platforms are the platforms to build for, as in linux/amd64: those of the source image.
	// +required
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	Platforms []string `json:"platforms"`
}

// BaseMove is a base with the digest to move from and the one to move to.
type BaseMove struct {
	// image is the reference that is followed.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Image string `json:"image"`
	// from is the digest that the source image was built on; empty where it is not recorded.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	From string `json:"from,omitempty"`
	// to is the digest to build on.
	// +required
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	To string `json:"to"`
}

// RebaseSpec is what a rebase needs to know beside the source and the base: the original image's own layers, those above
// the base it was built on, go onto the new base.
type RebaseSpec struct {
	// from are the digests of the base that the original image was built on, for each platform on which that is known.
	// +optional
	// +listType=map
	// +listMapKey=platform
	// +kubebuilder:validation:MaxItems=32
	From []PlatformDigest `json:"from,omitempty"`
}

// PlatformDigest is a digest for a platform.
type PlatformDigest struct {
	// platform is as in linux/amd64.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Platform string `json:"platform"`
	// digest is of an index or of that platform's manifest.
	// +required
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	Digest string `json:"digest"`
}

// WorkloadTarget is a workload to roll out to, with what it ran before: what a rollback needs.
type WorkloadTarget struct {
	// kind is the workload's kind.
	// +required
	Kind WorkloadKind `json:"kind"`
	// name is the workload's name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// uid is the workload's UID: one that was deleted and made again is another.
	// +required
	UID types.UID `json:"uid"`
	// wave is which of the policy's waves the workload is in, counted from 0.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Wave int32 `json:"wave,omitempty"`
	// containers are the containers to update.
	// +required
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Containers []ContainerTarget `json:"containers"`
}

// ContainerTarget is a container whose image is replaced.
type ContainerTarget struct {
	// name is the container's name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// init says that it is an init container.
	// +optional
	Init bool `json:"init,omitempty"`
	// previousImage is the image in the workload's template before the run, to the letter. A container whose image
	// is no longer this one is not touched.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	PreviousImage string `json:"previousImage"`
}

// PatchRun is one attempt at patching one app image onto one new base. Respin creates it; its name is derived from
// the policy, the two digests and how the image is made, so that the same attempt is never made twice.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=pr,categories=respin
// +kubebuilder:printcolumn:name="Image",type=string,JSONPath=`.spec.source.repository`
// +kubebuilder:printcolumn:name="Base",type=string,JSONPath=`.spec.base.image`
// +kubebuilder:printcolumn:name="Method",type=string,JSONPath=`.spec.method`
// +kubebuilder:printcolumn:name="Phase",type=string,JSONPath=`.status.phase`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.reason`
// +kubebuilder:printcolumn:name="Duration",type=string,JSONPath=`.status.duration`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Output",type=string,priority=1,JSONPath=`.status.output.image`
type PatchRun struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is what this run does. It never changes.
	// +required
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="a PatchRun's spec never changes; to try again set the annotation respin.dev/retry to a new value"
	Spec PatchRunSpec `json:"spec,omitzero"`
	// status is how far it has come.
	// +optional
	Status PatchRunStatus `json:"status,omitzero"`
}

// PatchRunList is a list of runs.
//
// +kubebuilder:object:root=true
type PatchRunList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []PatchRun `json:"items"`
}
