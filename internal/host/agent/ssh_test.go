//go:build linux

package agent_test

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ronda/internal/host/agent"
	"ronda/internal/host/conformance"
	"ronda/internal/host/hosttest"
)

// overSSH starts an agent over a real sshd, with the ssh program as the way there, through a proxy that counts
// and can be a bad network; delay is that of each direction. It returns the far shell's process group.
func overSSH(t *testing.T, delay time.Duration, opts agent.Options) (a *agent.Agent, f far, proxy *hosttest.Proxy, pgid int) {
	t.Helper()
	server := hosttest.StartSSHD(t, hosttest.Options{})
	proxy = hosttest.StartProxy(t, server.Addr)
	proxy.SetDelay(delay)
	_, port, err := net.SplitHostPort(proxy.Addr)
	if err != nil {
		t.Fatal(err)
	}
	ssh := shell{name: "ssh", args: []string{
		hosttest.Need(t, "ssh", "openssh-client"), "-F", server.ClientConfigFile, "-T", "-p", port, "-o", "HostKeyAlias=[" + server.Host + "]:" + server.Port,
		"-o", "Ciphers=aes128-gcm@openssh.com", hosttest.Alias, "exec /bin/sh",
	}}
	f = ssh.prepare(t)
	f.run(t)
	opts.Patience = time.Minute
	a, err = agent.Start(t.Context(), f.stdin, f.stdout, opts)
	if err != nil {
		t.Fatal(err)
	}
	// The far shell is the one that holds a file that nobody else knows.
	secret := filepath.Join(t.TempDir(), "held")
	if err := os.WriteFile(secret, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.OpenFile(t.Context(), secret); err != nil {
		t.Fatal(err)
	}
	fds, err := filepath.Glob("/proc/[0-9]*/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if to, err := os.Readlink(fd); err == nil && to == secret {
			pid, err := strconv.Atoi(strings.Split(fd, "/")[2])
			if err != nil {
				t.Fatal(err)
			}
			if pgid, err = syscall.Getpgid(pid); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(group(t, pgid)) < 2 {
		t.Fatalf("the far shell is not found: %v", group(t, pgid))
	}
	return a, f, proxy, pgid
}

func TestConformanceOverSSH(t *testing.T) {
	a, _, _, _ := overSSH(t, 0, agent.Options{})
	conformance.Run(t, a)
}

// Over a real sshd an idle link costs what it should. The proxy counts what TCP carries; each second there is
// a packet each way, and one more that acknowledges.
func TestIdleSSHIsCheap(t *testing.T) {
	t.Parallel()
	a, _, proxy, _ := overSSH(t, 0, agent.Options{})
	i := idling(t, a)
	rounds := func(n int) {
		for range n {
			<-time.After(time.Second)
			sampled := make(chan error, 1)
			go func() { sampled <- i.take(t.Context()) }()
			if err := i.look(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-sampled; err != nil {
				t.Fatal(err)
			}
		}
	}
	rounds(3)
	up0, down0 := proxy.Bytes()
	start := time.Now()
	rounds(5)
	up, down := proxy.Bytes()
	rate := (float64(up-up0+down-down0) + 5*3*headers) / time.Since(start).Seconds()
	t.Logf("%d bytes up, %d down in SSH packets; %.0f bytes a second with TCP and IP", up-up0, down-down0, rate)
	if rate > 400 {
		t.Errorf("an idle link costs %.0f bytes a second", rate)
	}
}

// Over a long way bytes are compressed, without being told.
func TestLongWayIsCompressed(t *testing.T) {
	t.Parallel()
	a, _, proxy, _ := overSSH(t, 30*time.Millisecond, agent.Options{})
	path := filepath.Join(t.TempDir(), "x.log")
	text := strings.Repeat("Nov 24 23:27:04 mail1 zmsetup[812]: Migrating mboxgroup7.\n", 4000)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	h, _, err := a.OpenFile(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	_, before := proxy.Bytes()
	r, err := a.ReadFile(t.Context(), h, 1, 1<<20)
	if err != nil || string(r.Data) != text[1:] {
		t.Fatalf("%d bytes, %v", len(r.Data), err)
	}
	_, after := proxy.Bytes()
	t.Logf("%d bytes came as %d", len(r.Data), after-before)
	if after-before > int64(len(text)/4) {
		t.Error("they were not compressed")
	}
}

// When the ssh that leads there is killed, and when the network swallows everything, nothing stays behind.
func TestNothingStaysBehindOverSSH(t *testing.T) {
	t.Run("killed", func(t *testing.T) {
		t.Parallel()
		a, f, _, pgid := overSSH(t, 0, agent.Options{})
		if err := f.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		<-a.Done()
		until(t, 30*time.Second, "all have gone", func() bool { return len(group(t, pgid)) == 0 })
	})
	t.Run("a black hole", func(t *testing.T) {
		t.Parallel()
		_, _, proxy, pgid := overSSH(t, 0, agent.Options{Lease: 4 * time.Second})
		proxy.Strand()
		until(t, time.Minute, "the lease runs out", func() bool { return len(group(t, pgid)) == 0 })
	})
}
