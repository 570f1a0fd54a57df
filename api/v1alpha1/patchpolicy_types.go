package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// PatchPolicySpec says which workloads of its namespace are kept patched, from which bases, and how.
// +kubebuilder:validation:XValidation:rule="!has(self.workloads) || !has(self.workloads.kinds) || !('CronJob' in self.workloads.kinds) || !has(self.rollout) || !has(self.rollout.type) || self.rollout.type != 'OnRestart'",message="rollout.type OnRestart is not for CronJobs, whose pods end rather than restart; give them a policy of their own with RollingUpdate"
type PatchPolicySpec struct {
	// suspend stops the policy: no base is checked and no run is created, and a run that has not changed a workload
	// yet waits. A run that has changed one goes on until the workload is judged healthy or is taken back.
	// +optional
	Suspend bool `json:"suspend,omitempty"`

	// interval is how often the registry is asked where the bases stand. Policies that follow the same base share
	// the answer. The annotation respin.dev/reconcile-at asks at once.
	// +optional
	// +kubebuilder:default="10m"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('10s') && duration(self) <= duration('168h')",message="interval must be between 10s and 168h; write for example 10m"
	Interval metav1.Duration `json:"interval,omitzero"`

	// settle is how long a base must have stayed at a digest before that digest is used. While the architectures of
	// one release land one after another, a tag may move several times within minutes.
	// +optional
	// +kubebuilder:default="2m"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('168h')",message="settle must be between 0s and 168h; write for example 2m"
	Settle *metav1.Duration `json:"settle,omitempty"`

	// soak is how long a base's digest must have been known before it is used, so that others meet its faults first.
	// What is urgent does not wait for it.
	// +optional
	// +kubebuilder:default="0s"
	// +kubebuilder:validation:XValidation:rule="duration(self) >= duration('0s') && duration(self) <= duration('2160h')",message="soak must be between 0s and 2160h; write for example 24h"
	Soak *metav1.Duration `json:"soak,omitempty"`

	// urgent are digests of bases, as status.bases tells them, whose patches wait neither for soak nor for a rollout
	// window. They are approved, rolled out wave by wave, and judged like any other.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=64
	// +kubebuilder:validation:items:MaxLength=71
	// +kubebuilder:validation:items:Pattern=`^sha256:[0-9a-f]{64}$`
	Urgent []string `json:"urgent,omitempty"`

	// workloads says which workloads of the namespace this policy keeps patched. Left out, it is every Deployment,
	// StatefulSet and DaemonSet.
	// +optional
	Workloads WorkloadSelection `json:"workloads,omitzero"`

	// images are the rules for the images that those workloads run. The first rule whose match fits an image is
	// used; an image that none fits is left alone. Left out, one rule fits every image: its base is read from the
	// image's lineage, and an image that falls behind is rebased where that is provably safe.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=64
	Images []ImageRule `json:"images,omitempty"`

	// rollout says how a patched image reaches the workloads and how long it may take to be healthy there.
	// +optional
	// +kubebuilder:default={}
	Rollout RolloutSpec `json:"rollout,omitzero"`

	// serviceAccountName names a ServiceAccount of the namespace whose imagePullSecrets Respin uses at registries,
	// beside those of the pods that run the images. Respin can only read secrets that a RoleBinding lets it read.
	// +optional
	// +kubebuilder:default=default
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	ServiceAccountName string `json:"serviceAccountName,omitempty"`

	// certSecretRef names a Secret of the namespace whose key ca.crt holds, in PEM, the certificates of the private
	// authorities that are trusted at registries, beside the public ones.
	// +optional
	CertSecretRef *SecretReference `json:"certSecretRef,omitempty"`

	// historyLimit is how many finished runs are kept. A failed run that still keeps its image from being tried
	// again is kept beyond the limit.
	// +optional
	// +kubebuilder:default={}
	HistoryLimit HistoryLimit `json:"historyLimit,omitzero"`
}

// WorkloadKind is a kind of workload that a policy can keep patched.
// +kubebuilder:validation:Enum=Deployment;StatefulSet;DaemonSet;CronJob
type WorkloadKind string

