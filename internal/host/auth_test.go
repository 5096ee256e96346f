package host_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"ronda/internal/host"
	"ronda/internal/host/hosttest"
	"ronda/internal/observe"
)

// withIdentity changes the server's ssh_config block to use another key, and appends settings.
func withIdentity(t *testing.T, s *hosttest.Server, addr, identity, settings string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ssh_config")
	text := strings.Replace(s.ClientConfig("box", addr), s.IdentityFile, identity, 1)
	for line := range strings.SplitSeq(settings, "\n") {
		if key, _, ok := strings.Cut(line, " "); ok { // the first of a keyword counts
			for old := range strings.SplitSeq(text, "\n") {
				if strings.HasPrefix(old, "  "+key+" ") {
					text = strings.Replace(text, old+"\n", "", 1)
				}
			}
			text += "  " + line + "\n"
		}
	}
	hosttest.WriteFile(t, path, text)
	return path
}

// TestEncryptedKeyIsAskedOnce: over several connections, and only after the server has said that it would
// take the key.
func TestEncryptedKeyIsAskedOnce(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	proxy := hosttest.StartProxy(t, s.Addr)
	key := hosttest.KeyGen(t, filepath.Join(t.TempDir(), "locked"), "-t", "ed25519", "-N", "open sesame")
	foreign := hosttest.KeyGen(t, filepath.Join(t.TempDir(), "foreign"), "-t", "ed25519", "-N", "another")
	hosttest.WriteFile(t, s.AuthorizedKeys, hosttest.ReadFile(t, key+".pub"))
	p := &person{secrets: []string{"wrong", "open sesame"}}
	h := keep(t, host.Config{Address: "box", ConfigFile: withIdentity(t, s, proxy.Addr, foreign, "IdentityFile "+key), Ask: p})
	n := 0
	for range 4 {
		_, n = h.reports.wait(t, n, "up", up)
		h.mustRun(t, "true")
		proxy.Cut()
		_, n = h.reports.wait(t, n, "down", down)
	}
	prompts, _ := p.asked()
	if len(prompts) != 2 || !strings.Contains(prompts[0], key) || !strings.HasPrefix(prompts[1], "Wrong passphrase") {
		t.Errorf("asked %q, want the passphrase of %s, twice", prompts, key)
	}
}

func TestEncryptedKeyWithoutAPerson(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	key := hosttest.KeyGen(t, filepath.Join(t.TempDir(), "locked"), "-t", "ed25519", "-N", "open sesame")
	hosttest.WriteFile(t, s.AuthorizedKeys, hosttest.ReadFile(t, key+".pub"))
	h := keep(t, host.Config{Name: "mail1", Address: "box", ConfigFile: withIdentity(t, s, s.Addr, key, "")})
	err := h.gaveUp(t)
	if refused, ok := errors.AsType[*host.AuthError](err); !ok || !strings.Contains(err.Error(), "passphrase") || refused.Hint() == "" {
		t.Errorf("keep: %v, want an AuthError that names the passphrase", err)
	}
}

// startAgent starts an agent with junk keys and then the right one, if any.
func startAgent(t *testing.T, junk int, right string) string {
	t.Helper()
	keyring := agent.NewKeyring()
	add := func(file string) {
		key, err := ssh.ParseRawPrivateKey([]byte(hosttest.ReadFile(t, file)))
		if err != nil {
			t.Fatal(err)
		}
		if err := keyring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range junk {
		add(hosttest.KeyGen(t, filepath.Join(t.TempDir(), fmt.Sprint("junk", i)), "-t", "ed25519"))
	}
	if right != "" {
		add(right)
	}
	dir, err := os.MkdirTemp("", "agent") //nolint:usetesting // the test's own is too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	socket := filepath.Join(dir, "s")
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			go func() { _ = agent.ServeAgent(keyring, c); _ = c.Close() }()
		}
	}()
	return socket
}

