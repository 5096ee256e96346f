package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"time"

	"ronda/internal/host/agent"
	"ronda/internal/observe"
)

// readerSlot holds the agent that reads the files of a connection: one shell for all of them.
type readerSlot struct {
	busy   chan struct{} // holds a token while the agent is looked up or started
	agent  *agent.Agent
	err    error // why the last start failed
	failed time.Time
}

// startAgain is how long a host that starts no agent is left alone.
const startAgain = 30 * time.Second

// agent returns the connection's agent, and starts it when there is none.
func (c *connection) agent(ctx context.Context) (*agent.Agent, error) {
	select {
	case c.reader.busy <- struct{}{}:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	defer func() { <-c.reader.busy }()
	r := &c.reader
	if r.agent != nil && !ended(r.agent) {
		return r.agent, nil
	}
	if r.err != nil && time.Since(r.failed) < startAgain {
		return nil, r.err
	}
	r.agent, r.err = c.startAgent(ctx)
	r.failed = time.Now()
	if ctx.Err() != nil {
		r.err = nil // the caller's patience ended, which says nothing about the host
		return r.agent, context.Cause(ctx)
	}
	return r.agent, r.err
}

func ended(a *agent.Agent) bool {
	select {
	case <-a.Done():
		return true
	default:
		return false
	}
}

func (c *connection) startAgent(ctx context.Context) (*agent.Agent, error) {
	ch, err := c.openChannel(ctx, "exec /bin/sh", true)
	if err != nil {
		return nil, fmt.Errorf("start reading files: %w", err)
	}
	// What the shell complains of must be read, and says nothing that the answers do not say.
	c.spawn(func() { _, _ = io.Copy(io.Discard, ch.Stderr) })
	a, err := agent.Start(ctx, ch.Stdin, ch.Stdout, agent.Options{})
	if err != nil {
		_ = ch.Close()
		return nil, fmt.Errorf("start reading files: %w", err)
	}
	if !c.spawn(func() { <-a.Done(); _ = a.Close(); _ = ch.Close() }) {
		_ = a.Close()
		_ = ch.Close()
	}
	return a, nil
}

// errReader is a host whose agent ends as often as it is started.
var errReader = errors.New("the shell that reads files ends again and again")

// ask runs a question on the agent of the connection that is up. When the connection or the agent ends under
// it, it waits for the next and asks again: the question does not depend on what was open before.
func ask[T any](ctx context.Context, h *SSH, question func(*agent.Agent) (T, error)) (answer T, err error) {
	const most = 4
	for range most {
		conn, err := h.link(ctx)
		if err != nil {
			return answer, err
		}
		a, err := conn.agent(ctx)
		if err == nil {
			answer, err = question(a)
		}
		switch {
		case err == nil:
			return answer, nil
		case ctx.Err() != nil, a != nil && !ended(a), a == nil && !conn.ended():
			return answer, fmt.Errorf("%s: %w", h.cfg.Name, err)
		}
		conn.settle(ctx)
	}
	return answer, fmt.Errorf("%s: %w", h.cfg.Name, errReader)
}

// ended tells whether the connection is gone.
func (c *connection) ended() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

// settle gives Keep the time to notice that the connection under a dead agent is gone.
func (c *connection) settle(ctx context.Context) {
	timer := time.NewTimer(100 * time.Millisecond)
	defer timer.Stop()
	select {
	case <-c.gone:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// fileTable gives numbers to files that are open over an agent. The files of an agent that has ended are
// closed with it. The zero value is ready.
type fileTable struct {
	mu   sync.Mutex
	next int
	open map[int]agentFile
}

type agentFile struct {
	agent  *agent.Agent
	handle int
}

func (t *fileTable) add(f agentFile) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.open == nil {
		t.open = map[int]agentFile{}
	}
	for number, old := range t.open {
		if old.agent != f.agent && ended(old.agent) {
			delete(t.open, number)
		}
	}
	t.next++
	t.open[t.next] = f
	return t.next
}

func (t *fileTable) get(number int) (agentFile, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.open[number]
	return f, ok
}

func (t *fileTable) remove(number int) (agentFile, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f, ok := t.open[number]
	delete(t.open, number)
	return f, ok
}

// OpenFile opens a regular file for reading, as watchers.Files has it.
func (h *SSH) OpenFile(ctx context.Context, path string) (int, observe.FileInfo, error) {
	type opened struct {
		file agentFile
		info observe.FileInfo
	}
	o, err := ask(ctx, h, func(a *agent.Agent) (opened, error) {
		handle, info, err := a.OpenFile(ctx, path)
		return opened{agentFile{a, handle}, info}, err
	})
	if err != nil {
		return 0, observe.FileInfo{}, err
	}
	return h.files.add(o.file), o.info, nil
}

// ReadFile looks at an open file, as watchers.Files has it. A handle does not outlive the connection it was
// opened over; the error then matches fs.ErrClosed.
func (h *SSH) ReadFile(ctx context.Context, handle int, off int64, limit int) (observe.FileRead, error) {
	f, ok := h.files.get(handle)
	if ok {
		read, err := f.agent.ReadFile(ctx, f.handle, off, limit)
		switch {
		case err == nil:
			return read, nil
		case !ended(f.agent) || ctx.Err() != nil:
			return read, fmt.Errorf("%s: %w", h.cfg.Name, err)
		}
		h.files.remove(handle)
	}
	if _, err := h.link(ctx); err != nil { // wait, so that the caller opens again when that can succeed
		return observe.FileRead{}, err
	}
	return observe.FileRead{}, fmt.Errorf("%s: the file was open over a link that is gone: %w", h.cfg.Name, fs.ErrClosed)
}

// CloseFile gives a handle back. An unknown one is ignored.
func (h *SSH) CloseFile(handle int) {
	if f, ok := h.files.remove(handle); ok {
		f.agent.CloseFile(f.handle)
	}
}

// Siblings lists the files beside a log that are older parts of it, as watchers.Files has it.
func (h *SSH) Siblings(ctx context.Context, path string) ([]observe.FileInfo, error) {
	return ask(ctx, h, func(a *agent.Agent) ([]observe.FileInfo, error) { return a.Siblings(ctx, path) })
}

// ReadFiles returns the text of small files, as watchers.Procs has it.
func (h *SSH) ReadFiles(ctx context.Context, patterns ...string) (map[string]string, error) {
	return ask(ctx, h, func(a *agent.Agent) (map[string]string, error) { return a.ReadFiles(ctx, patterns...) })
}

// ReadLinks returns where symbolic links point, as watchers.Procs has it.
func (h *SSH) ReadLinks(ctx context.Context, dirs ...string) (map[string]string, error) {
	return ask(ctx, h, func(a *agent.Agent) (map[string]string, error) { return a.ReadLinks(ctx, dirs...) })
}

// Holders returns who holds a file open, as watchers.Procs has it.
func (h *SSH) Holders(ctx context.Context, path string) ([]int, error) {
	return ask(ctx, h, func(a *agent.Agent) ([]int, error) { return a.Holders(ctx, path) })
}

// StatFiles returns what files are, as watchers.Procs has it.
func (h *SSH) StatFiles(ctx context.Context, paths ...string) (map[string]observe.FileInfo, error) {
	return ask(ctx, h, func(a *agent.Agent) (map[string]observe.FileInfo, error) { return a.StatFiles(ctx, paths...) })
}
