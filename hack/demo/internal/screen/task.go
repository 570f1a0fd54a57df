package screen

import (
	"fmt"
	"sync"
	"time"
)

const (
	frameEvery = 100 * time.Millisecond // of the line that moves
	lineEvery  = 10 * time.Second       // where no line can move
)

// Task is something under way, that a person waits for.
type Task struct {
	screen  *Screen
	title   string
	started time.Time

	mu     sync.Mutex
	detail string
	result string
}

// Do does a task, with its progress on the screen while it lasts and its time when it has ended.
func (s *Screen) Do(title string, do func(*Task) error) error {
	t := &Task{screen: s, title: title, started: time.Now()}
	stop := t.show()
	err := do(t)
	stop()
	t.end(err)
	return err
}

// Detail says what is being done. It takes the place of the last detail.
func (t *Task) Detail(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.detail = fmt.Sprintf(format, args...)
}

// Result says how the task ended, for the line that stays.
func (t *Task) Result(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.result = fmt.Sprintf(format, args...)
}

// show keeps the progress on the screen until stop is called.
func (t *Task) show() (stop func()) {
	every, draw := lineEvery, t.line
	if t.screen.live {
		every, draw = frameEvery, t.frame
		t.frame(0)
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		for n := 1; ; n++ {
			select {
			case <-ticker.C:
				draw(n)
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

var frames = []rune("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏")

const clearLine = "\r\x1b[K"

// frame draws the line that moves.
func (t *Task) frame(n int) {
	text := fmt.Sprintf(" %c %s  %s%s", frames[n%len(frames)], t.title, Elapsed(time.Since(t.started)), t.about())
	fmt.Fprint(t.screen.out, clearLine, cut(text, t.screen.width()-1))
}

// line prints one line of a log.
func (t *Task) line(int) {
	fmt.Fprintf(t.screen.out, " … %s  %s%s\n", t.title, Elapsed(time.Since(t.started)), cut(t.about(), 120))
}

func (t *Task) about() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.detail == "" {
		return ""
	}
	return "  " + t.detail
}

// end leaves the line that stays.
func (t *Task) end(err error) {
	mark, c := "✓", green
	if err != nil {
		mark, c = "✗", red
	}
	if t.screen.live {
		fmt.Fprint(t.screen.out, clearLine)
	}
	text := t.title
	if t.result != "" && err == nil {
		text += ": " + t.result
	}
	took := t.screen.paint(dim, "("+Elapsed(time.Since(t.started))+")")
	fmt.Fprintf(t.screen.out, " %s %s %s\n", t.screen.paint(c, mark), text, took)
}
