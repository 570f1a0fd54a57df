package screen

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestALogHasALineForWhatEnded(t *testing.T) {
	var out bytes.Buffer
	s := &Screen{out: &out}
	s.Chapter("One")
	if err := s.Do("Made it", func(t *Task) error { t.Result("well"); return nil }); err != nil {
		t.Fatal(err)
	}
	failure := errors.New("no")
	if err := s.Do("Broke it", func(*Task) error { return failure }); !errors.Is(err, failure) {
		t.Errorf("got %v", err)
	}
	want := "\n1. One\n ✓ Made it: well (0.0 s)\n ✗ Broke it (0.0 s)\n"
	if out.String() != want {
		t.Errorf("got %q, want %q", out.String(), want)
	}
}

func TestATerminalsLineIsNoWiderThanTheTerminal(t *testing.T) {
	var out bytes.Buffer
	task := &Task{
		screen: &Screen{out: &out, live: true, width: func() int { return 30 }},
		title:  "Building", detail: "a step whose command is very long indeed", started: time.Now(),
	}
	task.frame(3)
	line := strings.TrimPrefix(out.String(), clearLine)
	if n := len([]rune(line)); n != 29 || !strings.HasSuffix(line, "…") {
		t.Errorf("%d characters: %q", n, line)
	}
}

func TestACommandThatFailsShowsItsLastWords(t *testing.T) {
	s := &Screen{out: &bytes.Buffer{}}
	err := s.Do("Tried", func(t *Task) error {
		return t.Run(context.Background(), "sh", "-c", "for i in $(seq 50); do echo line $i; done; echo it broke >&2; exit 3")
	})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{"exit status 3", "line 50\nit broke"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is missing in %q", want, err)
		}
	}
	if strings.Contains(err.Error(), "line 20\n") {
		t.Errorf("it shows too much: %q", err)
	}
}

func TestElapsed(t *testing.T) {
	for d, want := range map[time.Duration]string{
		1234 * time.Millisecond: "1.2 s", 42 * time.Second: "42 s", 125 * time.Second: "2 min 05 s",
	} {
		if got := Elapsed(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}

func TestTableAlignsItsColumns(t *testing.T) {
	got := Table([][]string{{"PACKAGE", "NOW"}, {"a", "1.0"}})
	if want := "PACKAGE  NOW\na        1.0\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