// The kinds of workload that a policy can keep patched.
const (
	KindDeployment  WorkloadKind = "Deployment"
	KindStatefulSet WorkloadKind = "StatefulSet"
	KindDaemonSet   WorkloadKind = "DaemonSet"
	KindCronJob     WorkloadKind = "CronJob"
)

// WorkloadSelection selects workloads of the policy's own namespace.
type WorkloadSelection struct {
	// selector selects workloads by their own labels, not by their pods'. Left out or empty, it selects all.
	// +optional
	Selector *metav1.LabelSelector `json:"selector,omitempty"`

	// kinds are the kinds of workload to select. CronJobs have to be named.
	// +optional
	// +listType=set
	// +kubebuilder:default={Deployment,StatefulSet,DaemonSet}
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Kinds []WorkloadKind `json:"kinds,omitempty"`
}

// SecretReference names a Secret of the same namespace.
type SecretReference struct {
	// name is the Secret's name.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// Method is a way to make a patched image.
// +kubebuilder:validation:Enum=Auto;Rebase;Rebuild
type Method string

const (
	// MethodAuto takes the first method that is provably safe and possible for the image.
	MethodAuto Method = "Auto"
	// MethodRebase puts the image's own layers on the new base, without a build.
	MethodRebase Method = "Rebase"
	// MethodRebuild builds the declared build again with its base pinned to the new digest.
	MethodRebuild Method = "Rebuild"
)

// ImageRule says what is known, and wanted, of the images it matches.
// +kubebuilder:validation:XValidation:rule="!has(self.output) || !has(self.base) || !self.base.image.startsWith(self.output.repository + ':') && !self.base.image.startsWith(self.output.repository + '@') && self.base.image != self.output.repository",message="output.repository must not be the base's own repository: a patched image would be taken for a new base; name another repository"
type ImageRule struct {
	// match is a glob over the image's repository, registry included and without tag or digest, as in
	// registry.example.com/payments/*. A star stops at a slash, two stars do not. Left out, every image matches. An
	// image in the rule's own output.repository matches, too.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Match string `json:"match,omitempty"`

	// base is the image that the matched images are built on. Left out, it is read from each image: from its
	// org.opencontainers.image.base annotations, from what buildpacks or BuildKit recorded in it, or from its layers.
	// +optional
	Base *BaseImage `json:"base,omitempty"`

	// method is how a patched image is made. Auto rebases where every safety check passes, else rebuilds where a build
	// is declared; where neither is possible the run fails and says why. Rebase refuses rather than builds.
	// +optional
	// +kubebuilder:default=Auto
	Method Method `json:"method,omitempty"`

	// allow names safety checks of a rebase that the owner of the images waives, as in [copied-files]. What a waived
	// check found is recorded in the run.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=32
	Allow []SafetyCheck `json:"allow,omitempty"`

	// build is what Rebuild needs: where the sources are and how they are built. Nothing is built that is not
	// declared here.
	// +optional
	Build *BuildSpec `json:"build,omitempty"`

	// output says where patched images are pushed. Left out, it is the app image's own repository.
	// +optional
	Output *OutputSpec `json:"output,omitempty"`
}

// BaseImage is a base to follow.
type BaseImage struct {
	// image is the reference whose digest is followed, as in registry.example.com/base/debian:12. It must not
	// hold a digest, since a digest never moves.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="!self.contains('@')",message="image must be a tag to follow, without a digest: a digest never moves; write for example registry.example.com/base/debian:12"
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9][A-Za-z0-9._:/-]*$') && !self.contains('://')",message="image must be an image reference such as registry.example.com/base/debian:12, without a scheme or spaces"
	Image string `json:"image"`
}

