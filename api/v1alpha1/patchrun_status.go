package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RunPhase is a run's phase, derived from its conditions.
// +kubebuilder:validation:Enum=Pending;Building;Verifying;AwaitingApproval;RollingOut;Watching;RollingBack;Succeeded;RolledBack;Failed
type RunPhase string

// The phases of a run, in order.
const (
	PhasePending          RunPhase = "Pending"
	PhaseBuilding         RunPhase = "Building"
	PhaseVerifying        RunPhase = "Verifying"
	PhaseAwaitingApproval RunPhase = "AwaitingApproval"
	PhaseRollingOut       RunPhase = "RollingOut"
	PhaseWatching         RunPhase = "Watching"
	PhaseRollingBack      RunPhase = "RollingBack"
	PhaseSucceeded        RunPhase = "Succeeded"
	PhaseRolledBack       RunPhase = "RolledBack"
	PhaseFailed           RunPhase = "Failed"
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

	// conditions are, in the order in which they come true: Planned, Built, Verified, Approved, RolledOut,
	// Healthy and Succeeded; RolledBack if the workloads were given their previous image back; and kstatus's Reconciling and
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

	// lastHandledRollback is the value of the annotation respin.dev/rollback that was handled last.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	LastHandledRollback string `json:"lastHandledRollback,omitempty"`

	// approval is who approved the patched image, if a person had to.
	// +optional
	Approval *ApprovalStatus `json:"approval,omitempty"`

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

	// checks are what the safety checks of a rebase came to.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=32
	Checks []CheckStatus `json:"checks,omitempty"`

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

// CheckResult is what a safety check came to.
// +kubebuilder:validation:Enum=Passed;Waived;Refused
type CheckResult string

const (
	// CheckPassed found nothing against the rebase.
	CheckPassed CheckResult = "Passed"
	// CheckWaived did, and the policy waives it.
	CheckWaived CheckResult = "Waived"
	// CheckRefused did, and the image is not rebased.
	CheckRefused CheckResult = "Refused"
)

// CheckStatus is what a safety check of a rebase came to, on all platforms together.
type CheckStatus struct {
	// name is the check's name, as the policy's allow list has it.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	Name string `json:"name"`
	// result is the worst of all platforms'.
	// +required
	Result CheckResult `json:"result"`
	// message says what was found and what to do about it.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	Message string `json:"message,omitempty"`
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

// ApprovalStatus is a person's approval of a patched image.
type ApprovalStatus struct {
	// digest is what was approved.
	// +required
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^sha256:[0-9a-f]{64}$`
	Digest string `json:"digest"`
	// by is who approved it, as the API server knows them.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	By string `json:"by"`
	// time is when the operator took note of it.
	// +required
	Time metav1.Time `json:"time,omitzero"`
}

// WorkloadState is how far a workload has come in a run.
// +kubebuilder:validation:Enum=Waiting;Updating;Updated;Open;Baking;Healthy;Unhealthy;RolledBack;Reverted;Skipped
type WorkloadState string

const (
	// WorkloadWaiting waits for its turn, a window, its wave or its own health.
	WorkloadWaiting WorkloadState = "Waiting"
	// WorkloadUpdating has its turn and is being given the patched image.
	WorkloadUpdating WorkloadState = "Updating"
	// WorkloadUpdated has the patched image in its template and is being watched.
	WorkloadUpdated WorkloadState = "Updated"
	// WorkloadOpen is patched on restart: its pods get the patched image as they start, and are being watched.
	WorkloadOpen WorkloadState = "Open"
	// WorkloadBaking is healthy on the patched image and has to stay so for bakeTime.
	WorkloadBaking WorkloadState = "Baking"
	// WorkloadHealthy runs the patched image.
	WorkloadHealthy WorkloadState = "Healthy"
	// WorkloadUnhealthy did not come up on it, or did not stay so.
	WorkloadUnhealthy WorkloadState = "Unhealthy"
	// WorkloadRolledBack has its previous image back.
	WorkloadRolledBack WorkloadState = "RolledBack"
	// WorkloadReverted was given its previous image back by someone else.
	WorkloadReverted WorkloadState = "Reverted"
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
	// reason is the state's reason, one word.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Reason string `json:"reason,omitempty"`
	// message says what is being waited for, or what went wrong.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	Message string `json:"message,omitempty"`
	// managedBy tells who else sets the image in its template, as Flux and Argo CD do; empty where nobody is known to.
	// +optional
	// +kubebuilder:validation:MaxLength=512
	ManagedBy string `json:"managedBy,omitempty"`
	// pods is how many pods it has, where it is patched on restart.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Pods int32 `json:"pods,omitempty"`
	// patchedPods is how many of them run the patched image already, where it is patched on restart.
	// +optional
	// +kubebuilder:validation:Minimum=0
	PatchedPods int32 `json:"patchedPods,omitempty"`
}
