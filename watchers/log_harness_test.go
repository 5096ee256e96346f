//go:build unix

package watchers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ronda/internal/observe"
)

// logtestFiles are the files of this machine, behind a link that a test can lose.
type logtestFiles struct {
	mu     sync.Mutex
	open   map[int]*os.File
	next   int
	up     chan struct{} // closed while the link is up
	denied bool
	loses  func() bool // asked before each read: is the handle lost?
	reads  int
}

var _ Files = (*logtestFiles)(nil)

func newLogtestFiles() *logtestFiles {
	up := make(chan struct{})
	close(up)
	return &logtestFiles{open: map[int]*os.File{}, up: up}
}

// cut loses the link, with all handles; calls wait from now on.
func (f *logtestFiles) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.up = make(chan struct{})
	for h, file := range f.open {
		_ = file.Close()
		delete(f.open, h)
	}
}

// mend brings the link back.
func (f *logtestFiles) mend() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.up)
}

func (f *logtestFiles) isUp() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.up:
		return true
	default:
		return false
	}
}

// count returns how many reads there were.
func (f *logtestFiles) count() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.reads
}

// untilReads waits for n more reads.
func (f *logtestFiles) untilReads(t *testing.T, n int) {
	t.Helper()
	for began := f.count(); f.count() < began+n; {
		logtestMust(t, sleep(t.Context(), time.Millisecond))
	}
}

func (f *logtestFiles) deny(denied bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.denied = denied
}