// TestAgent: a server hangs up after six keys, so those that are not asked for stay at home, and the others
// come in batches.
func TestAgent(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	socket := startAgent(t, 7, s.IdentityFile)
	public := filepath.Join(t.TempDir(), "id") // only the public half is there
	hosttest.WriteFile(t, public+".pub", hosttest.ReadFile(t, s.IdentityFile+".pub"))
	for name, settings := range map[string]string{
		"IdentitiesOnly": "IdentityAgent " + socket,
		"all of them":    "IdentityAgent " + socket + "\nIdentitiesOnly no\nIdentityFile /nowhere",
	} {
		t.Run(name, func(t *testing.T) {
			h := keep(t, host.Config{Address: "box", ConfigFile: withIdentity(t, s, s.Addr, public, settings)})
			h.mustRun(t, "true")
		})
	}
	t.Run("not asked for", func(t *testing.T) {
		h := keep(t, host.Config{Address: "box", ConfigFile: withIdentity(t, s, s.Addr, "/nowhere", "IdentityAgent "+socket)})
		if _, ok := errors.AsType[*host.AuthError](h.gaveUp(t)); !ok {
			t.Error("a key that is not configured was used")
		}
	})
	t.Run("no agent", func(t *testing.T) {
		h := keep(t, host.Config{Address: "box", ConfigFile: withIdentity(t, s, s.Addr, public, "IdentityAgent /nowhere/agent")})
		if err := h.gaveUp(t); !strings.Contains(err.Error(), "no agent at /nowhere/agent") {
			t.Errorf("keep: %v", err)
		}
	})
}

func TestUserCertificate(t *testing.T) {
	t.Parallel()
	var ca string
	s := hosttest.StartSSHD(t, hosttest.Options{Prepare: func(s *hosttest.Server) []string {
		ca = hosttest.KeyGen(t, filepath.Join(s.Dir, "ca"), "-t", "ed25519")
		hosttest.WriteFile(t, s.AuthorizedKeys, "")
		return []string{"TrustedUserCAKeys=" + ca + ".pub"}
	}})
	hosttest.SSHKeygen(t, "-q", "-s", ca, "-I", "me", "-n", s.User, s.IdentityFile+".pub")
	beside := keepTo(t, s)
	beside.mustRun(t, "true")

	elsewhere := filepath.Join(t.TempDir(), "cert.pub")
	if err := os.Rename(s.IdentityFile+"-cert.pub", elsewhere); err != nil {
		t.Fatal(err)
	}
	h := keep(t, host.Config{Address: "box", ConfigFile: withIdentity(t, s, s.Addr, s.IdentityFile, "CertificateFile "+elsewhere)})
	h.mustRun(t, "true")
}

// server is an SSH server that lets in whom the test wants, and runs nothing.
type server struct {
	addr   string
	config string // ssh_config with the alias "box"
}

