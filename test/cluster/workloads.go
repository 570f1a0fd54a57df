package cluster

import (
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Container is the name of the container that the workloads here have.
const Container = "app"

// Deployment runs an image in one pod. Its labels are app=name.
func Deployment(name, image string, options ...func(*corev1.PodTemplateSpec)) *appsv1.Deployment {
	meta, selector, template := parts(name, image, options)
	return &appsv1.Deployment{ObjectMeta: meta, Spec: appsv1.DeploymentSpec{
		Selector: selector, Template: template,
		Strategy: appsv1.DeploymentStrategy{RollingUpdate: &appsv1.RollingUpdateDeployment{
			MaxSurge: new(intstr.FromInt32(1)), MaxUnavailable: new(intstr.FromInt32(0)),
		}},
	}}
}

// StatefulSet runs an image in one pod. Its labels are app=name.
func StatefulSet(name, image string, options ...func(*corev1.PodTemplateSpec)) *appsv1.StatefulSet {
	meta, selector, template := parts(name, image, options)
	return &appsv1.StatefulSet{ObjectMeta: meta, Spec: appsv1.StatefulSetSpec{Selector: selector, Template: template}}
}

// DaemonSet runs an image in a pod on each node. Its labels are app=name.
func DaemonSet(name, image string, options ...func(*corev1.PodTemplateSpec)) *appsv1.DaemonSet {
	meta, selector, template := parts(name, image, options)
	return &appsv1.DaemonSet{ObjectMeta: meta, Spec: appsv1.DaemonSetSpec{Selector: selector, Template: template}}
}

func parts(name, image string, options []func(*corev1.PodTemplateSpec)) (metav1.ObjectMeta, *metav1.LabelSelector,
	corev1.PodTemplateSpec) {
	labels := map[string]string{"app": name}
	template := corev1.PodTemplateSpec{
		ObjectMeta: metav1.ObjectMeta{Labels: labels},
		Spec: corev1.PodSpec{
			TerminationGracePeriodSeconds: new(int64(1)),
			EnableServiceLinks:            new(false),
			Containers: []corev1.Container{{
				Name: Container, Image: image, ImagePullPolicy: corev1.PullIfNotPresent,
				// Something beside the image, which has to stay as it is.
				Env: []corev1.EnvVar{{Name: "KEEP", Value: "this"}},
			}},
		},
	}
	for _, option := range options {
		option(&template)
	}
	return metav1.ObjectMeta{Name: name, Labels: labels}, &metav1.LabelSelector{MatchLabels: labels}, template
}

// CronJob runs a command of an image once a minute, in one pod that is not started again. Its labels are app=name.
func CronJob(name, image string, command ...string) *batchv1.CronJob {
	meta, _, template := parts(name, image, nil)
	template.Spec.RestartPolicy = corev1.RestartPolicyNever
	template.Spec.Containers[0].Command = command
	return &batchv1.CronJob{ObjectMeta: meta, Spec: batchv1.CronJobSpec{
		Schedule: "* * * * *",
		JobTemplate: batchv1.JobTemplateSpec{
			Spec: batchv1.JobSpec{BackoffLimit: new(int32(0)), Template: template},
		},
	}}
}

// WithInit adds an init container that runs a command of an image.
func WithInit(name, image string, command ...string) func(*corev1.PodTemplateSpec) {
	return func(t *corev1.PodTemplateSpec) {
		t.Spec.InitContainers = append(t.Spec.InitContainers, corev1.Container{Name: name, Image: image, Command: command})
	}
}

// WithReadiness makes a pod ready once a command succeeds, and no sooner than after some seconds.
func WithReadiness(delaySeconds int32, command ...string) func(*corev1.PodTemplateSpec) {
	return func(t *corev1.PodTemplateSpec) {
		t.Spec.Containers[0].ReadinessProbe = &corev1.Probe{
			ProbeHandler:        corev1.ProbeHandler{Exec: &corev1.ExecAction{Command: command}},
			InitialDelaySeconds: delaySeconds, PeriodSeconds: 1,
		}
	}
}

// Template is the pod template of a workload.
func Template(workload client.Object) *corev1.PodTemplateSpec {
	switch w := workload.(type) {
	case *appsv1.Deployment:
		return &w.Spec.Template
	case *appsv1.StatefulSet:
		return &w.Spec.Template
	case *appsv1.DaemonSet:
		return &w.Spec.Template
	case *batchv1.CronJob:
		return &w.Spec.JobTemplate.Spec.Template
	}
	return nil
}

// Image is the image that a workload's template gives to its container.
func Image(workload client.Object) string { return Template(workload).Spec.Containers[0].Image }

// rolledOut says what keeps all of a workload's pods from being those of its present template.
func rolledOut(workload client.Object) string {
	switch w := workload.(type) {
	case *appsv1.Deployment:
		s, wanted := w.Status, *w.Spec.Replicas
		return unless(s.ObservedGeneration >= w.Generation &&
			s.UpdatedReplicas == wanted && s.Replicas == wanted && s.AvailableReplicas == wanted, s)
	case *appsv1.StatefulSet:
		s := w.Status
		return unless(s.ObservedGeneration >= w.Generation && s.CurrentRevision == s.UpdateRevision &&
			s.AvailableReplicas == *w.Spec.Replicas, s)
	case *appsv1.DaemonSet:
		s := w.Status
		return unless(s.ObservedGeneration >= w.Generation && s.DesiredNumberScheduled > 0 &&
			s.UpdatedNumberScheduled == s.DesiredNumberScheduled && s.NumberAvailable == s.DesiredNumberScheduled, s)
	}
	return "no workload"
}
