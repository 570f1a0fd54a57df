package plugin

import (
	"cmp"
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
)

// Tree is where policies stand, in the form of status -o json: policy, base, image, workload. Fields are only ever added.
type Tree struct {
	Policies []PolicyNode `json:"policies"`
}

// PolicyNode is a policy.
type PolicyNode struct {
	Namespace string `json:"namespace"`
	Name      string `json:"name"`
	// Ready is the condition's status: True, False or Unknown.
	Ready     string `json:"ready"`
	Reason    string `json:"reason,omitempty"`
	Message   string `json:"message,omitempty"`
	Suspended bool   `json:"suspended"`
	// Summary counts the images by their state.
	Summary     respinv1alpha1.ImageSummary `json:"summary"`
	LastPatched *metav1.Time                `json:"lastPatched,omitempty"`
	NextWindow  *metav1.Time                `json:"nextWindow,omitempty"`
	// Needs are what the policy itself needs a person for.
	Needs []Need `json:"needs,omitempty"`
	// Bases begin with what a person has to look at.
	Bases []BaseNode `json:"bases"`
}

// BaseNode is a base with the images on it. Its image is empty for images whose base is not known.
type BaseNode struct {
	Image  string `json:"image,omitempty"`
	Digest string `json:"digest,omitempty"`
	// Since is when the base was first seen at this digest.
	Since   *metav1.Time `json:"since,omitempty"`
	Message string       `json:"message,omitempty"`
	Images  []ImageNode  `json:"images"`
}

// ImageNode is an image that workloads run.
type ImageNode struct {
	Repository string                    `json:"repository"`
	Tag        string                    `json:"tag,omitempty"`
	Digest     string                    `json:"digest,omitempty"`
	BaseDigest string                    `json:"baseDigest,omitempty"`
	State      respinv1alpha1.ImageState `json:"state"`
	Reason     string                    `json:"reason,omitempty"`
	Message    string                    `json:"message,omitempty"`
	// Until is when what the image waits for comes, where that is known.
	Until *metav1.Time `json:"until,omitempty"`
	// Patched is the image that is to run in its place.
	Patched   string         `json:"patched,omitempty"`
	Run       *RunNode       `json:"run,omitempty"`
	Needs     []Need         `json:"needs,omitempty"`
	Workloads []WorkloadNode `json:"workloads"`
}

// RunNode is an image's run.
type RunNode struct {
	Name   string                  `json:"name"`
	Phase  respinv1alpha1.RunPhase `json:"phase,omitempty"`
	Reason string                  `json:"reason,omitempty"`
}

// WorkloadNode is a workload that runs an image. State, reason and message are those of the image's run.
type WorkloadNode struct {
	Workload string                       `json:"workload"`
	State    respinv1alpha1.WorkloadState `json:"state,omitempty"`
	Reason   string                       `json:"reason,omitempty"`
	Message  string                       `json:"message,omitempty"`
	// Pods is left out where nothing tells how many there are.
	Pods *PodCount `json:"pods,omitempty"`
}

// Grow makes the tree of the facts' policies.
func Grow(facts Facts) Tree {
	tree := Tree{Policies: []PolicyNode{}}
	for i := range facts.Policies {
		tree.Policies = append(tree.Policies, facts.policyNode(&facts.Policies[i]))
	}
	slices.SortFunc(tree.Policies, func(a, b PolicyNode) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
	})
	return tree
}

func (f Facts) policyNode(policy *respinv1alpha1.PatchPolicy) PolicyNode {
	node := PolicyNode{
		Namespace: policy.Namespace, Name: policy.Name, Ready: string(metav1.ConditionUnknown), Suspended: policy.Spec.Suspend,
		LastPatched: policy.Status.LastPatchedTime, NextWindow: policy.Status.NextWindow,
		Needs: f.policyNeeds(policy), Bases: f.baseNodes(policy),
	}
	if ready := meta.FindStatusCondition(policy.Status.Conditions, respinv1alpha1.ConditionReady); ready != nil {
		node.Ready, node.Reason, node.Message = string(ready.Status), ready.Reason, ready.Message
	}
	if policy.Status.Summary != nil {
		node.Summary = *policy.Status.Summary
	}
	return node
}

