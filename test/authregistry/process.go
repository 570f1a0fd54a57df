package authregistry

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// process is the registry's.
type process struct {
	t testing.TB
	// accessLog is a file with a line for each request.
	accessLog string
	// address comes once; it is closed without one if the registry ended before it listened.
	address <-chan string
	// said is what the registry told of itself until then.
	said *strings.Builder
}

func launch(t testing.TB, program, settings, dir string) process {
	t.Helper()
	log, err := os.Create(filepath.Join(dir, "access.log"))
	must(t, err)
	command := exec.Command(program, "serve", settings)
	command.Stdout = log
	// The registry takes every variable whose name begins with REGISTRY for one of its settings.
	command.Env = []string{"OTEL_TRACES_EXPORTER=none"}
	words, err := command.StderrPipe()
	must(t, err)
	must(t, command.Start())
	address, said, drained := make(chan string, 1), &strings.Builder{}, make(chan struct{})
	go func() {
		defer close(drained)
		listen(words, said, address)
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-drained
		_ = command.Wait()
		_ = log.Close()
	})
	return process{t, log.Name(), address, said}
}

var listeningOn = regexp.MustCompile(`listening on ([^ ,"]+)`)

// listen looks for the address in what the registry says, and then lets it talk on.
func listen(words io.Reader, said *strings.Builder, address chan<- string) {
	lines := bufio.NewScanner(words)
	for lines.Scan() {
		if found := listeningOn.FindStringSubmatch(lines.Text()); found != nil {
			address <- found[1]
			break
		}
		said.WriteString(lines.Text() + "\n")
	}
	close(address)
	_, _ = io.Copy(io.Discard, words)
}

// listening is host:port, once the registry listens there.
func (p process) listening(within time.Duration) string {
	p.t.Helper()
	select {
	case address, ok := <-p.address:
		if !ok {
			p.t.Fatalf("the registry ended: %s", p.said)
		}
		return address
	case <-time.After(within):
		p.t.Fatalf("the registry did not listen within %s", within)
	}
	return ""
}