func serve(t *testing.T, config *ssh.ServerConfig) *server {
	t.Helper()
	file := hosttest.KeyGen(t, filepath.Join(t.TempDir(), "host"), "-t", "ed25519")
	key, err := ssh.ParsePrivateKey([]byte(hosttest.ReadFile(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	config.AddHostKey(key)
	var listen net.ListenConfig
	l, err := listen.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for c, err := l.Accept(); err == nil; c, err = l.Accept() {
			go func() {
				defer c.Close()
				conn, channels, requests, err := ssh.NewServerConn(c, config)
				if err != nil {
					return
				}
				go func() {
					for r := range requests {
						_ = r.Reply(false, nil)
					}
				}()
				for ch := range channels {
					_ = ch.Reject(ssh.Prohibited, "nothing\x1b[2J here")
				}
				_ = conn.Wait()
			}()
		}
	}()
	s := &server{addr: l.Addr().String(), config: filepath.Join(t.TempDir(), "ssh_config")}
	known := filepath.Join(t.TempDir(), "known_hosts")
	_, port, _ := net.SplitHostPort(s.addr)
	hosttest.WriteFile(t, known, "[127.0.0.1]:"+port+" "+hosttest.ReadFile(t, file+".pub"))
	hosttest.WriteFile(t, s.config, "Host box\n  HostName 127.0.0.1\n  Port "+port+"\n  User op\n  IdentityFile none\n  IdentityAgent none\n  UserKnownHostsFile "+known+"\n")
	return s
}

// TestPassword: asked for up to three times, kept in memory for the reconnects, forgotten when refused.
func TestPassword(t *testing.T) {
	t.Parallel()
	right := make(chan string, 100)
	s := serve(t, &ssh.ServerConfig{
		BannerCallback: func(ssh.ConnMetadata) string { return "welcome\x1b]0;owned\x07 to\u202e box\nsecond line" },
		PasswordCallback: func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			if string(password) != "secret" {
				return nil, errors.New("no")
			}
			right <- string(password)
			return nil, nil //nolint:nilnil // the library's way to say yes
		},
	})
	proxy := hosttest.StartProxy(t, s.addr)
	hosttest.WriteFile(t, s.config, strings.Replace(hosttest.ReadFile(t, s.config), "Host box\n", "Host box\n  HostKeyAlias [127.0.0.1]:"+s.addr[len("127.0.0.1:"):]+"\n  Port "+proxy.Addr[len("127.0.0.1:"):]+"\n", 1))
	p := &person{secrets: []string{"wrong", "secret"}}
	h := keep(t, host.Config{Address: "box", ConfigFile: s.config, Ask: p})
	n := 0
	for range 3 {
		_, n = h.reports.wait(t, n, "up", up)
		proxy.Cut()
		_, n = h.reports.wait(t, n, "down", down)
	}
	prompts, _ := p.asked()
	if len(prompts) != 2 || !strings.Contains(prompts[0], "op@127.0.0.1") || !strings.Contains(prompts[0], "welcome") {
		t.Errorf("asked %q, want the password twice", prompts)
	}
	for _, prompt := range prompts {
		if strings.ContainsAny(prompt, "\x1b\x07\u202e") {
			t.Errorf("a control character reaches the person: %q", prompt)
		}
	}
	for _, l := range h.reports.all() {
		if strings.Contains(fmt.Sprint(l), "secret") {
			t.Errorf("the password is shown: %+v", l)
		}
	}
	if len(right) < 3 {
		t.Errorf("%d log-ins", len(right))
	}
}

func TestWrongPasswords(t *testing.T) {
	t.Parallel()
	s := serve(t, &ssh.ServerConfig{PasswordCallback: func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return nil, errors.New("no") }})
	p := &person{secrets: slices.Repeat([]string{"hunter2"}, 10)}
	h := keep(t, host.Config{Address: "box", ConfigFile: s.config, Ask: p})
	err := h.gaveUp(t)
	if _, ok := errors.AsType[*host.AuthError](err); !ok || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("keep: %v", err)
	}
	if prompts, _ := p.asked(); len(prompts) != 3 {
		t.Errorf("asked %d times, want 3", len(prompts))
	}
	// A person who does not answer is not asked again.
	q := &person{}
	h = keep(t, host.Config{Address: "box", ConfigFile: s.config, Ask: q})
	if _, ok := errors.AsType[*host.AuthError](h.gaveUp(t)); !ok {
		t.Error("no AuthError")
	}
	if prompts, _ := q.asked(); len(prompts) != 1 {
		t.Errorf("asked %d times, want once", len(prompts))
	}
	// Nobody to ask: no try at all.
	if err := keep(t, host.Config{Address: "box", ConfigFile: s.config}).gaveUp(t); !strings.Contains(err.Error(), "nobody may be asked") {
		t.Errorf("keep: %v", err)
	}
}

// TestKeyThenCode: a server that wants a key and then a one-time code. The code is asked for anew each time.
func TestKeyThenCode(t *testing.T) {
	t.Parallel()
	key := hosttest.KeyGen(t, filepath.Join(t.TempDir(), "id"), "-t", "ed25519")
	codes := 0
	code := ssh.ServerAuthCallbacks{KeyboardInteractiveCallback: func(_ ssh.ConnMetadata, ask ssh.KeyboardInteractiveChallenge) (*ssh.Permissions, error) {
		codes++
		answers, err := ask("", "Token\x1b[31m", []string{"Code: "}, []bool{true})
		if err != nil || len(answers) != 1 || answers[0] != fmt.Sprint("code", codes) {
			return nil, errors.New("wrong code")
		}
		return nil, nil //nolint:nilnil // the library's way to say yes
	}}
	s := serve(t, &ssh.ServerConfig{PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
		return nil, &ssh.PartialSuccessError{Next: code}
	}})
	proxy := hosttest.StartProxy(t, s.addr)
	text := strings.Replace(hosttest.ReadFile(t, s.config), "Host box\n", "Host box\n  HostKeyAlias [127.0.0.1]:"+s.addr[len("127.0.0.1:"):]+"\n  Port "+proxy.Addr[len("127.0.0.1:"):]+"\n", 1)
	hosttest.WriteFile(t, s.config, strings.Replace(text, "IdentityFile none", "IdentityFile "+key, 1))
	p := &person{secrets: []string{"code1", "code2"}}
	h := keep(t, host.Config{Address: "box", ConfigFile: s.config, Ask: p})
	_, n := h.reports.wait(t, 0, "up", up)
	proxy.Cut()
	_, n = h.reports.wait(t, n, "down", down)
	h.reports.wait(t, n, "up again", up)
	if prompts, _ := p.asked(); len(prompts) != 2 || prompts[0] != "op@127.0.0.1 asks: Token[31m Code:" {
		t.Errorf("asked %q", prompts)
	}
	if _, _, _, err := h.Run(waiting(t), "true"); err == nil || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("run on a server that gives no session: %v", err)
	}
}