func (f *logtestFiles) wait(ctx context.Context) error {
	f.mu.Lock()
	up := f.up
	f.mu.Unlock()
	select {
	case <-up:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func logtestInfo(path string, info os.FileInfo) observe.FileInfo {
	st := info.Sys().(*syscall.Stat_t)
	return observe.FileInfo{Path: path, Ident: fmt.Sprintf("%d:%d", st.Dev, st.Ino), Size: info.Size(), Modified: info.ModTime()}
}

func (f *logtestFiles) OpenFile(ctx context.Context, path string) (int, observe.FileInfo, error) {
	if err := f.wait(ctx); err != nil {
		return 0, observe.FileInfo{}, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.denied {
		return 0, observe.FileInfo{}, &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
	}
	file, err := os.Open(path)
	if err != nil {
		return 0, observe.FileInfo{}, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("open %s: not a regular file", path)
	}
	if err != nil {
		_ = file.Close()
		return 0, observe.FileInfo{}, err
	}
	f.next++
	f.open[f.next] = file
	return f.next, logtestInfo(path, info), nil
}

func (f *logtestFiles) ReadFile(ctx context.Context, handle int, off int64, limit int) (observe.FileRead, error) {
	if err := f.wait(ctx); err != nil {
		return observe.FileRead{}, err
	}
	f.mu.Lock()
	f.reads++
	file := f.open[handle]
	if file != nil && f.loses != nil && f.loses() {
		_ = file.Close()
		delete(f.open, handle)
		file = nil
	}
	f.mu.Unlock()
	if file == nil {
		return observe.FileRead{}, fmt.Errorf("read handle %d: %w", handle, fs.ErrClosed)
	}
	info, err := file.Stat()
	if err != nil {
		return observe.FileRead{}, err
	}
	r := observe.FileRead{File: logtestInfo(file.Name(), info)}
	r.Data = make([]byte, max(0, min(int64(limit), info.Size()-off)))
	n, err := file.ReadAt(r.Data, off)
	if err != nil && !errors.Is(err, io.EOF) {
		return observe.FileRead{}, err
	}
	r.Data = r.Data[:n]
	if info, err := os.Stat(file.Name()); err == nil {
		at := logtestInfo(file.Name(), info)
		r.Path = &at
	}
	return r, nil
}

func (f *logtestFiles) CloseFile(handle int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if file := f.open[handle]; file != nil {
		_ = file.Close()
		delete(f.open, handle)
	}
}

func (f *logtestFiles) Siblings(ctx context.Context, path string) ([]observe.FileInfo, error) {
	if err := f.wait(ctx); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	var found []observe.FileInfo
	for _, e := range entries {
		info, err := e.Info()
		if err != nil || !info.Mode().IsRegular() || e.Name() == filepath.Base(path) ||
			!strings.HasPrefix(e.Name(), filepath.Base(path)) || strings.HasSuffix(e.Name(), ".gz") {
			continue
		}
		found = append(found, logtestInfo(filepath.Join(filepath.Dir(path), e.Name()), info))
	}
	slices.SortFunc(found, func(a, b observe.FileInfo) int { return b.Modified.Compare(a.Modified) })
	return found, nil
}

// logtestRun is a watcher that runs, and what it has emitted.
type logtestRun struct {
	t    *testing.T
	mu   sync.Mutex
	seen []observe.Payload
	more chan struct{} // has something in it when there is more

	cancel context.CancelFunc
	done   chan error
}

// logtestStart runs the watcher until the test ends, or until stop.
func logtestStart(t *testing.T, run func(context.Context, Emit) error) *logtestRun {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r := &logtestRun{t: t, more: make(chan struct{}, 1), cancel: cancel, done: make(chan error, 1)}
	go func() { r.done <- run(ctx, r.emit) }()
	t.Cleanup(r.stop)
	return r
}

// logtestFollow follows a log with files and a quick clock.
func logtestFollow(t *testing.T, cfg LogConfig) *logtestRun {
	t.Helper()
	if cfg.Wake == nil {
		cfg.Wake = &Every{Busy: 2 * time.Millisecond, Idle: 2 * time.Millisecond}
	}
	if files, ok := cfg.Files.(*logtestFiles); ok {
		t.Cleanup(func() {
			if n := len(files.open); n > 0 {
				t.Errorf("%d handles were not given back", n)
			}
		})
	}
	return logtestStart(t, NewLog(cfg).Run)
}

func (r *logtestRun) emit(batch ...observe.Payload) {
	r.mu.Lock()
	r.seen = append(r.seen, batch...)
	r.mu.Unlock()
	select {
	case r.more <- struct{}{}:
	default:
	}
}

// stop ends the watcher and waits for it.
func (r *logtestRun) stop() {
	r.cancel()
	if r.done == nil {
		return
	}
	if err := <-r.done; err != nil {
		r.t.Errorf("Run: %v", err)
	}
	r.done = nil
}

func (r *logtestRun) all() []observe.Payload {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.seen)
}

// lines returns the texts of the lines that have ended.
func (r *logtestRun) lines() (texts []string) {
	for _, p := range r.all() {
		if l, ok := p.(observe.Line); ok && !l.Partial {
			texts = append(texts, l.Text)
		}
	}
	return texts
}

// until waits until ok holds for what was emitted.
func (r *logtestRun) until(what string, ok func(seen []observe.Payload) bool) {
	r.t.Helper()
	deadline := time.After(30 * time.Second)
	for {
		if ok(r.all()) {
			return
		}
		select {
		case <-r.more:
		case <-deadline:
			r.t.Fatalf("waited in vain for %s; seen:\n%s", what, r.dump())
		}
	}
}

// want waits for exactly these lines that have ended.
func (r *logtestRun) want(lines ...string) {
	r.t.Helper()
	r.until(fmt.Sprintf("lines %q", lines), func([]observe.Payload) bool { return len(r.lines()) >= len(lines) })
	if got := r.lines(); !slices.Equal(got, lines) {
		r.t.Fatalf("lines\n got %q\nwant %q\nseen:\n%s", got, lines, r.dump())
	}
}

// untilLine waits until the newest thing emitted is such a line.
func (r *logtestRun) untilLine(what string, ok func(observe.Line) bool) {
	r.t.Helper()
	r.until(what, func(seen []observe.Payload) bool {
		if len(seen) == 0 {
			return false
		}
		l, isLine := seen[len(seen)-1].(observe.Line)
		return isLine && ok(l)
	})
}

// skips returns the skipped ranges.
func (r *logtestRun) skips() (skips []observe.Skip) {
	for _, p := range r.all() {
		if s, ok := p.(observe.Skip); ok {
			skips = append(skips, s)
		}
	}
	return skips
}

// untilSource waits until the source is in a state for a reason that holds why.
func (r *logtestRun) untilSource(state observe.SourceState, why string) {
	r.t.Helper()
	r.until(fmt.Sprintf("source %s: %s", state, why), func(seen []observe.Payload) bool {
		for _, p := range slices.Backward(seen) {
			if s, ok := p.(observe.Source); ok {
				return s.State == state && strings.Contains(s.Why, why)
			}
		}
		return false
	})
}

// dump shows the last of what was emitted.
func (r *logtestRun) dump() string {
	var b strings.Builder
	seen := r.all()
	for _, p := range seen[max(0, len(seen)-40):] {
		fmt.Fprintf(&b, "  %.300s\n", fmt.Sprintf("%+v", p))
	}
	return b.String()
}

// logtestWrite appends to a file, as a program does that opens its log for each line.
func logtestWrite(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// logtestMust fails the test when one of the errors is not nil.
func logtestMust(t *testing.T, errs ...error) {
	t.Helper()
	if err := errors.Join(errs...); err != nil {
		t.Fatal(err)
	}
}
