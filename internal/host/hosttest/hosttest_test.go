package hosttest_test

import (
	"io"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ronda/internal/host/hosttest"
)

func TestSSHDLetsTheRealClientIn(t *testing.T) {
	s := hosttest.StartSSHD(t, hosttest.Options{})
	proxy := hosttest.StartProxy(t, s.Addr)
	hosttest.WriteFile(t, s.ClientConfigFile, s.ClientConfig(hosttest.Alias, s.Addr)+s.ClientConfig("by-proxy", proxy.Addr))
	for _, alias := range []string{hosttest.Alias, "by-proxy"} {
		cmd := exec.CommandContext(t.Context(), "ssh", "-F", s.ClientConfigFile, "-o", "BatchMode=yes", alias, "echo hello")
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(string(out), "hello") {
			t.Errorf("ssh %s: %v\n%s", alias, err, out)
		}
	}
	if proxy.Accepted() != 1 {
		t.Errorf("the proxy saw %d connections, want 1", proxy.Accepted())
	}
}

func TestProxyPlaysABadNetwork(t *testing.T) {
	var listen net.ListenConfig
	echo, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = echo.Close() })
	go func() {
		for c, err := echo.Accept(); err == nil; c, err = echo.Accept() {
			go func() { _, _ = io.Copy(c, c); _ = c.Close() }()
		}
	}()
	proxy := hosttest.StartProxy(t, echo.Addr().String())
	var dialer net.Dialer
	c, err := dialer.DialContext(t.Context(), "tcp", proxy.Addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	ask := func(patience time.Duration) error {
		_ = c.SetDeadline(time.Now().Add(patience))
		_, err := c.Write([]byte("x"))
		if err == nil {
			_, err = io.ReadFull(c, make([]byte, 1))
		}
		return err
	}

	if err := ask(10 * time.Second); err != nil {
		t.Fatalf("plain: %v", err)
	}
	proxy.SetDelay(100 * time.Millisecond)
	begin := time.Now()
	if err := ask(10 * time.Second); err != nil || time.Since(begin) < 200*time.Millisecond {
		t.Fatalf("delayed: %v after %v, want an answer after 200 ms", err, time.Since(begin))
	}
	proxy.Freeze()
	if err := ask(300 * time.Millisecond); err == nil {
		t.Fatal("frozen: an answer")
	}
	proxy.Thaw()
	_ = c.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Fatalf("thawed: what was held back does not come: %v", err)
	}
	proxy.Cut()
	if err := ask(10 * time.Second); err == nil {
		t.Fatal("cut: an answer")
	}
	proxy.RefuseNew(true)
	d, err := dialer.DialContext(t.Context(), "tcp", proxy.Addr)
	if err == nil {
		_ = d.SetDeadline(time.Now().Add(10 * time.Second))
		_, err = d.Read(make([]byte, 1))
		_ = d.Close()
	}
	if err == nil {
		t.Fatal("refused: a connection")
	}
}
