package rollout

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
)

const (
	// lastWords bounds what is shown of a container's log.
	lastWords = 1024
	// logLines and logBytes bound what is read of it. The node counts bytes from the first of the last lines on, so
	// there have to be enough of them to reach the end.
	logLines = 10
	logBytes = 64 << 10
	// logTimeout is how long a node may take to answer.
	logTimeout = 5 * time.Second
)

// Logs is where the output of containers is read.
type Logs interface {
	// Tail returns the last lines that a container wrote: the one that runs, or ran last, or with previous the one
	// before it. What it returns is bounded, and nothing else is: it may be no text at all.
	Tail(ctx context.Context, namespace, pod, container string, previous bool) (string, error)
}

// NewLogs reads logs through the API server, which asks the nodes for them.
func NewLogs(cluster kubernetes.Interface) Logs {
	return clusterLogs{cluster}
}

type clusterLogs struct {
	cluster kubernetes.Interface
}

// Tail implements Logs.
func (l clusterLogs) Tail(ctx context.Context, namespace, pod, container string, previous bool) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, logTimeout)
	defer cancel()
	stream, err := l.cluster.CoreV1().Pods(namespace).GetLogs(pod, &corev1.PodLogOptions{
		Container: container, Previous: previous, TailLines: new(int64(logLines)), LimitBytes: new(int64(logBytes)),
	}).Stream(ctx)
	if err != nil {
		return "", fmt.Errorf("asking for the log of container %s of pod %s/%s: %w", container, namespace, pod, err)
	}
	defer stream.Close()
	var text bytes.Buffer
	if _, err := io.Copy(&text, io.LimitReader(stream, logBytes)); err != nil {
		return "", fmt.Errorf("reading the log of container %s of pod %s/%s: %w", container, namespace, pod, err)
	}
	return text.String(), nil
}

// LastWords is the end of what a container wrote before it ended last: text without control characters, in which what
// looks like a secret is masked. Where its log cannot be read it is what the container left as its termination message,
// and empty where there is neither. It never fails: logs are a help, and no reason to decide otherwise.
func LastWords(ctx context.Context, logs Logs, pod *corev1.Pod, container string, init bool) string {
	status := statusOf(pod, container, init)
	if status == nil {
		return ""
	}
	ended, runs := lastEnd(status)
	if ended == nil && !runs {
		return "" // it never ran
	}
	runsAgain := runs && ended != nil
	said, err := logs.Tail(ctx, pod.Namespace, pod.Name, container, runsAgain)
	if words := presentable(said); err == nil && words != "" {
		return words
	}
	if ended == nil {
		return ""
	}
	return presentable(ended.Message)
}

func statusOf(pod *corev1.Pod, container string, init bool) *corev1.ContainerStatus {
	statuses := pod.Status.ContainerStatuses
	if init {
		statuses = pod.Status.InitContainerStatuses
	}
	at := slices.IndexFunc(statuses, func(s corev1.ContainerStatus) bool { return s.Name == container })
	if at < 0 {
		return nil
	}
	return &statuses[at]
}

// lastEnd is how a container ended last, nil if it never did, and whether it runs.
func lastEnd(status *corev1.ContainerStatus) (ended *corev1.ContainerStateTerminated, runs bool) {
	if status.State.Terminated != nil {
		return status.State.Terminated, false
	}
	return status.LastTerminationState.Terminated, status.State.Running != nil
}

// colours are the sequences by which terminals are told to colour what follows, and to do other things.
var colours = regexp.MustCompile(`\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\^_])`)

// presentable is text that may be shown to whoever may read a status. What is invisible goes first: it could stand
// between a secret and what tells that it is one.
func presentable(text string) string {
	text = colours.ReplaceAllLiteralString(strings.ToValidUTF8(text, "�"), "")
	text = strings.Map(visible, text)
	return clipStart(strings.TrimSpace(Redact(text)), lastWords)
}

func visible(r rune) rune {
	if r != '\n' && r != '\t' && unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
		return -1
	}
	return r
}

// clipStart shortens text to at most limit bytes by leaving out its beginning, on a character's boundary.
func clipStart(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return "…" + strings.ToValidUTF8(text[len(text)-limit+len("…"):], "")
}
