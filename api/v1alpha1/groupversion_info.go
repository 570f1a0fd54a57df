// Package v1alpha1 holds the API of respin.dev/v1alpha1: PatchPolicy, which says what is to be kept patched, and
// PatchRun, one pinned attempt at patching one image.
//
// +kubebuilder:object:generate=true
// +groupName=respin.dev
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

var (
	// GroupVersion is the group and version of every type in this package.
	GroupVersion = schema.GroupVersion{Group: "respin.dev", Version: "v1alpha1"}

	schemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

	// AddToScheme registers the types of this package.
	AddToScheme = schemeBuilder.AddToScheme
)

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion, &PatchPolicy{}, &PatchPolicyList{}, &PatchRun{}, &PatchRunList{})
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}
