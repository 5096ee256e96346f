package host_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"ronda/internal/host"
	"ronda/internal/host/hosttest"
)

// person answers as told, and remembers what was asked.
type person struct {
	secrets []string // answers, in order; then errors
	yes     bool
	away    bool // answers no question

	mu        sync.Mutex
	prompts   []string
	questions []host.HostKeyQuestion
}

var errShrug = errors.New("no answer")

func (p *person) Secret(_ context.Context, prompt string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prompts = append(p.prompts, prompt)
	if len(p.secrets) == 0 {
		return "", errShrug
	}
	answer := p.secrets[0]
	p.secrets = p.secrets[1:]
	return answer, nil
}

func (p *person) Confirm(_ context.Context, q host.HostKeyQuestion) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.questions = append(p.questions, q)
	if p.away {
		return p.yes, errShrug
	}
	return p.yes, nil
}

func (p *person) asked() (prompts []string, questions []host.HostKeyQuestion) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append(prompts, p.prompts...), append(questions, p.questions...)
}

// TestKnownHosts holds the check of host keys against what OpenSSH does with the same files.
func TestKnownHosts(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	other := hosttest.KeyGen(t, filepath.Join(t.TempDir(), "other"), "-t", "ed25519")
	line := func(typ string) string { return s.KnownHostsLine(t, s.HostKeys[typ]) }
	named := func(host, typ string) string { return host + " " + afterHost(line(typ)) }
	lies := s.KnownHostsLine(t, other)
	for _, c := range []struct {
		name    string
		known   string
		setting string // further ssh_config
		ask     *person
		problem host.HostKeyProblem
		fails   bool
		says    string // in a report, or at the start of the error
	}{
		{name: "only ed25519 known", known: line("ed25519")},
		{name: "only rsa known", known: line("rsa")},
		{name: "only ecdsa known", known: line("ecdsa")},
		{name: "a pattern for any port", known: named("127.0.0.*", "ed25519")},
		{name: "changed", known: lies, fails: true, problem: host.HostKeyChanged, says: "the host key of box has CHANGED: refused; another machine answers"},
		{name: "changed, one of two", known: lies + line("rsa"), fails: true, problem: host.HostKeyChanged},
		{name: "changed, and checking is off", known: lies, setting: "StrictHostKeyChecking no", fails: true, problem: host.HostKeyChanged},
		{name: "changed, and the person would say yes", known: lies, ask: &person{yes: true}, fails: true, problem: host.HostKeyChanged},
		{name: "revoked", known: "@revoked * " + afterHost(line("ed25519")) + line("ed25519"), fails: true, problem: host.HostKeyRevoked, says: "the host key of box is REVOKED: refused;"},
		{name: "bad lines", known: "garbage\n@marker x ssh-rsa AAAA\n127.0.0.1 ssh-rsa1 1024 35 12345\n" + line("ed25519"), says: "known_hosts:2 was passed over"},
		{name: "unknown, nobody to ask", known: "", fails: true, problem: host.HostKeyUnknown, says: "the host key of box is not known, and nobody was there to ask: refused;"},
		{name: "unknown, the person is away", known: "", ask: &person{yes: true, away: true}, fails: true, problem: host.HostKeyUnknown, says: "the host key of box is not known, and nobody was there to ask: refused;"},
		{name: "known without the port", known: named("127.0.0.1", "ed25519"), fails: true, problem: host.HostKeyUnknown},
		{name: "unknown and strict", known: "", setting: "StrictHostKeyChecking yes", ask: &person{yes: true}, fails: true, problem: host.HostKeyUnknown, says: "the host key of box is not known, and StrictHostKeyChecking is on: refused;"},
		{name: "unknown, refused", known: "", ask: &person{}, fails: true, problem: host.HostKeyRefused, says: "the host key of box was not accepted;"},
		{name: "another name", known: named("alias", "rsa"), setting: "HostKeyAlias alias"},
		{name: "another name is not known", known: line("rsa"), setting: "HostKeyAlias alias", fails: true, problem: host.HostKeyUnknown},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			config, known := filepath.Join(dir, "ssh_config"), filepath.Join(dir, "known_hosts")
			hosttest.WriteFile(t, known, c.known)
			hosttest.WriteFile(t, config, strings.Replace(s.ClientConfig("box", s.Addr), s.KnownHostsFile, known, 1)+"  "+c.setting+"\n")
			cfg := host.Config{Address: "box", ConfigFile: config}
			if c.ask != nil {
				cfg.Ask = c.ask
			}
			h := keep(t, cfg)
			if !c.fails {
				h.mustRun(t, "true")
				if c.says != "" && !strings.Contains(fmt.Sprint(h.reports.all()), c.says) {
					t.Errorf("reported %v, want %q said", h.reports.all(), c.says)
				}
				return
			}
			err := h.gaveUp(t)
			problem, ok := errors.AsType[*host.HostKeyError](err)
			if !ok || problem.Problem != c.problem {
				t.Fatalf("keep: %v, want problem %d", err, c.problem)
			}
			if !strings.HasPrefix(err.Error(), c.says) {
				t.Errorf("%v\ndoes not begin with %q", err, c.says)
			}
			if all := h.reports.all(); len(all) != 1 || all[0].Detail != err.Error()+"; "+problem.Hint() {
				t.Errorf("reported %v, want the error once, with what to try", all)
			}
			if c.problem == host.HostKeyChanged {
				old := strings.Fields(hosttest.SSHKeygen(t, "-lf", other+".pub"))[1]
				for _, want := range []string{old, problem.Fingerprint, known + ":1"} {
					if !strings.Contains(err.Error(), want) {
						t.Errorf("%v\ndoes not say %q", err, want)
					}
				}
			}
			if got := hosttest.ReadFile(t, known); got != c.known {
				t.Errorf("known_hosts was changed: %q", got)
			}
			if _, _, _, rerr := h.Run(waiting(t), "true"); !errors.Is(rerr, err) {
				t.Errorf("run: %v, want what Keep said", rerr)
			}
		})
	}
}