// slowPerson takes longer to answer than a handshake may last.
type slowPerson struct{ person }

func (p *slowPerson) Secret(ctx context.Context, prompt string) (string, error) {
	select {
	case <-time.After(1500 * time.Millisecond):
		return p.person.Secret(ctx, prompt)
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
}

// TestSlowPerson: the handshake's clock stands while a person thinks.
func TestSlowPerson(t *testing.T) {
	t.Parallel()
	yes := func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return nil, nil } //nolint:nilnil // the library's way to say yes
	s := serve(t, &ssh.ServerConfig{PasswordCallback: yes})
	p := &slowPerson{person{secrets: []string{"x"}}}
	h := keep(t, host.Config{Address: "box", ConfigFile: s.config, Ask: p, Timeouts: host.Timeouts{Handshake: time.Second}})
	h.reports.wait(t, 0, "up", up)
	for _, l := range h.reports.all() {
		if down(l) {
			t.Errorf("reported %+v", l)
		}
	}
}

// TestRefusedLater: a server that has let us in is tried again, but not often.
func TestRefusedLater(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{Set: []string{"KbdInteractiveAuthentication=yes"}})
	h, proxy := keepBehind(t, s, func(c *host.Config) { c.Timeouts.Refused = 2 * time.Second })
	h.mustRun(t, "true")
	_, n := h.reports.wait(t, 0, "up", up)
	keys := hosttest.ReadFile(t, s.AuthorizedKeys)
	hosttest.WriteFile(t, s.AuthorizedKeys, "")
	proxy.Cut()
	_, n = h.reports.wait(t, n, "refused", func(l observe.Link) bool { return strings.Contains(l.Detail, "was not let in") })
	if detail := h.reports.all()[n-1].Detail; !strings.HasSuffix(detail, "next try in 2s") {
		t.Errorf("reported %q", detail)
	}
	hosttest.WriteFile(t, s.AuthorizedKeys, keys)
	h.reports.wait(t, n, "up again", up)
}

// TestRefusedWithoutAQuestion: a server without PAM offers keyboard-interactive, and then refuses it without
// having asked anything. That is no bad link: one try, and the reason in words.
func TestRefusedWithoutAQuestion(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{Set: []string{"KbdInteractiveAuthentication=yes", "LogLevel=DEBUG"}})
	proxy := hosttest.StartProxy(t, s.Addr)
	wrong := hosttest.KeyGen(t, filepath.Join(t.TempDir(), "wrong"), "-t", "ed25519")
	for name, config := range map[string]string{
		"wrong key":  withIdentity(t, s, proxy.Addr, wrong, ""),
		"wrong user": withIdentity(t, s, proxy.Addr, wrong, "User nobody-of-that-name"),
		"no key":     withIdentity(t, s, proxy.Addr, "/nowhere", ""),
	} {
		t.Run(name, func(t *testing.T) {
			asked := func() int { return strings.Count(s.Log.String(), "method keyboard-interactive") }
			before, askedBefore := proxy.Accepted(), asked()
			p := &person{}
			h := keep(t, host.Config{Address: "box", ConfigFile: config, Ask: p})
			err := h.gaveUp(t)
			refused, ok := errors.AsType[*host.AuthError](err)
			if !ok {
				t.Fatalf("keep: %v, want an AuthError", err)
			}
			if want := []string{"publickey", "keyboard-interactive"}; !slices.Equal(refused.Takes, want) {
				t.Errorf("the server takes %v, want %v", refused.Takes, want)
			}
			for _, want := range []string{"tried ", "keyboard-interactive (it asked nothing); the server takes publickey, keyboard-interactive"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\ndoes not say %q", err, want)
				}
			}
			if name != "no key" && !strings.Contains(err.Error(), wrong) {
				t.Errorf("%v\ndoes not name the key", err)
			}
			if tries := proxy.Accepted() - before; tries != 1 {
				t.Errorf("%d connections, want one", tries)
			}
			waitFor(t, "the server logs the try", func() bool { return asked() > askedBefore })
			if n := asked() - askedBefore; n != 1 {
				t.Errorf("keyboard-interactive was tried %d times, want once", n)
			}
			if prompts, _ := p.asked(); len(prompts) != 0 {
				t.Errorf("asked %q", prompts)
			}
		})
	}
}

