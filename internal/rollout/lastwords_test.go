package rollout

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// nodes answers as the API server does, with a log for each of the two containers that a name stands for.
type nodes struct {
	current, previous string
	status            int
	asked             []string
}

func (n *nodes) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n.asked = append(n.asked, r.URL.String())
	if n.status != 0 {
		http.Error(w, "no", n.status)
		return
	}
	text := n.current
	if r.URL.Query().Get("previous") == "true" {
		text = n.previous
	}
	fmt.Fprint(w, text)
}

func (n *nodes) logs(t *testing.T) Logs {
	t.Helper()
	server := httptest.NewServer(n)
	t.Cleanup(server.Close)
	cluster, err := kubernetes.NewForConfig(&rest.Config{Host: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	return NewLogs(cluster)
}

// broken are logs that are read in part, or not at all.
type broken struct{}

func (broken) Tail(context.Context, string, string, string, bool) (string, error) {
	return "half a li", errors.New("the connection broke")
}

func saying(status corev1.ContainerStatus) *corev1.Pod {
	status.Name = "app"
	return &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "api-0"},
		Status:     corev1.PodStatus{ContainerStatuses: []corev1.ContainerStatus{{Name: "proxy"}, status}},
	}
}

var (
	isRunning = corev1.ContainerState{Running: &corev1.ContainerStateRunning{}}
	isWaiting = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: "CrashLoopBackOff"}}
	hasEnded  = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{ExitCode: 1, Message: "left behind token=abc"}}
)

func TestLastWords(t *testing.T) {
	for sentence, test := range map[string]struct {
		nodes nodes
		state corev1.ContainerStatus
		words string
		asked int
	}{
		"of a container that has ended":                  {nodes{current: "boom\n"}, corev1.ContainerStatus{State: hasEnded}, "boom", 1},
		"of one that waits to be started again":          {nodes{current: "boom", previous: "older"}, corev1.ContainerStatus{State: isWaiting, LastTerminationState: hasEnded}, "boom", 1},
		"of the one before, where it runs again":         {nodes{current: "starting", previous: "boom"}, corev1.ContainerStatus{State: isRunning, LastTerminationState: hasEnded}, "boom", 1},
		"of one that runs and never ended":               {nodes{current: "not ready yet"}, corev1.ContainerStatus{State: isRunning}, "not ready yet", 1},
		"of one that never ran nobody is asked":          {nodes{current: "boom"}, corev1.ContainerStatus{State: isWaiting}, "", 0},
		"of one that wrote nothing what it left behind":  {nodes{}, corev1.ContainerStatus{State: hasEnded}, "left behind token=***", 1},
		"where there are no logs what it left behind":    {nodes{status: 500}, corev1.ContainerStatus{State: isWaiting, LastTerminationState: hasEnded}, "left behind token=***", 1},
		"nothing where there is neither":                 {nodes{status: 403}, corev1.ContainerStatus{State: isRunning}, "", 1},
		"with what is secret masked":                     {nodes{current: "login with password=hunter2"}, corev1.ContainerStatus{State: hasEnded}, "login with password=***", 1},
		"with a secret that colours hide":                {nodes{current: "pass\x00word\x1b[32m=\x1b[0m\u200bhunter2"}, corev1.ContainerStatus{State: hasEnded}, "password=***", 1},
		"without control characters":                     {nodes{current: "\x1b]0;title\x07a\x1b[1;31mb\x1b[0m\r\n\tc\x08\u202e"}, corev1.ContainerStatus{State: hasEnded}, "ab\n\tc", 1},
		"as valid text":                                  {nodes{current: "a\xff\xfeb"}, corev1.ContainerStatus{State: hasEnded}, "a�b", 1},
		"of one that wrote nothing but what is not seen": {nodes{current: "\n\x1b[0m \n"}, corev1.ContainerStatus{State: hasEnded}, "left behind token=***", 1},
	} {
		t.Run(sentence, func(t *testing.T) {
			words := LastWords(t.Context(), test.nodes.logs(t), saying(test.state), "app", false)
			if words != test.words || len(test.nodes.asked) != test.asked {
				t.Errorf("they are %q after %d questions, want %q after %d", words, len(test.nodes.asked), test.words, test.asked)
			}
		})
	}
}

func TestLastWordsAreTheEnd(t *testing.T) {
	for sentence, text := range map[string]string{
		"of many lines":         strings.Repeat("a line of the log\n", 500) + "the end",
		"of one long line":      strings.Repeat("x", 100<<10),
		"of wide characters":    strings.Repeat("日本語", 1000) + "the end",
		"of what becomes wider": strings.Repeat("a\xff", 500) + "the end",
	} {
		t.Run(sentence, func(t *testing.T) {
			n := &nodes{current: text}
			words := LastWords(t.Context(), n.logs(t), saying(corev1.ContainerStatus{State: hasEnded}), "app", false)
			if len(words) > lastWords || len(words) < lastWords-8 || !utf8.ValidString(words) || !strings.HasPrefix(words, "…") {
				t.Errorf("they are %d bytes: %q", len(words), words)
			}
			if strings.HasSuffix(text, "the end") && !strings.HasSuffix(words, "the end") {
				t.Errorf("they end in %q", words[len(words)-20:])
			}
		})
	}
}

func TestWhatIsAskedForIsLittle(t *testing.T) {
	n := &nodes{}
	LastWords(t.Context(), n.logs(t), saying(corev1.ContainerStatus{State: isRunning, LastTerminationState: hasEnded}), "app", false)
	want := "/api/v1/namespaces/shop/pods/api-0/log?container=app&limitBytes=65536&previous=true&tailLines=10"
	if len(n.asked) != 1 || n.asked[0] != want {
		t.Errorf("asked for is %q, want %q", n.asked, want)
	}
}

func TestLastWordsOfOtherContainers(t *testing.T) {
	n := &nodes{current: "boom"}
	pod := saying(corev1.ContainerStatus{State: hasEnded})
	pod.Status.InitContainerStatuses = []corev1.ContainerStatus{{Name: "setup", State: hasEnded}}
	if words := LastWords(t.Context(), n.logs(t), pod, "setup", true); words != "boom" {
		t.Errorf("those of an init container are %q", words)
	}
	if words := LastWords(t.Context(), n.logs(t), pod, "setup", false); words != "" {
		t.Errorf("those of a container that there is not are %q", words)
	}
}

func TestLogsThatBreakOffAreNoLastWords(t *testing.T) {
	if words := LastWords(t.Context(), broken{}, saying(corev1.ContainerStatus{State: hasEnded}), "app", false); words != "left behind token=***" {
		t.Errorf("they are %q", words)
	}
	if words := LastWords(t.Context(), broken{}, saying(corev1.ContainerStatus{State: isRunning}), "app", false); words != "" {
		t.Errorf("they are %q, want none", words)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	n := &nodes{current: "boom"}
	if words := LastWords(ctx, n.logs(t), saying(corev1.ContainerStatus{State: isRunning}), "app", false); words != "" {
		t.Errorf("of one who cannot wait they are %q", words)
	}
}