// afterHost cuts the host's name off a known_hosts line.
func afterHost(line string) string {
	_, rest, _ := strings.Cut(line, " ")
	return rest
}

// TestUnknownHostIsAsked: once, with the fingerprint that ssh-keygen shows; the key is written down so that
// ssh knows it too, and no reconnect asks again.
func TestUnknownHostIsAsked(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	proxy := hosttest.StartProxy(t, s.Addr)
	for _, hashed := range []bool{false, true} {
		dir := t.TempDir()
		config, known := filepath.Join(dir, "ssh_config"), filepath.Join(dir, "new", "known_hosts")
		text := strings.Replace(s.ClientConfig("box", proxy.Addr), s.KnownHostsFile, known, 1)
		if hashed {
			text += "  HashKnownHosts yes\n"
		}
		hosttest.WriteFile(t, config, text)
		p := &person{yes: true}
		h := keep(t, host.Config{Address: "box", ConfigFile: config, Ask: p})
		h.mustRun(t, "true")
		_, n := h.reports.wait(t, 0, "up", up)
		proxy.Cut()
		_, n = h.reports.wait(t, n, "down", down)
		h.reports.wait(t, n, "up again", up)
		h.mustRun(t, "true")
		h.Close()

		_, questions := p.asked()
		want := host.HostKeyQuestion{
			Host: "[" + s.Host + "]:" + s.Port, KeyType: "ssh-ed25519", File: known,
			Fingerprint: strings.Fields(hosttest.SSHKeygen(t, "-lf", s.HostKeys["ed25519"]+".pub"))[1],
		}
		if len(questions) != 1 || questions[0] != want {
			t.Errorf("asked %+v, want once %+v", questions, want)
		}
		found := hosttest.SSHKeygen(t, "-F", want.Host, "-f", known)
		if !strings.Contains(found, afterHost(s.KnownHostsLine(t, s.HostKeys["ed25519"]))) {
			t.Errorf("ssh-keygen -F finds %q", found)
		}
		if hashed != strings.HasPrefix(hosttest.ReadFile(t, known), "|1|") {
			t.Errorf("hashed is %v, written was %q", hashed, hosttest.ReadFile(t, known))
		}
	}
}

// TestKeyChangesInTheNight: a reconnect that meets another key ends for good, and asks nobody.
func TestKeyChangesInTheNight(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	impostor := hosttest.StartSSHD(t, hosttest.Options{Set: []string{"AuthorizedKeysFile=" + s.AuthorizedKeys}})
	p := &person{yes: true}
	for _, known := range []string{s.KnownHostsFile, "/dev/null"} { // also when the key could not be written down
		proxy := hosttest.StartProxy(t, s.Addr)
		config := filepath.Join(t.TempDir(), "ssh_config")
		hosttest.WriteFile(t, config, strings.Replace(s.ClientConfig("box", proxy.Addr), s.KnownHostsFile, known, 1))
		h := keep(t, host.Config{Address: "box", ConfigFile: config, Ask: p})
		h.mustRun(t, "true")
		proxy.SetTarget(impostor.Addr)
		proxy.Cut()
		problem, ok := errors.AsType[*host.HostKeyError](h.gaveUp(t))
		if !ok || problem.Problem != host.HostKeyChanged {
			t.Errorf("known in %s: %v", known, problem)
		}
	}
	if _, questions := p.asked(); len(questions) != 1 {
		t.Errorf("asked %d times, want once, for the key that is in no file", len(questions))
	}
}

