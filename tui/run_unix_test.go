//go:build unix

package tui

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/term"

	"ronda/internal/fold"
)

// wall is a terminal that remembers what was written to it and answers as one does.
type wall struct {
	tty, ptm *os.File
	before   *term.State
	mu       sync.Mutex
	written  bytes.Buffer
	closed   chan struct{}
}

func newWall(t *testing.T) *wall {
	t.Helper()
	ptm, tty, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := pty.Setsize(ptm, &pty.Winsize{Rows: 24, Cols: 80}); err != nil {
		t.Fatal(err)
	}
	w := &wall{tty: tty, ptm: ptm, closed: make(chan struct{})}
	if w.before, err = term.GetState(int(tty.Fd())); err != nil {
		t.Fatal(err)
	}
	go w.listen()
	t.Cleanup(func() {
		_ = tty.Close()
		_ = ptm.Close()
		<-w.closed
	})
	return w
}

func (w *wall) listen() {
	defer close(w.closed)
	answers := map[string]string{"\x1b[?2026$p": "\x1b[?2026;2$y", "\x1b]11;?": "\x1b]11;rgb:1111/1111/1111\x07"}
	buf := make([]byte, 32<<10)
	for {
		n, err := w.ptm.Read(buf)
		w.mu.Lock()
		w.written.Write(buf[:n])
		all := w.written.String()
		w.mu.Unlock()
		for ask, answer := range answers {
			if strings.Contains(all, ask) {
				delete(answers, ask)
				if _, err := io.WriteString(w.ptm, answer); err != nil {
					return
				}
			}
		}
		if err != nil {
			return
		}
	}
}

func (w *wall) text() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written.String()
}

// await waits until text stands in what was written.
func (w *wall) await(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !strings.Contains(w.text(), text); {
		if time.Now().After(deadline) {
			t.Fatalf("%q was not written; written: %q", text, w.text())
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (w *wall) press(t *testing.T, keys string) {
	t.Helper()
	if _, err := io.WriteString(w.ptm, keys); err != nil {
		t.Fatal(err)
	}
}

// requireRestored looks at what a shell would find afterwards.
func (w *wall) requireRestored(t *testing.T) {
	t.Helper()
	after, err := term.GetState(int(w.tty.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	if *after != *w.before {
		t.Error("the terminal's mode was not restored")
	}
	w.await(t, "\x1b[?1049l")
	all := w.text()
	for on, off := range map[string]string{
		"\x1b[?1049h": "\x1b[?1049l", // the other screen
		"\x1b[?25l":   "\x1b[?25h",   // no cursor
		"\x1b[?1002h": "\x1b[?1002l", // the mouse
		"\x1b[?2004h": "\x1b[?2004l", // marked paste
	} {
		if strings.LastIndex(all, off) < strings.LastIndex(all, on) {
			t.Errorf("%q was not undone", on)
		}
	}
}

// config is what the wall shows.
func (w *wall) config() Config {
	snap, began := sketch(), time.Now()
	return Config{
		Snapshot: func() *fold.Snapshot { return snap },
		Do:       func(Intent) {},
		Now:      func() time.Time { return night().Add(time.Since(began)) },
		Location: time.UTC,
		Input:    w.tty,
		Output:   w.tty,
		Environ:  []string{"TERM=xterm-256color", "SSH_TTY=/dev/pts/9"},
	}
}

// start runs the screen and returns how it ended.
func start(ctx context.Context, cfg Config) <-chan error {
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, cfg) }()
	return ended
}

func requireEnded(t *testing.T, ended <-chan error) error {
	t.Helper()
	select {
	case err := <-ended:
		return err
	case <-time.After(30 * time.Second):
		t.Fatal("the screen does not end")
		return nil
	}
}

func TestRunOnATerminal(t *testing.T) {
	w := newWall(t)
	cfg := w.config()
	asked := make(chan Intent, 1)
	cfg.Do = func(i Intent) { asked <- i }
	ended := start(t.Context(), cfg)
	w.await(t, "schema upgrade")
	w.await(t, "\x1b[?2026h") // frames are not torn, though SSH_TTY is set
	if err := pty.Setsize(w.ptm, &pty.Winsize{Rows: 50, Cols: 170}); err != nil {
		t.Fatal(err)
	}
	// The kernel tells only the processes of a terminal of its new size; this test is not one of them.
	if err := syscall.Kill(os.Getpid(), syscall.SIGWINCH); err != nil {
		t.Fatal(err)
	}
	w.await(t, "performance_schema") // only seen where the evidence stands beside the log
	w.press(t, "q")
	if err := requireEnded(t, ended); err != nil {
		t.Fatal(err)
	}
	if got := <-asked; got != Intent(Quit{}) {
		t.Fatalf("asked for %#v", got)
	}
	w.requireRestored(t)
}

func TestRunEndsWithItsContext(t *testing.T) {
	w := newWall(t)
	ctx, cancel := context.WithCancel(t.Context())
	ended := start(ctx, w.config())
	w.await(t, "schema upgrade")
	cancel()
	if err := requireEnded(t, ended); err != nil {
		t.Fatal(err)
	}
	w.requireRestored(t)
}

func TestRunRestoresTheTerminalAfterAPanic(t *testing.T) {
	for name, breakIt := range map[string]func(*Config, *atomic.Bool){
		"in Do": func(c *Config, _ *atomic.Bool) { c.Do = func(Intent) { panic("on purpose") } },
		"in Snapshot": func(c *Config, pressed *atomic.Bool) {
			whole := c.Snapshot
			c.Snapshot = func() *fold.Snapshot {
				if pressed.Load() {
					panic("on purpose")
				}
				return whole()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWall(t)
			cfg := w.config()
			var pressed atomic.Bool
			breakIt(&cfg, &pressed)
			ended := start(t.Context(), cfg)
			w.await(t, "schema upgrade")
			pressed.Store(true)
			w.press(t, "r")
			err := requireEnded(t, ended)
			if err == nil || !strings.Contains(err.Error(), "show the screen: panic: on purpose\n") {
				t.Fatalf("a panic is not told: %v", err)
			}
			w.requireRestored(t)
		})
	}
}

// stuck is an output that takes one write and then no more, until it is freed.
type stuck struct {
	reached, free chan struct{}
	writes        int
}

func (s *stuck) Write(p []byte) (int, error) {
	if s.writes++; s.writes == 2 {
		close(s.reached)
		<-s.free
	}
	return len(p), nil
}

// A closed laptop: the watch must end all the same, for the record to be closed.
func TestRunGivesUpATerminalThatDoesNotRead(t *testing.T) {
	in, typed, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = typed.Close() }()
	out := &stuck{reached: make(chan struct{}), free: make(chan struct{})}
	defer close(out.free)
	cfg := (&wall{}).config()
	cfg.Input, cfg.Output = in, out
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := start(ctx, cfg)
	select {
	case <-out.reached:
	case <-time.After(30 * time.Second):
		t.Fatal("nothing was drawn")
	}
	cancel()
	if err := requireEnded(t, ended); !errors.Is(err, errStuck) {
		t.Fatalf("ended with %v", err)
	}
}
