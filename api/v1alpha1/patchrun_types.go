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

	// methodReason says why this method was taken.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	MethodReason string `json:"methodReason,omitempty"`

	// build is the build that Rebuild does.
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

	// rollout is the policy's rollout as it was when the run was created.
	// +required
	Rollout RolloutSpec `json:"rollout"`
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

// RunPhase is a run's phase, derived from its conditions.
// +kubebuilder:validation:Enum=Pending;Building;Verifying;RollingOut;Watching;RollingBack;Succeeded;RolledBack;Failed
type RunPhase string

// The phases of a run, in order.
const (
	PhasePending     RunPhase = "Pending"
	PhaseBuilding    RunPhase = "Building"
	PhaseVerifying   RunPhase = "Verifying"
	PhaseRollingOut  RunPhase = "RollingOut"
	PhaseWatching    RunPhase = "Watching"
	PhaseRollingBack RunPhase = "RollingBack"
	PhaseSucceeded   RunPhase = "Succeeded"
	PhaseRolledBack  RunPhase = "RolledBack"
	PhaseFailed      RunPhase = "Failed"
)

// PatchRunStatus is how far a run has come.
type PatchRunStatus struct {
	// observedGeneration is the generation that this status was written for.
	// +optional
	// +kubebuilder:validation:Minimum=0
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// phase is derived from the conditions, for people.
	// +optional
	Phase RunPhase `json:"phase,omitempty"`

	// reason is the reason of the condition that the phase was derived from, for people.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Reason string `json:"reason,omitempty"`

	// conditions are, in the order in which they come true: Planned, Built, Verified, RolledOut, Healthy and
	// Succeeded; RolledBack if the workloads were given their previous image back; and kstatus's Reconciling and
	// Stalled.
	// +optional
	// +listType=map
	// +listMapKey=type
	// +kubebuilder:validation:MaxItems=16
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// attempts is how often the run was begun: once, and once more for every retry that a person asked for.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Attempts int32 `json:"attempts,omitempty"`

	// lastHandledRetry is the value of the annotation respin.dev/retry that was handled last.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	LastHandledRetry string `json:"lastHandledRetry,omitempty"`

	// startTime is when this attempt began.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// completionTime is when this attempt ended.
	// +optional
	CompletionTime *metav1.Time `json:"completionTime,omitempty"`

	// duration is how long this attempt took, once it ended.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	Duration string `json:"duration,omitempty"`

	// build is how far the build has come.
	// +optional
	Build *BuildStatus `json:"build,omitempty"`

	// output is the patched image, once it is whole in the registry.
	// +optional
	Output *OutputStatus `json:"output,omitempty"`

	// workloads are how far the workloads have come.
	// +optional
	// +listType=map
	// +listMapKey=kind
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=512
	Workloads []WorkloadStatus `json:"workloads,omitempty"`
}

// BuildStatus is how far a build has come.
type BuildStatus struct {
	// context is the build context with its revision pinned to a commit.
	// +optional
	// +kubebuilder:validation:MaxLength=4096
	Context string `json:"context,omitempty"`
	// step is how many of the build's steps are done or under way.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Step int32 `json:"step,omitempty"`
	// steps is how many steps are known so far.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Steps int32 `json:"steps,omitempty"`
	// current is the step that is under way.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Current string `json:"current,omitempty"`
}

// OutputStatus is a patched image.
type OutputStatus struct {
	// image is what the workloads are given: repository:tag@digest.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Image string `json:"image"`
	// digest is its digest.
	// +required
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	Digest string `json:"digest"`
}

// WorkloadState is how far a workload has come in a run.
// +kubebuilder:validation:Enum=Updating;Updated;Healthy;Unhealthy;RolledBack;Skipped
type WorkloadState string

const (
	// WorkloadUpdating is to be given the patched image, and could not be yet.
	WorkloadUpdating WorkloadState = "Updating"
	// WorkloadUpdated has the patched image in its template and is being watched.
	WorkloadUpdated WorkloadState = "Updated"
	// WorkloadHealthy runs the patched image.
	WorkloadHealthy WorkloadState = "Healthy"
	// WorkloadUnhealthy did not come up on it.
	WorkloadUnhealthy WorkloadState = "Unhealthy"
	// WorkloadRolledBack has its previous image back.
	WorkloadRolledBack WorkloadState = "RolledBack"
	// WorkloadSkipped was not touched: it is gone, or someone else changed its image.
	WorkloadSkipped WorkloadState = "Skipped"
)

// WorkloadStatus is how far one workload has come in a run.
type WorkloadStatus struct {
	// kind is the workload's kind.
	// +required
	Kind WorkloadKind `json:"kind"`
	// name is the workload's name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
	// state is how far it has come.
	// +required
	State WorkloadState `json:"state"`
	// since is when it came into this state.
	// +optional
	Since *metav1.Time `json:"since,omitempty"`
	// message says what is being waited for, or what went wrong.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	Message string `json:"message,omitempty"`
}

// PatchRun is one attempt at patching one app image onto one new base. Respin creates it; its name is derived from
// the policy, the two digests and the build, so that the same attempt is never made twice.
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