// baseNodes puts the images on their bases. Those that no image stands on are left out.
func (f Facts) baseNodes(policy *respinv1alpha1.PatchPolicy) []BaseNode {
	nodes := []BaseNode{}
	for _, app := range policy.Status.Images {
		at := slices.IndexFunc(nodes, func(b BaseNode) bool { return b.Image == app.Base })
		if at < 0 {
			at = len(nodes)
			nodes = append(nodes, baseNode(policy, app.Base))
		}
		nodes[at].Images = append(nodes[at].Images, f.imageNode(policy, app))
	}
	for i := range nodes {
		slices.SortStableFunc(nodes[i].Images, byUrgency)
	}
	slices.SortStableFunc(nodes, func(a, b BaseNode) int {
		return cmp.Or(byUrgency(a.Images[0], b.Images[0]), cmp.Compare(a.Image, b.Image))
	})
	return nodes
}

func baseNode(policy *respinv1alpha1.PatchPolicy, image string) BaseNode {
	node := BaseNode{Image: image}
	if base := baseOf(policy, image); base != nil {
		node.Digest, node.Since, node.Message = base.Digest, base.FirstSeen, base.Message
	}
	return node
}

func baseOf(policy *respinv1alpha1.PatchPolicy, image string) *respinv1alpha1.BaseStatus {
	for i := range policy.Status.Bases {
		if policy.Status.Bases[i].Image == image {
			return &policy.Status.Bases[i]
		}
	}
	return nil
}

// urgency has what a person has to look at come first.
var urgency = []respinv1alpha1.ImageState{
	respinv1alpha1.ImageFailed, respinv1alpha1.ImageHeld, respinv1alpha1.ImageUnknown,
	respinv1alpha1.ImagePatching, respinv1alpha1.ImageBehind, respinv1alpha1.ImageCurrent,
}

func byUrgency(a, b ImageNode) int {
	return cmp.Or(
		cmp.Compare(len(b.Needs), len(a.Needs)),
		cmp.Compare(slices.Index(urgency, a.State), slices.Index(urgency, b.State)),
		cmp.Compare(a.Repository, b.Repository), cmp.Compare(a.Tag, b.Tag), cmp.Compare(a.Digest, b.Digest))
}

func (f Facts) imageNode(policy *respinv1alpha1.PatchPolicy, app respinv1alpha1.ImageStatus) ImageNode {
	run := f.run(policy.Namespace, app.Run)
	node := ImageNode{
		Repository: app.Repository, Tag: app.Tag, Digest: app.Digest, BaseDigest: app.BaseDigest,
		State: app.State, Reason: app.Reason, Message: app.Message, Until: until(policy, app, run), Patched: app.Patched,
		Needs: f.imageNeeds(policy, app, run), Workloads: []WorkloadNode{},
	}
	if app.Run != "" {
		node.Run = &RunNode{Name: app.Run}
	}
	if run != nil {
		node.Run.Phase, node.Run.Reason = run.Status.Phase, run.Status.Reason
	}
	for _, name := range app.Workloads {
		node.Workloads = append(node.Workloads, f.workloadNode(policy.Namespace, name, app, run))
	}
	return node
}

func (f Facts) workloadNode(namespace, name string, app respinv1alpha1.ImageStatus, run *respinv1alpha1.PatchRun) WorkloadNode {
	node := WorkloadNode{Workload: name, Pods: countPods(f.workload(namespace, name), app, run, name)}
	progress := progressOf(run, name)
	if app.State == respinv1alpha1.ImageHeld && progress != nil && progress.State == respinv1alpha1.WorkloadHealthy {
		return node // it was, until someone put the previous image back
	}
	if progress != nil {
		node.State, node.Reason, node.Message = progress.State, progress.Reason, progress.Message
	}
	return node
}
