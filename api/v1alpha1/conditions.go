package v1alpha1

// Condition types of both kinds, in kstatus's sense.
const (
	// ConditionReady is True when every image of a policy is current, or the policy is deliberately suspended.
	ConditionReady = "Ready"
	// ConditionReconciling is True while there is work under way.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is True when nothing will change before a person changes something.
	ConditionStalled = "Stalled"
	// ConditionDegraded is True when a part of what the policy asks for could not be done.
	ConditionDegraded = "Degraded"
)

// Condition types of a PatchRun, in the order in which they come true.
const (
	// ConditionPlanned is True when the run may begin and its inputs are pinned.
	ConditionPlanned = "Planned"
	// ConditionBuilt is True when the patched image was pushed.
	ConditionBuilt = "Built"
	// ConditionVerified is True when the patched image was read back whole and stands on the new base.
	ConditionVerified = "Verified"
	// ConditionApproved is True when the patched image may be rolled out: by a person, or without one.
	ConditionApproved = "Approved"
	// ConditionRolledOut is True when every workload has the patched image in its template.
	ConditionRolledOut = "RolledOut"
	// ConditionHealthy is True when every workload is healthy on the patched image.
	ConditionHealthy = "Healthy"
	// ConditionSucceeded closes a run: True when all went well, else False.
	ConditionSucceeded = "Succeeded"
	// ConditionRolledBack is True when the workloads were given their previous image back.
	ConditionRolledBack = "RolledBack"
)

// Annotations that people set.
const (
	// AnnotationReconcileAt on a policy: check the bases now, whenever its value changes.
	AnnotationReconcileAt = "respin.dev/reconcile-at"
	// AnnotationRetry on a run that failed: try again, whenever its value changes.
	AnnotationRetry = "respin.dev/retry"
	// AnnotationRollback on a run that succeeded: put the previous image back, whenever its value changes.
	AnnotationRollback = "respin.dev/rollback"
	// AnnotationApprove on a run: approve exactly the digest that is its value.
	AnnotationApprove = "respin.dev/approve"
)

// Annotations that the operator sets.
const (
	// AnnotationApprovedBy on a run is who set AnnotationApprove, as the admission request had it. Whatever else is
	// written into it is put right.
	AnnotationApprovedBy = "respin.dev/approved-by"
	// AnnotationPatchedBy on a pod that was patched as it started names the run.
	AnnotationPatchedBy = "respin.dev/patched-by"
	// AnnotationReplaced on a pod tells, as JSON, of the containers whose image was replaced in place: how they had
	// ended, and how often they had restarted.
	AnnotationReplaced = "respin.dev/replaced"
)

// LabelPolicy on a run names its policy.
const LabelPolicy = "respin.dev/policy"

// FinalizerRollout keeps a run, from before it changes a workload until that workload is judged, so that what it
// began is ended even when its policy is deleted.
const FinalizerRollout = "respin.dev/rollout"

// FieldManager owns the image fields that Respin sets, and nothing else.
const FieldManager = "respin"
