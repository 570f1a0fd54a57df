package v1alpha1

// Reasons of a policy's conditions and images. They are shared by conditions, events and metrics.
const (
	// ReasonUpToDate: every image stands on its base's current digest.
	ReasonUpToDate = "UpToDate"
	// ReasonNoImages: the policy's workloads run no image that a rule fits.
	ReasonNoImages = "NoImages"
	// ReasonSuspended: the policy is suspended.
	ReasonSuspended = "Suspended"
	// ReasonBaseMoved: the base under an image has a new digest.
	ReasonBaseMoved = "BaseMoved"
	// ReasonPatching: a run is under way.
	ReasonPatching = "Patching"
	// ReasonRunFailed: the run for the base's current digest failed, and is not tried again by itself.
	ReasonRunFailed = "RunFailed"
	// ReasonQuarantined: the patched image was rolled out and taken back; the pair of image and base digest is not tried
	// again by itself.
	ReasonQuarantined = "Quarantined"
	// ReasonSettling: the base has moved and is yet to stay at its digest for spec.settle.
	ReasonSettling = "Settling"
	// ReasonSoaking: the base's digest is yet to be known for spec.soak.
	ReasonSoaking = "Soaking"
	// ReasonPublished: the patched image is pushed, and another tool is to roll it out.
	ReasonPublished = "Published"
	// ReasonPatchedOnRestart: the template keeps its image, and every pod runs the patched one in its place.
	ReasonPatchedOnRestart = "PatchedOnRestart"
	// ReasonGitOpsConflict: another manager of the image field put the previous image back.
	ReasonGitOpsConflict = "GitOpsConflict"
	// ReasonInvalidWindow: a rollout window cannot be understood.
	ReasonInvalidWindow = "InvalidWindow"
	// ReasonInvalidWave: a wave's selector cannot be understood.
	ReasonInvalidWave = "InvalidWave"
	// ReasonNoBuild: an image is behind and no build is declared for it.
	ReasonNoBuild = "NoBuild"
	// ReasonNoLineage: nothing says which base an image was built on.
	ReasonNoLineage = "NoLineage"
	// ReasonAmbiguousLineage: more than one base could be meant.
	ReasonAmbiguousLineage = "AmbiguousLineage"
	// ReasonContradictingLineage: two pieces of evidence of an image's base cannot both be true.
	ReasonContradictingLineage = "ContradictingLineage"
	// ReasonInvalidReference: a reference cannot be parsed.
	ReasonInvalidReference = "InvalidReference"
	// ReasonInvalidMatch: a rule's match is not a glob.
	ReasonInvalidMatch = "InvalidMatch"
	// ReasonInvalidCheck: a rule waives what is not a safety check that can be waived.
	ReasonInvalidCheck = "InvalidCheck"
	// ReasonInvalidSelector: the workloads' selector cannot be parsed.
	ReasonInvalidSelector = "InvalidSelector"
	// ReasonOutputIsBase: patched images would be pushed to the base's own repository.
	ReasonOutputIsBase = "OutputIsBase"
	// ReasonSharedOutput: two rules of a policy push to the same repository.
	ReasonSharedOutput = "SharedOutput"
	// ReasonNoDigest: the node does not tell the digest of what it runs.
	ReasonNoDigest = "NoDigest"
	// ReasonClaimed: an older policy already keeps a workload.
	ReasonClaimed = "Claimed"
	// ReasonReverted: the patched image was rolled out, and someone put the previous one back.
	ReasonReverted = "Reverted"
	// ReasonPlatformMissing: the image runs on a platform that its own index does not have.
	ReasonPlatformMissing = "PlatformMissing"
	// ReasonTooManyPlatforms: the image is made for more platforms than a run builds for.
	ReasonTooManyPlatforms = "TooManyPlatforms"
	// ReasonPlatformLost: the new base lacks a platform that the image runs on.
	ReasonPlatformLost = "PlatformLost"
)

// Reasons that come from a registry.
const (
	// ReasonNotFound: the registry answered that it does not have the image.
	ReasonNotFound = "NotFound"
	// ReasonDenied: the registry refused (401 or 403).
	ReasonDenied = "Denied"
	// ReasonUnreachable: the registry could not be reached or did not answer in time.
	ReasonUnreachable = "Unreachable"
	// ReasonBadContent: the registry answered with something that is not what was asked for.
	ReasonBadContent = "BadContent"
	// ReasonForbiddenAddress: the registry's name leads to an internal address that the administrator did not allow.
	ReasonForbiddenAddress = "ForbiddenAddress"
)

// Reasons that come from the credentials that a namespace gives.
const (
	// ReasonNoAccess: a Secret or ServiceAccount that the policy names does not exist, is of no use, or may not be read.
	ReasonNoAccess = "NoAccess"
)

