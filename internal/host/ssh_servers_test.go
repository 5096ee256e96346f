package host_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ronda/internal/host"
	"ronda/internal/host/hosttest"
	"ronda/internal/observe"
)

// TestManyCommands: more commands at once than the server gives sessions wait their turn.
func TestManyCommands(t *testing.T) {
	t.Parallel()
	for _, limit := range []string{"10", "2"} {
		t.Run("MaxSessions "+limit, func(t *testing.T) {
			s := hosttest.StartSSHD(t, hosttest.Options{Set: []string{"MaxSessions=" + limit}})
			h := keepTo(t, s)
			if _, err := h.ReadFiles(waiting(t), "/proc/self/status"); err != nil {
				t.Fatal(err)
			}
			var all sync.WaitGroup
			ctx := waiting(t)
			for i := range 15 {
				all.Go(func() {
					out, _, _, err := h.Run(ctx, fmt.Sprintf("sleep 0.1; echo %d", i))
					if err != nil || strings.TrimSpace(string(out)) != fmt.Sprint(i) {
						t.Errorf("command %d: %q, %v", i, out, err)
					}
				})
			}
			all.Wait()
			if _, err := h.ReadFiles(ctx, "/proc/self/status"); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestOneSession: with MaxSessions 1 the files can be read, and a command says why it cannot run. Before
// anybody reads files, commands can have the session.
func TestOneSession(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{Set: []string{"MaxSessions=1"}})
	h := keepTo(t, s)
	ctx := waiting(t)
	h.mustRun(t, "true")
	h.mustRun(t, "true")
	ran := make(chan struct{})
	go func() {
		defer close(ran)
		_, _, _, _ = h.Run(ctx, "sleep 1") // it runs before, or it is told that it cannot
	}()
	texts, err := h.ReadFiles(ctx, "/proc/self/status")
	if err != nil || len(texts) != 1 {
		t.Fatalf("read files: %v, %v", texts, err)
	}
	<-ran
	_, _, _, err = h.Run(ctx, "true")
	if err == nil || !strings.Contains(err.Error(), "MaxSessions 1") {
		t.Errorf("run: %v, want the reason", err)
	}
	if _, err := h.ReadFiles(ctx, "/proc/self/status"); err != nil {
		t.Errorf("read files: %v", err)
	}
}

// TestJumps goes over two hops, as -J and as ProxyJump, each with its own keys and its own known hosts.
func TestJumps(t *testing.T) {
	t.Parallel()
	first, second, last := hosttest.StartSSHD(t, hosttest.Options{}), hosttest.StartSSHD(t, hosttest.Options{}), hosttest.StartSSHD(t, hosttest.Options{})
	proxy := hosttest.StartProxy(t, first.Addr)
	config := filepath.Join(t.TempDir(), "ssh_config")
	text := first.ClientConfig("first", proxy.Addr) + second.ClientConfig("second", second.Addr) + last.ClientConfig("last", last.Addr)
	hosttest.WriteFile(t, config, text+last.ClientConfig("last-by-config", last.Addr)+"  ProxyJump first,second\n")
	for _, cfg := range []host.Config{
		{Address: "last", Jump: "first,second", ConfigFile: config},
		{Address: "last-by-config", ConfigFile: config},
	} {
		h := keep(t, cfg)
		if got := h.mustRun(t, "echo $SSH_CONNECTION"); !strings.HasSuffix(strings.TrimSpace(got), last.Port) {
			t.Errorf("arrived at %q, want port %s", got, last.Port)
		}
		before := proxy.Accepted()
		proxy.Cut() // far away from the host itself
		waitFor(t, "a new way through the first hop", func() bool { return proxy.Accepted() > before })
		h.mustRun(t, "true")
		h.Close()
	}

	unknown := filepath.Join(t.TempDir(), "ssh_config")
	hosttest.WriteFile(t, unknown, strings.Replace(text, second.KnownHostsFile, "/dev/null", 1))
	h := keep(t, host.Config{Address: "last", Jump: "first,second", ConfigFile: unknown})
	if problem, ok := errors.AsType[*host.HostKeyError](h.gaveUp(t)); !ok || !strings.HasSuffix(problem.Server, second.Port) {
		t.Errorf("a hop that is not known: %v", problem)
	}
}

func TestProxyCommand(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	proxy := hosttest.StartProxy(t, s.Addr)
	via := filepath.Join(t.TempDir(), "via")
	hosttest.WriteFile(t, via, s.ClientConfig("via", proxy.Addr))
	command := "ssh -q -F " + via + " -W %h:%p via"
	h := keep(t, host.Config{Address: "box", ConfigFile: withIdentity(t, s, s.Addr, s.IdentityFile, "ProxyCommand "+command)})
	h.mustRun(t, "true")
	_, n := h.reports.wait(t, 0, "up", up)
	proxy.Cut()
	_, n = h.reports.wait(t, n, "down", down)
	h.reports.wait(t, n, "up again", up)
	h.mustRun(t, "true")
	line := strings.NewReplacer("%h", s.Host, "%p", s.Port).Replace(command)
	if !running(t, line) {
		t.Errorf("%q does not run: the test looks for the wrong thing", line)
	}
	h.Close()
	waitFor(t, "the ProxyCommand is gone", func() bool { return !running(t, line) })

	broken := keep(t, host.Config{Address: "box", ConfigFile: withIdentity(t, s, s.Addr, s.IdentityFile, "ProxyCommand sh -c 'echo no such proxy >&2'")})
	broken.reports.wait(t, 0, "what the command complains of", func(l observe.Link) bool { return strings.Contains(l.Detail, "no such proxy") })
}

// TestDropbear: the other server that is out there. It takes keys from the user's home only, so it is shown
// another home, in a mount namespace of its own.
func TestDropbear(t *testing.T) {
	t.Parallel()
	dropbear, dropbearkey := hosttest.Need(t, "dropbear", "dropbear-bin"), hosttest.Need(t, "dropbearkey", "dropbear-bin")
	apart := []string{"-m"}
	if os.Geteuid() != 0 { // only in a user namespace may others mount
		apart = append(apart, "--map-current-user", "--keep-caps")
	}
	s := hosttest.StartSSHD(t, hosttest.Options{}) // for its files and its port
	home := t.TempDir()
	if err := os.MkdirAll(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	hosttest.WriteFile(t, filepath.Join(home, ".ssh", "authorized_keys"), hosttest.ReadFile(t, s.IdentityFile+".pub"))
	_ = os.Chmod(home, 0o700)
	key := filepath.Join(s.Dir, "dropbear")
	hosttest.Start(t, dropbearkey, "-t", "ed25519", "-f", key)
	waitFor(t, "the key is made", func() bool { i, err := os.Stat(key); return err == nil && i.Size() > 0 })
	port := hosttest.FreePort(t)
	serve := `home=$(getent passwd "$(id -u)" | cut -d: -f6); mount --bind "$1" "$home" && exec "$2" -F -E -s -r "$3" -p "127.0.0.1:$4" -P ""`
	log := hosttest.Start(t, "unshare", append(apart, "sh", "-c", serve, "sh", home, dropbear, key, port)...)
	config := filepath.Join(t.TempDir(), "ssh_config")
	known := filepath.Join(t.TempDir(), "known_hosts")
	hosttest.WriteFile(t, config, strings.Replace(s.ClientConfig("box", "127.0.0.1:"+port), s.KnownHostsFile, known, 1)+"  StrictHostKeyChecking accept-new\n")

	h := keep(t, host.Config{Address: "box", ConfigFile: config})
	t.Cleanup(func() { t.Logf("dropbear said:\n%s", log) })
	if h.mustRun(t, "echo dropbear") != "dropbear\n" {
		t.Error("no answer")
	}
	if _, err := h.ReadFiles(waiting(t), "/proc/self/status"); err != nil {
		t.Error(err)
	}
	h.reports.wait(t, 0, "an answered probe", func(l observe.Link) bool { return l.RTTMS > 0 })
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	one, two := longSleep(1), longSleep(2)
	go func() { defer close(ended); _, _, _, _ = h.Run(ctx, one+" & "+two+"; wait") }()
	waitFor(t, "the command runs", func() bool { return running(t, one) && running(t, two) })
	cancel()
	<-ended
	waitFor(t, "the command is gone", func() bool { return !running(t, one) && !running(t, two) })
}

// TestForcedCommand: an account that runs one command only is told in words.
func TestForcedCommand(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{Set: []string{"ForceCommand=/bin/false"}})
	h := keepTo(t, s)
	ctx, cancel := context.WithTimeout(waiting(t), time.Minute)
	defer cancel()
	_, err := h.ReadFiles(ctx, "/proc/self/status")
	if err == nil || ctx.Err() != nil {
		t.Errorf("read files: %v", err)
	}
	t.Log(err)
	if _, _, code, err := h.Run(ctx, "echo hello"); err != nil || code != 1 {
		t.Errorf("run: %d, %v", code, err)
	}
}
