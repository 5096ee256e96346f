package plan

import (
	"cmp"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// VSphere is how to log in to a vCenter or ESXi host.
type VSphere struct {
	User            string
	PasswordEnv     string
	PasswordCommand string
	// Fingerprint is the SHA-256 of the certificate that alone is right, as 64 lower-case hexadecimal digits.
	// Empty: one that this machine's authorities vouch for, or that a person has confirmed.
	Fingerprint string
}

// login is what is said of how to log in, somewhere in a plan, and where.
type login struct {
	name      string // of the task or finder
	at        *vsphere
	url, host string
}

// vSphere reads whose tasks of a vCenter are meant. name is the task's or finder's, host from where the vCenter
// is reached.
func (b *builder) vSphere(v *vsphere, name, host string) *observe.VSphereRef {
	if v == nil {
		return nil
	}
	if !v.URL.isSet() && !v.broken {
		b.problem(v.place, "url: https://vcenter.example.com", "vsphere has no url")
	}
	address := ""
	if v.URL.text != "" {
		var msg string
		if address, msg = vSphereURL(v.URL.text); msg != "" {
			b.problem(v.URL.place, "https://vcenter.example.com", "url: %s", msg)
			b.problems[len(b.problems)-1].Excerpt = "" // it may hold a password
		}
	}
	if v.PasswordEnv.isSet() && v.PasswordCommand.isSet() {
		b.problem(v.PasswordCommand.place, "keep one of them", "vsphere has both password_env and password_command")
	}
	if kind := v.Task.text; kind != "" && !taskKey.MatchString(kind) && !slices.Contains(vSphereKinds(), kind) {
		b.problem(v.Task.place, cmp.Or(meant(kind, vSphereKinds()), "a kind of task, or a key such as task-1234"), "there is no kind of task %q", kind)
	}
	if fingerprintOf(v.Fingerprint.text) == "" && v.Fingerprint.text != "" {
		b.problem(v.Fingerprint.place, "what openssl x509 -noout -fingerprint -sha256 prints of it",
			"fingerprint: a SHA-256 fingerprint has 64 hexadecimal digits")
	}
	b.logins = append(b.logins, login{name: name, at: v, url: address, host: host})
	return &observe.VSphereRef{URL: address, Entity: b.name(v.Entity, "entity"), Task: v.Task.text}
}

// vSphereKinds are the words for the kinds of task that can be named.
func vSphereKinds() []string {
	return []string{"clone", "relocate", "migrate", "snapshot", "consolidate", "promote", "export", "import", "copy"}
}

// taskKey is a task's own key: task-1234 of a vCenter, haTask-1-vim.VirtualMachine.clone-99 of an ESXi host.
var taskKey = regexp.MustCompile(`^(?:ha)?[Tt]ask-\S+$`)

// logIn settles how each vCenter is logged in to. What is said once for an address holds for all that name it.
func (b *builder) logIn() {
	type key struct{ url, host string }
	known := map[key]*VSphere{}
	for _, l := range b.logins {
		k := key{l.url, l.host}
		if known[k] == nil {
			known[k] = &VSphere{}
		}
		v := known[k]
		b.same(&v.User, l.at.User, l.at.User.text, "user", l.url)
		b.same(&v.PasswordEnv, l.at.PasswordEnv, l.at.PasswordEnv.text, "password_env", l.url)
		b.same(&v.PasswordCommand, l.at.PasswordCommand, l.at.PasswordCommand.text, "password_command", l.url)
		b.same(&v.Fingerprint, l.at.Fingerprint, fingerprintOf(l.at.Fingerprint.text), "fingerprint", l.url)
		if v.PasswordEnv != "" && v.PasswordCommand != "" && l.at.PasswordEnv.isSet() != l.at.PasswordCommand.isSet() {
			b.problem(l.at.place, "say it once", "there are two ways to the password of %s", l.url)
		}
	}
	for _, l := range b.logins {
		v := known[key{l.url, l.host}]
		if v.User == "" && l.url != "" && !l.at.broken {
			b.problem(l.at.place, "user: ronda@vsphere.local, who has the role Read-only", "vsphere says not as whom to log in to %s", l.url)
			v.User = "?" // told once
		}
		if b.conn.VSphere == nil {
			b.conn.VSphere = map[string]VSphere{}
		}
		b.conn.VSphere[l.name] = *v
	}
}

// same takes over what a key says for an address, and notes when another one said something else.
func (b *builder) same(have *string, at text, says, key, address string) {
	switch {
	case says == "":
	case *have == "":
		*have = says
	case *have != says:
		b.problem(at.place, "say it once for all that is watched there", "two different values of %s for %s", key, address)
	}
}

// vSphereURL returns the address of a vCenter without what every one has in common, or says what is wrong with it.
func vSphereURL(s string) (address, wrong string) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Hostname() == "":
		return "", "this is not the address of a vCenter or ESXi host"
	case u.User != nil:
		return "", "a user and password do not belong into it: the plan is recorded; use user and password_command"
	case u.Scheme != "https" && u.Scheme != "http":
		return "", "it begins with https://"
	case u.RawQuery != "" || u.Fragment != "" || !slices.Contains([]string{"", "/", "/sdk", "/sdk/", "/ui", "/ui/"}, u.Path):
		return "", "only the host and the port are needed"
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return "", "without TLS the password would be readable on the way: http:// is for this machine only"
	}
	return u.Scheme + "://" + strings.ToLower(u.Host), ""
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// fingerprintOf returns a fingerprint as openssl, a browser or vSphere writes it as 64 digits; empty when it is none.
func fingerprintOf(s string) string {
	if i := strings.LastIndexByte(s, '='); i >= 0 { // openssl's "sha256 Fingerprint="
		s = s[i+1:]
	}
	s = strings.ToLower(strings.NewReplacer(":", "", " ", "").Replace(s))
	s = strings.TrimPrefix(s, "sha256")
	if !fingerprint.MatchString(s) {
		return ""
	}
	return s
}

var fingerprint = regexp.MustCompile(`^[0-9a-f]{64}$`)
