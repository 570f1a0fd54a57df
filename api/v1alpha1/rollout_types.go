package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RolloutSpec says how a patched image reaches the workloads, and when.
type RolloutSpec struct {
	Delivery `json:",inline"`
	Pacing   `json:",inline"`
}

// RolloutType is a way in which a patched image reaches workloads.
// +kubebuilder:validation:Enum=RollingUpdate;OnRestart;None
type RolloutType string

// The ways in which a patched image reaches workloads.
const (
	// RollingUpdate sets the image in the workload's template, and the workload's own strategy replaces its pods.
	RollingUpdate RolloutType = "RollingUpdate"
	// OnRestart disturbs nothing and changes no template: pods that are created, and containers that crash, come back on
	// the patched image.
	OnRestart RolloutType = "OnRestart"
	// NoRollout only pushes the patched image; the status names it for other tools.
	NoRollout RolloutType = "None"
)

// Delivery says how a patched image reaches a workload, and what counts as healthy there. A run keeps it as it was
// when the run was created.
type Delivery struct {
	// type is how the patched image reaches the workloads. RollingUpdate sets it in their templates. OnRestart changes
	// no template: pods created from now on, and containers that crash, come back patched. None only pushes it.
	// +optional
	// +kubebuilder:default=RollingUpdate
	Type RolloutType `json:"type,omitempty"`

	// healthTimeout is how long a workload may take to be healthy on the patched image.
	// +optional
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('5s') && duration(self) <= duration('24h')",message="healthTimeout must be between 5s and 24h; write for example 10m"
	HealthTimeout metav1.Duration `json:"healthTimeout,omitzero"`

	// bakeTime is how long a workload must stay healthy after that, without a restart and without losing a pod, before
	// the next one is touched.
	// +optional
	// +kubebuilder:default="2m"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('24h')",message="bakeTime must be between 0s and 24h; write for example 2m"
	BakeTime *metav1.Duration `json:"bakeTime,omitempty"`

	// rollback puts the previous image back when the patched one is not healthy.
	// +optional
	// +kubebuilder:default=true
	Rollback *bool `json:"rollback,omitempty"`
}

// ApprovalMode says who decides that a patched image is rolled out.
// +kubebuilder:validation:Enum=Automatic;Manual
type ApprovalMode string

const (
	// ApprovalAutomatic rolls out what was verified.
	ApprovalAutomatic ApprovalMode = "Automatic"
	// ApprovalManual waits until a person approves exactly the patched image's digest.
	ApprovalManual ApprovalMode = "Manual"
)

// Pacing says when a patched image is given to workloads. Runs under way follow it as it is now.
type Pacing struct {
	// approval says who decides that a patched image is rolled out. With Manual a run waits, when its image is pushed
	// and verified, for the annotation respin.dev/approve with exactly its digest.
	// +optional
	// +kubebuilder:default=Automatic
	Approval ApprovalMode `json:"approval,omitempty"`

	// windows are the times at which workloads may be given a patched image. What was begun in a window is watched,
	// and taken back if need be, after it has closed. Left out, it is any time.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Windows []RolloutWindow `json:"windows,omitempty"`

	// budget is how many workloads are under way at once.
	// +optional
	// +kubebuilder:default={}
	Budget RolloutBudget `json:"budget,omitzero"`

	// waves are rolled out one after the other: a wave begins when every workload of the ones before is healthy and has
	// baked, and does not begin when one of them failed. Workloads that no wave selects come last.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=16
	Waves []RolloutWave `json:"waves,omitempty"`

	// force gives the patched image also to workloads that are not healthy on the one they have. Left out, they are not
	// touched until they are.
	// +optional
	Force bool `json:"force,omitempty"`
}

// RolloutWindow is a time that comes again and again.
type RolloutWindow struct {
	// schedule is when the window opens, in cron's five fields: minute, hour, day of the month, month, day of the week.
	// An hour that a change of clocks skips opens the window when the clocks have changed; one that comes twice opens it
	// the first time.
	// +required
	// +kubebuilder:validation:MinLength=9
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:XValidation:rule="self.matches('^[0-9A-Za-z*/,?-]+( +[0-9A-Za-z*/,?-]+){4}$')",message="schedule must be five fields of cron, as in 0 2 * * 1-5"
	Schedule string `json:"schedule"`

	// duration is how long the window stays open, in time that passes rather than on the clock.
	// +required
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('1m') && duration(self) <= duration('168h')",message="duration must be between 1m and 168h; write for example 4h"
	Duration metav1.Duration `json:"duration,omitzero"`

	// timeZone is the schedule's, by its name in the IANA database, as in Europe/Berlin.
	// +optional
	// +kubebuilder:default=UTC
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:XValidation:rule="self != 'Local'",message="timeZone must be a name such as Europe/Berlin: what is local to the operator is not known here"
	TimeZone string `json:"timeZone,omitempty"`
}

// RolloutBudget bounds how many workloads are under way.
type RolloutBudget struct {
	// maxConcurrent is how many workloads of the policy may be rolling out or baking at once.
	// +optional
	// +kubebuilder:default=1
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=1000
	MaxConcurrent int32 `json:"maxConcurrent,omitempty"`
}

// RolloutWave selects the workloads of a wave.
type RolloutWave struct {
	// selector selects workloads by their own labels. A workload belongs to the first wave that selects it.
	// +required
	Selector metav1.LabelSelector `json:"selector"`
}
