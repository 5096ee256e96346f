package vsphere_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"ronda/internal/observe"
	"ronda/internal/vsphere"
)

// person answers questions, and remembers them.
type person struct {
	yes      bool
	away     bool // does not answer
	password []string

	mu      sync.Mutex
	shown   []vsphere.CertificateQuestion
	prompts []string
}

var errAway = errors.New("nobody is there to answer")

func (p *person) ConfirmCertificate(_ context.Context, q vsphere.CertificateQuestion) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.shown = append(p.shown, q)
	if p.away {
		return false, errAway
	}
	return p.yes, nil
}

func (p *person) Secret(_ context.Context, prompt string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.prompts = append(p.prompts, prompt)
	if p.away || len(p.password) == 0 {
		return "", errAway
	}
	s := p.password[0]
	p.password = p.password[1:]
	return s, nil
}

func (p *person) questions() []vsphere.CertificateQuestion {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shown
}

func secret(s string) func(context.Context) (string, error) {
	return func(context.Context) (string, error) { return s, nil }
}

func colons(digits string) string {
	var parts []string
	for i := 0; i < len(digits); i += 2 {
		parts = append(parts, strings.ToUpper(digits[i:i+2]))
	}
	return strings.Join(parts, ":")
}

// TestCertificateUnknown: a certificate that nobody vouches for is shown and asked for, once; a yes is remembered for its
// host and port, readable by its owner only.
func TestCertificateUnknown(t *testing.T) {
	s := startSim(t, true)
	p := &person{yes: true}
	known := filepath.Join(t.TempDir(), "ronda", "known_vcenters")
	task := []vsphere.Wanted{wanted("copy", "clone", "")}
	o := s.watch(vsphere.Config{Tasks: task, Ask: p, Known: known, Password: secret(password)})
	o.source("copy", observe.SourceWaiting)
	asked := p.questions()
	if len(asked) != 1 {
		t.Fatalf("asked %d times", len(asked))
	}
	cert := s.server.Certificate()
	q := asked[0]
	if q.Server != s.server.URL.Host || q.Fingerprint != colons(s.fingerprint()) || q.Subject != cert.Subject.String() ||
		q.Issuer != cert.Issuer.String() || !q.Until.Equal(cert.NotAfter) || !q.From.Equal(cert.NotBefore) || q.File != known || q.Why == "" {
		t.Errorf("asked: %+v", q)
	}
	text, err := os.ReadFile(known)
	if err != nil || !strings.HasPrefix(string(text), s.server.URL.Host+" "+s.fingerprint()+" ") || strings.Count(string(text), "\n") != 1 {
		t.Errorf("remembered %q: %v", text, err)
	}
	if runtime.GOOS != "windows" {
		if info, err := os.Stat(known); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
	}
	later := s.watch(vsphere.Config{Tasks: task, Known: known, Password: secret(password)}) // nobody is there
	later.source("copy", observe.SourceWaiting)
}

// TestCertificateRefused: with a no, and with nobody there, nothing is sent to the server, above all no password.
func TestCertificateRefused(t *testing.T) {
	s := startSim(t, true)
	task := []vsphere.Wanted{wanted("copy", "clone", "")}
	for name, p := range map[string]*person{"no": {}, "away": {away: true}} {
		o := s.watch(vsphere.Config{Tasks: task, Ask: p, Password: secret(password)})
		why := o.source("copy", observe.SourceFailed)
		if !strings.Contains(why, colons(s.fingerprint())) || name == "away" && !strings.Contains(why, "fingerprint: into the plan") {
			t.Errorf("%s: %s", name, why)
		}
		if n := len(p.questions()); n != 1 {
			t.Errorf("%s: asked %d times", name, n)
		}
	}
	o := s.watch(vsphere.Config{Tasks: task, Password: secret(password)})
	if why := o.source("copy", observe.SourceFailed); !strings.Contains(why, colons(s.fingerprint())) {
		t.Errorf("nobody: %s", why)
	}
	if n := s.loginCount(); n != 0 {
		t.Errorf("%d logins", n)
	}
}

// TestCertificateChanged: another certificate than the confirmed one is refused with both fingerprints, whoever is there.
func TestCertificateChanged(t *testing.T) {
	s := startSim(t, true)
	other := strings.Repeat("ab", 32)
	known := filepath.Join(t.TempDir(), "known_vcenters")
	if err := os.WriteFile(known, []byte("# a note\nelsewhere:443 "+s.fingerprint()+"\n"+s.server.URL.Host+" "+other+" CN=old\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := &person{yes: true}
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "clone", "")}, Ask: p, Known: known, Password: secret(password)})
	why := o.source("copy", observe.SourceFailed)
	for _, part := range []string{colons(s.fingerprint()), colons(other), known, "remove its line"} {
		if !strings.Contains(why, part) {
			t.Errorf("%q lacks %q", why, part)
		}
	}
	if len(p.questions()) != 0 || s.loginCount() != 0 {
		t.Error("it was asked, or logged in")
	}
}

