//go:build linux

package agent_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"ronda/internal/host/agent"
)

// packet is what n bytes of content cost on a link: the packet of SSH with aes128-gcm (its length, the padded
// rest, the tag) and the headers of IPv4 and of TCP with timestamps.
func packet(n int) int {
	rest := 1 + 1 + 4 + 4 + n // padding length, type, channel, length, content
	pad := 16 - rest%16
	if pad < 4 {
		pad += 16
	}
	return headers + 4 + rest + pad + 16
}

const headers = 20 + 32

// meter counts packets as an SSH connection would send them: one for each write, one for each piece that
// arrives. An answer is acknowledged by itself, a request by its answer.
type meter struct {
	io.WriteCloser
	io.ReadCloser

	mu              sync.Mutex
	up, down, bytes int
}

func (m *meter) Write(p []byte) (int, error) {
	m.count(&m.up, packet(len(p)))
	return m.WriteCloser.Write(p)
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	if n > 0 {
		m.count(&m.down, packet(n)+headers)
	}
	return n, err
}

func (m *meter) count(packets *int, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	*packets++
	m.bytes += bytes
}

func (m *meter) Close() error { return m.WriteCloser.Close() }

func (m *meter) reset() (up, down, bytes int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	defer func() { m.up, m.down, m.bytes = 0, 0, 0 }()
	return m.up, m.down, m.bytes
}

// idle are the questions of a night in which nothing happens: a log, and a sample of fifteen files.
type idle struct {
	a      *agent.Agent
	log    int
	end    int64
	sample []string
}

func idling(tb testing.TB, a *agent.Agent) idle {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "upgrade.log")
	if err := os.WriteFile(path, make([]byte, 100_000), 0o600); err != nil {
		tb.Fatal(err)
	}
	h, info, err := a.OpenFile(tb.Context(), path)
	if err != nil {
		tb.Fatal(err)
	}
	i := idle{a: a, log: h, end: info.Size}
	for range 3 {
		worker := exec.CommandContext(tb.Context(), "sleep", "600")
		if err := worker.Start(); err != nil {
			tb.Fatal(err)
		}
		tb.Cleanup(func() { _, _ = worker.Process.Kill(), worker.Wait() }) // it is to be gone, that is all
		for _, name := range []string{"stat", "io", "wchan", "syscall", "cgroup"} {
			i.sample = append(i.sample, fmt.Sprintf("/proc/%d/%s", worker.Process.Pid, name))
		}
	}
	return i
}

func (i idle) look(ctx context.Context) error {
	_, err := i.a.ReadFile(ctx, i.log, i.end, 256<<10)
	return err
}

func (i idle) take(ctx context.Context) error {
	files, err := i.a.ReadFiles(ctx, i.sample...)
	if err == nil && len(files) != len(i.sample) {
		err = fmt.Errorf("%d of %d files: %v", len(files), len(i.sample), files)
	}
	return err
}

// An idle link costs at most 400 bytes a second in all, though log and sample are asked at moments of their
// own: one by the clock, one a second after its last answer.
func TestIdleLinkIsCheap(t *testing.T) {
	t.Parallel()
	f := shells(t)[0].prepare(t)
	f.run(t)
	m := &meter{WriteCloser: f.stdin, ReadCloser: f.stdout}
	a, err := agent.Start(t.Context(), m, m, agent.Options{Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	i := idling(t, a)
	ctx, cancel := context.WithCancel(t.Context())
	var pollers sync.WaitGroup
	poll := func(ask func(context.Context) error, pause func()) {
		pollers.Go(func() {
			for pause(); ctx.Err() == nil; pause() {
				if err := ask(ctx); err != nil && ctx.Err() == nil {
					t.Error(err)
				}
			}
		})
	}
	clock := time.NewTicker(time.Second)
	defer clock.Stop()
	poll(i.take, func() { <-clock.C })
	<-time.After(700 * time.Millisecond)
	poll(i.look, func() { <-time.After(time.Second) })
	<-time.After(4 * time.Second) // until they know each other's step
	rate := 0.0
	for range 3 { // on a busy machine they may lose step once
		m.reset()
		start := time.Now()
		<-time.After(6 * time.Second)
		up, down, bytes := m.reset()
		rate = float64(bytes) / time.Since(start).Seconds()
		t.Logf("%d packets up, %d down, %.0f bytes a second with SSH, TCP and IP", up, down, rate)
		if rate <= 400 && up > 0 {
			break
		}
	}
	if rate > 400 || rate == 0 {
		t.Errorf("an idle link costs %.0f bytes a second", rate)
	}
	cancel()
	pollers.Wait()
}

// BenchmarkIdle is what an idle night costs the host: once a second a look at a log and a sample of fifteen
// files, with what the shell and its children use of a processor. Run it for half a minute:
//
//	go test -run '^$' -bench Idle -benchtime 30x ./internal/host/agent
func BenchmarkIdle(b *testing.B) {
	for _, s := range shells(b) {
		b.Run(s.name, func(b *testing.B) {
			used := func(n int) time.Duration {
				f := s.prepare(b)
				f.run(b)
				a, err := agent.Start(b.Context(), f.stdin, f.stdout, agent.Options{Patience: time.Minute})
				if err != nil {
					b.Fatal(err)
				}
				i := idling(b, a)
				for range n {
					<-time.After(time.Second)
					if err := i.look(b.Context()); err != nil {
						b.Fatal(err)
					}
					if err := i.take(b.Context()); err != nil {
						b.Fatal(err)
					}
				}
				if err := a.Close(); err != nil {
					b.Fatal(err)
				}
				_ = f.cmd.Wait() // it ends by itself
				return f.cmd.ProcessState.UserTime() + f.cmd.ProcessState.SystemTime()
			}
			idle := used(0)
			night := used(b.N)
			b.ReportMetric((night-idle).Seconds()*1e3/float64(b.N), "cpu-ms/s")
			b.ReportMetric(idle.Seconds()*1e3, "start-cpu-ms")
		})
	}
}

// BenchmarkRead reads a log of 64 MiB from its start, in pieces of 256 KiB, as after a night without a link.
func BenchmarkRead(b *testing.B) {
	path := filepath.Join(b.TempDir(), "x.log")
	const size, piece = 64 << 20, 256 << 10
	line := []byte("Nov 24 23:27:04 mail1 zmsetup[812]: Migrating mboxgroup7. This can take a substantial amount of time...\n")
	var text []byte
	for len(text) < size {
		text = append(text, line...)
	}
	if err := os.WriteFile(path, text[:size], 0o600); err != nil {
		b.Fatal(err)
	}
	for _, s := range shells(b) {
		for name, c := range map[string]agent.Compression{"plain": agent.CompressNever, "compressed": agent.CompressAlways} {
			b.Run(s.name+" "+name, func(b *testing.B) {
				a, _ := connect(b, s, agent.Options{Compress: c})
				h, _, err := a.OpenFile(b.Context(), path)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(size)
				for b.Loop() {
					for off := int64(0); off < size; off += piece {
						if r, err := a.ReadFile(b.Context(), h, off, piece); err != nil || len(r.Data) != piece {
							b.Fatal(len(r.Data), err)
						}
					}
				}
			})
		}
	}
}
