package plugin

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/internal/image"
)

// Subject is what a person named on the command line. One of its forms is set, or for a bare name only Name.
type Subject struct {
	// Kind is a workload's; empty where none was written.
	Kind respinv1alpha1.WorkloadKind
	// Policy and Run say that the name is that of a policy, or of a run.
	Policy, Run bool
	// Name is without its kind. It may be an image, where no kind was written.
	Name string
}

var workloadKinds = map[string]respinv1alpha1.WorkloadKind{
	"deployment": respinv1alpha1.KindDeployment, "deployments": respinv1alpha1.KindDeployment, "deploy": respinv1alpha1.KindDeployment,
	"statefulset": respinv1alpha1.KindStatefulSet, "statefulsets": respinv1alpha1.KindStatefulSet, "sts": respinv1alpha1.KindStatefulSet,
	"daemonset": respinv1alpha1.KindDaemonSet, "daemonsets": respinv1alpha1.KindDaemonSet, "ds": respinv1alpha1.KindDaemonSet,
	"cronjob": respinv1alpha1.KindCronJob, "cronjobs": respinv1alpha1.KindCronJob, "cj": respinv1alpha1.KindCronJob,
}

// ParseSubject reads a name as kubectl takes them, with its kind in any of its spellings and a slash before it, or without.
func ParseSubject(arg string) (Subject, error) {
	kind, name, slashed := strings.Cut(arg, "/")
	if !slashed {
		name = arg
	}
	if name == "" {
		return Subject{}, fmt.Errorf("%q names nothing; write a name, as in deployment/web", arg)
	}
	if !slashed {
		return Subject{Name: arg}, nil
	}
	singular, _, _ := strings.Cut(strings.ToLower(kind), ".") // deployments.apps is a kind, too
	if known, ok := workloadKinds[singular]; ok {
		return Subject{Kind: known, Name: name}, nil
	}
	switch singular {
	case "patchpolicy", "patchpolicies", "pp":
		return Subject{Policy: true, Name: name}, nil
	case "patchrun", "patchruns", "pr":
		return Subject{Run: true, Name: name}, nil
	}
	return Subject{Name: arg}, nil // an image's repository has slashes
}

// isWorkload tells whether a workload of that label may be meant.
func (s Subject) isWorkload(name string) bool {
	switch {
	case s.Policy || s.Run:
		return false
	case s.Kind != "":
		return name == label(s.Kind, s.Name)
	}
	_, bare, _ := strings.Cut(name, "/")
	return bare == s.Name
}

// isImage tells whether an image may be meant: by its repository, or the end of it, with or without tag or digest; by the
// digest alone; or by the patched image.
func (s Subject) isImage(app respinv1alpha1.ImageStatus) bool {
	if s.Kind != "" || s.Policy || s.Run {
		return false
	}
	patched, err := image.ParseReference(app.Patched)
	own := image.Reference{Repository: app.Repository, Tag: app.Tag, Digest: app.Digest}
	return s.means(own) || err == nil && s.means(patched)
}

func (s Subject) means(ref image.Reference) bool {
	if strings.HasPrefix(s.Name, "sha256:") {
		return ref.Digest != "" && strings.HasPrefix(ref.Digest, s.Name)
	}
	written, err := image.ParseReference(s.Name)
	if err != nil {
		return false
	}
	repository, _, _ := strings.Cut(s.Name, "@")
	tag := ""
	if slash, colon := strings.LastIndex(repository, "/"), strings.LastIndex(repository, ":"); colon > slash {
		repository, tag = repository[:colon], repository[colon+1:]
	}
	if written.Repository != ref.Repository && !strings.HasSuffix(ref.Repository, "/"+repository) {
		return false
	}
	if written.Digest != "" {
		return written.Digest == ref.Digest
	}
	return tag == "" || tag == ref.Tag
}

// known is an image of a policy's status.
type known struct {
	policy *respinv1alpha1.PatchPolicy
	app    respinv1alpha1.ImageStatus
}

func (f Facts) images(fits func(respinv1alpha1.ImageStatus) bool) []known {
	var found []known
	for i := range f.Policies {
		for _, app := range f.Policies[i].Status.Images {
			if fits(app) {
				found = append(found, known{&f.Policies[i], app})
			}
		}
	}
	return found
}

// workloadsNamed are the labels of the workloads that a subject may mean: those that were read, and those that statuses and
// runs know.
func (f Facts) workloadsNamed(s Subject) []string {
	return slices.DeleteFunc(f.WorkloadNames(), func(name string) bool { return !s.isWorkload(name) })
}

// WorkloadNames are the workloads that are known, as Kind/name.
func (f Facts) WorkloadNames() []string {
	var names []string
	for _, w := range f.Workloads {
		names = append(names, w.Label())
	}
	for i := range f.Policies {
		for _, app := range f.Policies[i].Status.Images {
			names = append(names, app.Workloads...)
		}
	}
	for i := range f.Runs {
		for _, t := range f.Runs[i].Spec.Workloads {
			names = append(names, label(t.Kind, t.Name))
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Spelled are workloads' labels as kubectl spells them, as in deployment/web, with the kind as it was begun to be written.
func Spelled(names []string, begun string) []string {
	prefix, _, slashed := strings.Cut(begun, "/")
	singular, _, _ := strings.Cut(strings.ToLower(prefix), ".")
	meant, known := workloadKinds[singular]
	var spelled []string
	for _, name := range names {
		kind, bare, ok := strings.Cut(name, "/")
		switch {
		case ok && slashed && known && kind == string(meant):
			spelled = append(spelled, prefix+"/"+bare)
		case ok:
			spelled = append(spelled, strings.ToLower(kind)+"/"+bare)
		}
	}
	return spelled
}

// ImageNames are the images that policies know, as people write them.
func (f Facts) ImageNames() []string {
	var names []string
	for _, k := range f.images(func(respinv1alpha1.ImageStatus) bool { return true }) {
		names = append(names, tagged(k.app.Repository, k.app.Tag, k.app.Digest))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// PolicyNames are the policies' names.
func (f Facts) PolicyNames() []string {
	var names []string
	for i := range f.Policies {
		names = append(names, f.Policies[i].Name)
	}
	slices.Sort(names)
	return names
}

// RunNames are the runs' names, newest first.
func (f Facts) RunNames() []string {
	var names []string
	for _, run := range f.runsOf(func(*respinv1alpha1.PatchRun) bool { return true }) {
		names = append(names, run.Name)
	}
	return names
}

const listed = 12 // names that an error tells

// Missing is the error for a name that is that of nothing, with what there is.
func Missing(arg, namespace string, what string, exists ...[]string) error {
	all := slices.Concat(exists...)
	if len(all) == 0 {
		return fmt.Errorf("%s %q is not there: there is none in namespace %s; another one is named with -n", what, arg, namespace)
	}
	more := ""
	if len(all) > listed {
		more = fmt.Sprintf(" and %d more", len(all)-listed)
		all = all[:listed]
	}
	return fmt.Errorf("%s %q is not there; namespace %s has %s%s", what, arg, namespace, strings.Join(all, ", "), more)
}

// errAmbiguous is the error for a name that more than one thing has.
func errAmbiguous(arg string, those []string) error {
	return errors.New(arg + " may be any of " + strings.Join(those, ", ") + ": write which")
}
