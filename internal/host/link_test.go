package host_test

import (
	"context"
	"errors"
	"io/fs"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ronda/internal/host"
	"ronda/internal/host/hosttest"
	"ronda/internal/observe"
)

// keepBehind keeps a link that goes through a proxy.
func keepBehind(t *testing.T, s *hosttest.Server, change func(*host.Config)) (*kept, *hosttest.Proxy) {
	t.Helper()
	proxy := hosttest.StartProxy(t, s.Addr)
	config := filepath.Join(t.TempDir(), "ssh_config")
	hosttest.WriteFile(t, config, s.ClientConfig("box", proxy.Addr))
	cfg := host.Config{Address: "box", ConfigFile: config}
	if change != nil {
		change(&cfg)
	}
	return keep(t, cfg), proxy
}

// TestFrozenLink: a network that swallows everything is called late after 3 s and down within 15 s, and the
// link is there again soon after the thaw. Methods wait meanwhile, and old handles are void.
func TestFrozenLink(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	h, proxy := keepBehind(t, s, nil)
	log := filepath.Join(t.TempDir(), "log")
	hosttest.WriteFile(t, log, "text\n")
	handle, _, err := h.OpenFile(waiting(t), log)
	if err != nil {
		t.Fatal(err)
	}
	_, n := h.reports.wait(t, 0, "up", up)

	proxy.Freeze()
	frozen := time.Now()
	wasLate, n := h.reports.wait(t, n, "late", late)
	wasDown, n := h.reports.wait(t, n, "down", down)
	if d := wasLate.Sub(frozen); d < 2*time.Second {
		t.Errorf("late %v after the last word", d)
	}
	t.Logf("late after %v, down after %v", wasLate.Sub(frozen), wasDown.Sub(frozen))
	if d := wasDown.Sub(frozen); d > 15*time.Second {
		t.Errorf("down only %v after the freeze", d)
	}
	answer := make(chan error, 1)
	ctx := waiting(t)
	go func() {
		defer close(answer)
		_, err := h.ReadFile(ctx, handle, 0, 10)
		answer <- err
	}()
	select {
	case err := <-answer:
		t.Fatalf("a read over a link that is down did not wait: %v", err)
	case <-time.After(time.Second):
	}
	proxy.Thaw()
	thawed := time.Now()
	isUp, _ := h.reports.wait(t, n, "up again", up)
	t.Logf("up %v after the thaw", isUp.Sub(thawed))
	if err := <-answer; !errors.Is(err, fs.ErrClosed) {
		t.Errorf("a handle of the old link: %v, want fs.ErrClosed", err)
	}
	if h.mustRun(t, "echo alive") != "alive\n" {
		t.Error("not alive")
	}
}

// TestShortFreeze: a link that comes back by itself keeps its connection.
func TestShortFreeze(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	h, proxy := keepBehind(t, s, func(c *host.Config) {
		c.Timeouts = host.Timeouts{Hedge: time.Minute, Dead: time.Minute}
	})
	c, err := h.Open(waiting(t), "cat")
	if err != nil {
		t.Fatal(err)
	}
	proxy.Freeze()
	_, n := h.reports.wait(t, 0, "late", late)
	proxy.Thaw()
	_, _ = h.reports.wait(t, n, "up again", up)
	if _, err := c.Stdin.Write([]byte("still here")); err != nil {
		t.Error(err)
	}
	buf := make([]byte, 10)
	if n, err := c.Stdout.Read(buf); err != nil || string(buf[:n]) != "still here" {
		t.Errorf("the channel is gone: %q, %v", buf[:n], err)
	}
	_ = c.Close()
	for _, l := range h.reports.all() {
		if down(l) {
			t.Errorf("reported down: %+v", l)
		}
	}
}