func TestHostCertificates(t *testing.T) {
	t.Parallel()
	var ca string
	s := hosttest.StartSSHD(t, hosttest.Options{HostKeyTypes: []string{"ed25519"}, Prepare: func(s *hosttest.Server) []string {
		ca = hosttest.KeyGen(t, filepath.Join(s.Dir, "ca"), "-t", "ed25519")
		hosttest.SSHKeygen(t, "-q", "-s", ca, "-h", "-I", "h", "-n", "127.0.0.1,localhost", s.HostKeys["ed25519"]+".pub")
		return []string{"HostCertificate=" + s.HostKeys["ed25519"] + "-cert.pub"}
	}})
	plain := s.KnownHostsLine(t, s.HostKeys["ed25519"])
	authority := afterHost(s.KnownHostsLine(t, ca))
	for _, c := range []struct {
		name, known string
		asked       int
	}{
		{"the authority is known", "@cert-authority [127.0.0.1]:" + s.Port + " " + authority, 0},
		{"the authority is known for all", "@cert-authority * " + authority, 0},
		{"only the plain key is known", plain, 0},
		{"nothing is known", "", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			known := filepath.Join(t.TempDir(), "known_hosts")
			hosttest.WriteFile(t, known, c.known)
			p := &person{yes: true}
			h := keep(t, host.Config{Address: hosttest.Alias, ConfigFile: s.ClientConfigFile, KnownHosts: []string{known}, Ask: p})
			h.mustRun(t, "true")
			if _, questions := p.asked(); len(questions) != c.asked {
				t.Errorf("asked %v", questions)
			}
		})
	}
	// A server without a certificate below a known authority is unknown, not changed.
	bare := hosttest.StartSSHD(t, hosttest.Options{})
	known := filepath.Join(t.TempDir(), "known_hosts")
	hosttest.WriteFile(t, known, "@cert-authority * "+authority)
	h := keep(t, host.Config{Address: hosttest.Alias, ConfigFile: bare.ClientConfigFile, KnownHosts: []string{known}})
	problem, ok := errors.AsType[*host.HostKeyError](h.gaveUp(t))
	if !ok || problem.Problem != host.HostKeyUnknown {
		t.Errorf("no certificate: %v", problem)
	}
}

// TestAcceptNew: StrictHostKeyChecking=no is taken as accept-new, and said.
func TestAcceptNew(t *testing.T) {
	t.Parallel()
	s := hosttest.StartSSHD(t, hosttest.Options{})
	dir := t.TempDir()
	config, known := filepath.Join(dir, "ssh_config"), filepath.Join(dir, "known_hosts")
	hosttest.WriteFile(t, known, "other ssh-ed25519 "+strings.Fields(s.KnownHostsLine(t, s.HostKeys["ed25519"]))[2]) // no line end
	hosttest.WriteFile(t, config, strings.Replace(s.ClientConfig("box", s.Addr), s.KnownHostsFile, known, 1)+"  StrictHostKeyChecking no\n")
	h := keep(t, host.Config{Address: "box", ConfigFile: config})
	h.mustRun(t, "true")
	if got := hosttest.ReadFile(t, known); strings.Count(got, "\n") != 2 || !strings.HasSuffix(got, s.KnownHostsLine(t, s.HostKeys["ed25519"])) {
		t.Errorf("known_hosts: %q", got)
	}
	if all := fmt.Sprint(h.reports.all()); !strings.Contains(all, "accept-new") || !strings.Contains(all, "new host key") {
		t.Errorf("reported %v", all)
	}
}

// TestExpiredHostCertificate: of a known authority, and yet not taken, whatever a person would say.
func TestExpiredHostCertificate(t *testing.T) {
	t.Parallel()
	var ca string
	s := hosttest.StartSSHD(t, hosttest.Options{HostKeyTypes: []string{"ed25519"}, Prepare: func(s *hosttest.Server) []string {
		ca = hosttest.KeyGen(t, filepath.Join(s.Dir, "ca"), "-t", "ed25519")
		hosttest.SSHKeygen(t, "-q", "-s", ca, "-h", "-I", "h", "-n", "127.0.0.1", "-V", "20200101:20200102", s.HostKeys["ed25519"]+".pub")
		return []string{"HostCertificate=" + s.HostKeys["ed25519"] + "-cert.pub"}
	}})
	known := filepath.Join(t.TempDir(), "known_hosts")
	hosttest.WriteFile(t, known, "@cert-authority * "+afterHost(s.KnownHostsLine(t, ca)))
	p := &person{yes: true}
	err := keep(t, host.Config{Address: hosttest.Alias, ConfigFile: s.ClientConfigFile, KnownHosts: []string{known}, Ask: p}).gaveUp(t)
	problem, ok := errors.AsType[*host.HostKeyError](err)
	if !ok || problem.Problem != host.HostKeyInvalid || !strings.Contains(err.Error(), "expired") {
		t.Errorf("keep: %v", err)
	}
	if _, questions := p.asked(); len(questions) != 0 {
		t.Errorf("asked %v", questions)
	}
}