// TestTooManyKeys: a server that hangs up before all keys had their turn.
func TestTooManyKeys(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{Set: []string{"MaxAuthTries=2"}})
	proxy := hosttest.StartProxy(t, s.Addr)
	socket := startAgent(t, 4, "")
	config := withIdentity(t, s, proxy.Addr, "/nowhere", "IdentitiesOnly no\nIdentityAgent "+socket)
	err := keep(t, host.Config{Address: "box", ConfigFile: config}).gaveUp(t)
	if _, ok := errors.AsType[*host.AuthError](err); !ok || !strings.Contains(err.Error(), "IdentitiesOnly") {
		t.Errorf("keep: %v", err)
	}
	if tries := proxy.Accepted(); tries != 1 {
		t.Errorf("%d connections, want one", tries)
	}
}

// TestAllKeysBeforeThePassword: nobody is asked while there are keys that had no turn yet.
func TestAllKeysBeforeThePassword(t *testing.T) {
	t.Parallel()
	right := hosttest.KeyGen(t, filepath.Join(t.TempDir(), "right"), "-t", "ed25519")
	fields := strings.Fields(hosttest.ReadFile(t, right+".pub"))
	s := serve(t, &ssh.ServerConfig{
		PasswordCallback: func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return nil, errors.New("no") },
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if !strings.Contains(string(ssh.MarshalAuthorizedKey(key)), fields[1]) {
				return nil, errors.New("no")
			}
			return nil, nil //nolint:nilnil // the library's way to say yes
		},
	})
	socket := startAgent(t, 7, right)
	hosttest.WriteFile(t, s.config, strings.Replace(hosttest.ReadFile(t, s.config), "IdentityAgent none", "IdentityAgent "+socket, 1))
	p := &person{secrets: slices.Repeat([]string{"x"}, 10)}
	h := keep(t, host.Config{Address: "box", ConfigFile: s.config, Ask: p})
	h.reports.wait(t, 0, "up", up)
	if prompts, _ := p.asked(); len(prompts) != 0 {
		t.Errorf("asked %q", prompts)
	}
}

// TestLinkBreaksDuringLogin: that is no refusal, and the next try may go through.
func TestLinkBreaksDuringLogin(t *testing.T) {
	t.Parallel()
	key := hosttest.KeyGen(t, filepath.Join(t.TempDir(), "id"), "-t", "ed25519")
	var proxy *hosttest.Proxy
	ready := make(chan struct{})
	var broken atomic.Bool
	s := serve(t, &ssh.ServerConfig{PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) {
		<-ready
		if !broken.Swap(true) {
			proxy.Cut()
			return nil, errors.New("no")
		}
		return nil, nil //nolint:nilnil // the library's way to say yes
	}})
	proxy = hosttest.StartProxy(t, s.addr)
	close(ready)
	text := strings.Replace(hosttest.ReadFile(t, s.config), "Host box\n", "Host box\n  HostKeyAlias [127.0.0.1]:"+s.addr[len("127.0.0.1:"):]+"\n  Port "+proxy.Addr[len("127.0.0.1:"):]+"\n", 1)
	hosttest.WriteFile(t, s.config, strings.Replace(text, "IdentityFile none", "IdentityFile "+key, 1))
	h := keep(t, host.Config{Address: "box", ConfigFile: s.config})
	_, n := h.reports.wait(t, 0, "down", down)
	h.reports.wait(t, n, "up", up)
}