// BuildSpec is a build that BuildKit can do on its own, without anything of the operator's.
// +kubebuilder:validation:XValidation:rule="has(self.context) || has(self.dockerfileInline)",message="a build needs a context (a Git URL over http or https) or a dockerfileInline"
// +kubebuilder:validation:XValidation:rule="!(has(self.dockerfile) && has(self.dockerfileInline))",message="dockerfile names a file in the context and dockerfileInline holds one: set only one of them"
type BuildSpec struct {
	// context is a Git repository over HTTP with, after a #, the revision and the directory to build in, as in
	// https://git.example.com/payments.git#main:api. The revision is pinned to its commit before the build.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:XValidation:rule="self.matches('^https?://[^#@ ]+[.]git(#[^ ]*)?$')",message="context must be a Git repository over HTTP whose path ends in .git, without credentials in it, such as https://git.example.com/payments.git#main:api"
	Context string `json:"context,omitempty"`

	// dockerfile is the path of the Dockerfile in the context's directory. Left out, it is Dockerfile.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('/') && !self.split('/').exists(p, p == '..')",message="dockerfile must be a path inside the context, such as docker/Dockerfile"
	Dockerfile string `json:"dockerfile,omitempty"`

	// dockerfileInline is a whole Dockerfile. Without a context it is built in an empty directory.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=65536
	DockerfileInline string `json:"dockerfileInline,omitempty"`

	// target is the stage to build. Left out, it is the last.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Target string `json:"target,omitempty"`

	// args are the build's ARGs. They are recorded in the image's provenance, so they are no place for secrets.
	// Names that begin with BUILDKIT_ steer the builder itself and are refused.
	// +optional
	// +kubebuilder:validation:MaxProperties=64
	// +kubebuilder:validation:XValidation:rule="self.all(k, k.matches('^[A-Za-z_][A-Za-z0-9_]*$') && !k.startsWith('BUILDKIT_') && k != 'SOURCE_DATE_EPOCH')",message="args must be named like shell variables, and neither BUILDKIT_* nor SOURCE_DATE_EPOCH, which Respin sets itself"
	Args map[string]string `json:"args,omitempty"`
}

// SafetyCheck is the name of a check that a rebase has to pass.
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:XValidation:rule="self.matches('^[a-z]+(-[a-z]+)*$')",message="allow must name checks as a run's status.checks does, such as copied-files"
type SafetyCheck string

// OutputSpec is where patched images are pushed.
type OutputSpec struct {
	// repository is the repository to push to, without tag or digest.
	// +required
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	// +kubebuilder:validation:XValidation:rule="self.matches('^[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)+$')",message="repository must be a repository without tag or digest, such as registry.example.com/payments/api"
	Repository string `json:"repository"`

	// pushSecretRef names a Secret of the namespace, of type kubernetes.io/dockerconfigjson, with the credentials for
	// pushing. Left out, those for pulling are used.
	// +optional
	PushSecretRef *SecretReference `json:"pushSecretRef,omitempty"`
}

// HistoryLimit is how many finished runs of each outcome are kept.
type HistoryLimit struct {
	// successful is how many successful runs are kept.
	// +optional
	// +kubebuilder:default=3
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Successful *int32 `json:"successful,omitempty"`

	// failed is how many failed runs are kept.
	// +optional
	// +kubebuilder:default=5
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Failed *int32 `json:"failed,omitempty"`
}

// PatchPolicy keeps workloads of its namespace patched: when the base under one of their images moves, the image is
// made anew on it, pushed, rolled out, watched, and taken back if it is not healthy.
//
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=pp,categories=respin
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Images",type=integer,JSONPath=`.status.summary.images`
// +kubebuilder:printcolumn:name="Current",type=integer,JSONPath=`.status.summary.current`
// +kubebuilder:printcolumn:name="Behind",type=integer,JSONPath=`.status.summary.behind`
// +kubebuilder:printcolumn:name="Patching",type=integer,JSONPath=`.status.summary.patching`
// +kubebuilder:printcolumn:name="Status",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Last-Patched",type=date,JSONPath=`.status.lastPatchedTime`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
type PatchPolicy struct {
	metav1.TypeMeta `json:",inline"`
	// metadata is the object's metadata.
	// +optional
	metav1.ObjectMeta `json:"metadata,omitzero"`

	// spec is what is wanted.
	// +optional
	// +kubebuilder:default={}
	Spec PatchPolicySpec `json:"spec,omitzero"`
	// status is what was observed.
	// +optional
	Status PatchPolicyStatus `json:"status,omitzero"`
}

// PatchPolicyList is a list of policies.
//
// +kubebuilder:object:root=true
type PatchPolicyList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []PatchPolicy `json:"items"`
}