// Reasons of a run's conditions.
const (
	// ReasonPinned: every input of the run is pinned.
	ReasonPinned = "Pinned"
	// ReasonProven: a rebase is safe, and every input of the run is pinned.
	ReasonProven = "Proven"
	// ReasonRebaseRefused: a rebase is not provably safe.
	ReasonRebaseRefused = "RebaseRefused"
	// ReasonContextUnavailable: the build context's revision could not be read.
	ReasonContextUnavailable = "ContextUnavailable"
	// ReasonBuilding: the build is under way.
	ReasonBuilding = "Building"
	// ReasonPushed: the patched image is in the registry.
	ReasonPushed = "Pushed"
	// ReasonAdopted: the patched image was already in the registry, from before a restart.
	ReasonAdopted = "Adopted"
	// ReasonBuildFailed: the build ended with an error that will not go away by itself.
	ReasonBuildFailed = "BuildFailed"
	// ReasonBaseNotUsed: what the Dockerfile builds does not stand on the declared base.
	ReasonBaseNotUsed = "BaseNotUsed"
	// ReasonPushRefused: the registry refused the push.
	ReasonPushRefused = "PushRefused"
	// ReasonBuilderUnavailable: BuildKit cannot be reached; it is tried again.
	ReasonBuilderUnavailable = "BuilderUnavailable"
	// ReasonVerified: the patched image is whole and stands on the new base.
	ReasonVerified = "Verified"
	// ReasonVerifyFailed: the patched image, read back, is not what it should be.
	ReasonVerifyFailed = "VerifyFailed"
	// ReasonAutomatic: no person has to approve.
	ReasonAutomatic = "Automatic"
	// ReasonApproved: a person approved the patched image's digest.
	ReasonApproved = "Approved"
	// ReasonAwaitingApproval: a person has to approve the patched image's digest.
	ReasonAwaitingApproval = "AwaitingApproval"
	// ReasonOtherDigest: another digest than the patched image's was approved.
	ReasonOtherDigest = "OtherDigest"
	// ReasonApproverUnknown: an approval was written without passing the operator's webhook, so that it is not known whose
	// it is.
	ReasonApproverUnknown = "ApproverUnknown"
	// ReasonWaitingForWindow: no rollout window is open.
	ReasonWaitingForWindow = "WaitingForWindow"
	// ReasonWaitingForWave: workloads of an earlier wave are yet to be healthy.
	ReasonWaitingForWave = "WaitingForWave"
	// ReasonWaveFailed: a workload of an earlier wave failed.
	ReasonWaveFailed = "WaveFailed"
	// ReasonWaitingForTurn: as many workloads are under way as the policy's budget, or the operator's, allows.
	ReasonWaitingForTurn = "WaitingForTurn"
	// ReasonUnhealthyBefore: a workload is not healthy on the image that it has, and is not touched.
	ReasonUnhealthyBefore = "UnhealthyBefore"
	// ReasonPaused: the workload is paused.
	ReasonPaused = "Paused"
	// ReasonDisruptionBudget: a PodDisruptionBudget allows no pod of the workload to be missing.
	ReasonDisruptionBudget = "DisruptionBudget"
	// ReasonRefused: the API server refuses to give the workload the patched image.
	ReasonRefused = "Refused"
	// ReasonPatchingOnRestart: pods get the patched image as they start.
	ReasonPatchingOnRestart = "PatchingOnRestart"
	// ReasonUpdating: the workloads are being given the patched image.
	ReasonUpdating = "Updating"
	// ReasonUpdated: every workload has the patched image in its template.
	ReasonUpdated = "Updated"
	// ReasonNothingToUpdate: every workload is gone, or was changed by someone else.
	ReasonNothingToUpdate = "NothingToUpdate"
	// ReasonWaiting: health is being waited for.
	ReasonWaiting = "Waiting"
	// ReasonHealthy: every workload is healthy.
	ReasonHealthy = "Healthy"
	// ReasonBaking: every workload is healthy, and has to stay so for bakeTime.
	ReasonBaking = "Baking"
	// ReasonUnschedulable: no node takes a workload's new pods.
	ReasonUnschedulable = "Unschedulable"
	// ReasonRestarted: a container ended within bakeTime.
	ReasonRestarted = "Restarted"
	// ReasonLostReadiness: a pod that was ready is not any more, within bakeTime.
	ReasonLostReadiness = "LostReadiness"
	// ReasonJobFailed: the first Job on the patched image failed.
	ReasonJobFailed = "JobFailed"
	// ReasonRollbackAsked: a person asked for the previous image back.
	ReasonRollbackAsked = "RollbackAsked"
	// ReasonUnhealthy: a workload's new pods cannot come up.
	ReasonUnhealthy = "Unhealthy"
	// ReasonTimedOut: a workload was not healthy in time.
	ReasonTimedOut = "TimedOut"
	// ReasonRollingBack: the previous image is being put back.
	ReasonRollingBack = "RollingBack"
	// ReasonRolledBack: the previous image was put back.
	ReasonRolledBack = "RolledBack"
	// ReasonPushedOnly: the patched image is pushed, and is not rolled out by the policy's own wish.
	ReasonPushedOnly = "PushedOnly"
	// ReasonPatched: the run did all that it was for.
	ReasonPatched = "Patched"
	// ReasonPolicyGone: the policy was deleted before the run changed anything.
	ReasonPolicyGone = "PolicyGone"
)