// TestCertificatePinned: the plan's fingerprint alone decides.
func TestCertificatePinned(t *testing.T) {
	s := startSim(t, true)
	task := []vsphere.Wanted{wanted("copy", "clone", "")}
	right := s.watch(vsphere.Config{Tasks: task, Fingerprint: s.fingerprint(), Password: secret(password)})
	right.source("copy", observe.SourceWaiting)
	p := &person{yes: true}
	wrong := s.watch(vsphere.Config{Tasks: task, Fingerprint: strings.Repeat("cd", 32), Ask: p, Password: secret(password)})
	why := wrong.source("copy", observe.SourceFailed)
	if !strings.Contains(why, "mend the fingerprint in the plan") || !strings.Contains(why, colons(s.fingerprint())) || len(p.questions()) != 0 {
		t.Errorf("wrong pin: %s", why)
	}
}

// TestCertificateFileUnreadable: without the file of confirmed certificates nobody can tell an unknown one from a
// changed one, so nothing is taken.
func TestCertificateFileUnreadable(t *testing.T) {
	s := startSim(t, true)
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "", "")}, Ask: &person{yes: true}, Known: t.TempDir(), Password: secret(password)})
	if why := o.source("copy", observe.SourceFailed); !strings.Contains(why, "read confirmed certificates") {
		t.Error(why)
	}
}

// TestLoginRefused: a wrong password is tried once, and then left alone for long; it is shown nowhere.
func TestLoginRefused(t *testing.T) {
	s := startSim(t, false)
	const wrong = "hunter2-wrong"
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "", "")}, Password: secret(wrong), Finders: []vsphere.Wanted{wanted("all", "", "")}})
	why := o.source("copy", observe.SourceFailed)
	for _, part := range []string{"refuses the login of " + user, "not tried again for 20 min"} {
		if !strings.Contains(why, part) {
			t.Errorf("%q lacks %q", why, part)
		}
	}
	o.source("all", observe.SourceFailed)
	if s.loginCount() != 1 {
		t.Errorf("%d logins", s.loginCount())
	}
	if strings.Contains(o.words(), wrong) {
		t.Error("the password is shown")
	}
}

// TestLoginAsked: without a password in the plan it is asked for, three times at most, and kept for later.
func TestLoginAsked(t *testing.T) {
	s := startSim(t, false)
	p := &person{password: []string{"wrong", password, "not needed"}}
	o := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "", "")}, Ask: p})
	o.source("copy", observe.SourceWaiting)
	host := s.server.URL.Host
	want := []string{"Password of " + user + " at " + host, "It was refused. Password of " + user + " at " + host}
	if strings.Join(p.prompts, "|") != strings.Join(want, "|") {
		t.Errorf("asked %q", p.prompts)
	}
	s.dropSessions()
	s.until("logged in again", func() bool { return s.loginCount() == 3 })
	o.roundsLater(2)
	if len(p.prompts) != 2 {
		t.Errorf("asked %q", p.prompts)
	}

	away := &person{away: true}
	o = s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "", "")}, Ask: away})
	if why := o.source("copy", observe.SourceFailed); !strings.Contains(why, "give password_command or password_env") {
		t.Error(why)
	}
	none := s.watch(vsphere.Config{Tasks: []vsphere.Wanted{wanted("copy", "", "")}, Password: func(context.Context) (string, error) {
		return "", errors.New("the password command ended with exit code 3")
	}})
	if why := none.source("copy", observe.SourceFailed); !strings.Contains(why, "exit code 3") {
		t.Error(why)
	}
}

// TestAddress: a password never goes over a line that can be read, and an address never holds one.
func TestAddress(t *testing.T) {
	for _, address := range []string{"http://vc.example.com", "https://u:hunter2@vc.example.com", "ftp://vc", "vc.example.com", "https://", ":"} {
		if _, err := vsphere.New(vsphere.Config{URL: address}); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", address, err)
		}
	}
	for _, address := range []string{"http://127.0.0.1:8989", "http://[::1]:1", "http://localhost", "https://vc.example.com:9443"} {
		if _, err := vsphere.New(vsphere.Config{URL: address}); err != nil {
			t.Errorf("%s: %v", address, err)
		}
	}
	if _, err := vsphere.New(vsphere.Config{URL: "https://vc", Finders: []vsphere.Wanted{{Match: "("}}}); err == nil {
		t.Error("a pattern that is none was taken")
	}
}