// TestStrandedConnection: when the old connection is dead and a new one would do, the new one takes over
// before the old one is given up.
func TestStrandedConnection(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	h, proxy := keepBehind(t, s, func(c *host.Config) { c.Timeouts.Dead = 10 * time.Minute })
	c, err := h.Open(waiting(t), "cat")
	if err != nil {
		t.Fatal(err)
	}
	_, n := h.reports.wait(t, 0, "up", up)
	proxy.Strand()
	stranded := time.Now()
	_, n = h.reports.wait(t, n, "late", late)
	isUp, _ := h.reports.wait(t, n, "up again", up)
	t.Logf("up %v after the connection was stranded", isUp.Sub(stranded))
	again, err := h.Open(waiting(t), "cat")
	if err != nil {
		t.Fatal(err)
	}
	if again.Generation <= c.Generation {
		t.Errorf("generation %d after %d", again.Generation, c.Generation)
	}
	_, _ = c.Close(), again.Close()
	waitFor(t, "one connection is left", func() bool { return proxy.Open() == 1 })
}

// TestReconnect: a cut is seen at once; while the server refuses, the pauses grow; a person's key ends one.
func TestReconnect(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	h, proxy := keepBehind(t, s, func(c *host.Config) { c.Timeouts.Retry = time.Hour })
	h.mustRun(t, "true")
	_, n := h.reports.wait(t, 0, "up", up)

	proxy.Cut()
	_, n = h.reports.wait(t, n, "down", down)
	_, n = h.reports.wait(t, n, "up again", up)
	h.mustRun(t, "true")

	proxy.RefuseNew(true)
	before := proxy.Accepted()
	proxy.Cut()
	var last time.Duration
	for range 4 {
		_, n = h.reports.wait(t, n, "the next try", func(l observe.Link) bool { return strings.Contains(l.Detail, "next try in") })
		_, text, _ := strings.Cut(h.reports.all()[n-1].Detail, "next try in ")
		pause, err := time.ParseDuration(text)
		if err != nil || pause < last {
			t.Errorf("after a pause of %v one of %q: %v", last, text, err)
		}
		last = pause
	}
	if tries := proxy.Accepted() - before; tries > 5 || last < time.Second {
		t.Errorf("%d tries, the last pause is %v", tries, last)
	}
	proxy.RefuseNew(false)
	h.Retry()
	_, _ = h.reports.wait(t, n, "up by the key", up)
}

// TestSilentServer: a server that takes the connection and says nothing costs no more than the deadline.
func TestSilentServer(t *testing.T) {
	t.Parallel()
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // connections wait in its queue
	h := keep(t, host.Config{Address: l.Addr().String(), ConfigFile: emptyConfig(t), Timeouts: host.Timeouts{Handshake: 300 * time.Millisecond}})
	silent := func(l observe.Link) bool { return strings.Contains(l.Detail, "did not answer") }
	_, n := h.reports.wait(t, 0, "no answer", silent)
	_, _ = h.reports.wait(t, n, "no answer again", silent)

	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, _, _, err := h.Run(ctx, "true"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("run without a link: %v", err)
	}
}

func emptyConfig(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ssh_config")
	hosttest.WriteFile(t, path, "IdentityAgent none\nIdentityFile none\n")
	return path
}

// TestIdleLink measures what an idle link costs on the wire: TCP and IP headers, and an acknowledgement for
// each packet, counted in.
func TestIdleLink(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	h, proxy := keepBehind(t, s, nil)
	h.mustRun(t, "true")
	up0, down0 := proxy.Bytes()
	const seconds = 10
	time.Sleep(seconds * time.Second) // the measure is of time itself
	up1, down1 := proxy.Bytes()
	probes := float64(up1-up0) / 52 // of that length each, and an answer
	perSecond := (float64(up1-up0+down1-down0) + probes*3*52) / seconds
	t.Logf("idle: %d bytes up, %d down, about %.0f B/s on the wire", up1-up0, down1-down0, perSecond)
	if up1 == up0 {
		t.Error("nobody looks whether the link lives")
	}
	if perSecond > 200 {
		t.Errorf("an idle link costs %.0f B/s", perSecond)
	}
}
