package hosttest

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Alias is the Host alias under which a server stands in its ClientConfigFile.
const Alias = "ronda-test"

// Options change the sshd that StartSSHD starts. The zero value gives a server with ed25519, ecdsa and rsa
// host keys that lets the present user in with Server.IdentityFile.
type Options struct {
	HostKeyTypes []string // as for ssh-keygen -t; nil: ed25519, ecdsa, rsa
	Set          []string // further sshd options, "MaxSessions=1"; the first of a name counts, and these come first
	// Prepare is called when the keys exist and before sshd starts: to sign them, or to add to Set.
	Prepare func(s *Server) (set []string)
}

// Server is a running sshd.
type Server struct {
	Addr             string // 127.0.0.1:port
	Host             string // 127.0.0.1
	Port             string
	User             string            // the present user
	Dir              string            // keys and files of the server; removed with the test
	IdentityFile     string            // private key that the server lets in, without a passphrase
	AuthorizedKeys   string            // file; a test may append to it
	KnownHostsFile   string            // holds every plain host key of the server, under Addr
	ClientConfigFile string            // an ssh_config that knows the server as Alias
	HostKeys         map[string]string // private host key files by type
	Log              *Output           // what sshd says
}

// StartSSHD starts an OpenSSH sshd for the present user on a free loopback port and waits until it answers.
// It is a fatal error when there is no sshd.
func StartSSHD(tb testing.TB, o Options) *Server {
	tb.Helper()
	sshd := Need(tb, "sshd", "openssh-server")
	Need(tb, "ssh-keygen", "openssh-client")
	s := newServer(tb, o.HostKeyTypes)
	set := o.Set
	if o.Prepare != nil {
		set = append(o.Prepare(s), set...)
	}
	if os.Geteuid() == 0 {
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil { // sshd wants it for privilege separation
			tb.Fatalf("start sshd: %v", err)
		}
	}
	for range 5 { // the free port may be taken between the look and the start
		s.Port = FreePort(tb)
		s.Addr = net.JoinHostPort(s.Host, s.Port)
		s.Log = Start(tb, sshd, s.args(set)...)
		if answers(s.Addr, s.Log) {
			s.writeClientFiles(tb)
			return s
		}
	}
	tb.Fatalf("start sshd: it does not answer on %s; it said:\n%s", s.Addr, s.Log)
	return nil
}

func newServer(tb testing.TB, types []string) *Server {
	tb.Helper()
	u, err := user.Current()
	if err != nil {
		tb.Fatalf("start sshd: who am I: %v", err)
	}
	s := &Server{Host: "127.0.0.1", User: u.Username, Dir: tb.TempDir(), HostKeys: map[string]string{}}
	if types == nil {
		types = []string{"ed25519", "ecdsa", "rsa"}
	}
	for _, typ := range types {
		args := []string{"-t", typ}
		if typ == "rsa" {
			args = append(args, "-b", "2048") // larger ones take seconds to make
		}
		s.HostKeys[typ] = KeyGen(tb, filepath.Join(s.Dir, "host_"+typ), args...)
	}
	s.IdentityFile = KeyGen(tb, filepath.Join(s.Dir, "id"), "-t", "ed25519")
	s.AuthorizedKeys = filepath.Join(s.Dir, "authorized_keys")
	WriteFile(tb, s.AuthorizedKeys, ReadFile(tb, s.IdentityFile+".pub"))
	s.KnownHostsFile = filepath.Join(s.Dir, "known_hosts")
	s.ClientConfigFile = filepath.Join(s.Dir, "ssh_config")
	return s
}

func (s *Server) args(set []string) []string {
	args := []string{"-D", "-e", "-f", "/dev/null"}
	for _, o := range set {
		args = append(args, "-o", o)
	}
	for _, file := range s.HostKeys {
		args = append(args, "-o", "HostKey="+file)
	}
	for _, o := range []string{
		"Port=" + s.Port, "ListenAddress=" + s.Host, "AuthorizedKeysFile=" + s.AuthorizedKeys,
		"StrictModes=no", "UsePAM=no", "PasswordAuthentication=no", "KbdInteractiveAuthentication=no",
		"PidFile=none", "UseDNS=no", "PermitRootLogin=yes", "MaxStartups=100", "Subsystem=sftp internal-sftp",
		// A login shell reads its start-up files even for a single command. Those of whoever runs the tests may be slow,
		// or wait for a lock that a session left behind which a test has killed.
		"SetEnv=HOME=" + s.Dir,
	} {
		args = append(args, "-o", o)
	}
	return args
}

func (s *Server) writeClientFiles(tb testing.TB) {
	tb.Helper()
	var known strings.Builder
	for _, file := range s.HostKeys {
		known.WriteString(s.KnownHostsLine(tb, file))
	}
	WriteFile(tb, s.KnownHostsFile, known.String())
	WriteFile(tb, s.ClientConfigFile, s.ClientConfig(Alias, s.Addr))
}

// KnownHostsLine returns the known_hosts line of a host key file for the server's address.
func (s *Server) KnownHostsLine(tb testing.TB, keyFile string) string {
	tb.Helper()
	f := strings.Fields(ReadFile(tb, keyFile+".pub"))
	return fmt.Sprintf("[%s]:%s %s %s\n", s.Host, s.Port, f[0], f[1])
}

// ClientConfig returns an ssh_config block that knows the server under alias and reaches it at addr, which
// may be a proxy's. Host keys are looked up under the server's own address.
func (s *Server) ClientConfig(alias, addr string) string {
	host, port, _ := net.SplitHostPort(addr)
	var b strings.Builder
	fmt.Fprintf(&b, "Host %s\n  HostName %s\n  Port %s\n  User %s\n", alias, host, port, s.User)
	fmt.Fprintf(&b, "  IdentityFile %s\n  IdentitiesOnly yes\n  IdentityAgent none\n", s.IdentityFile)
	fmt.Fprintf(&b, "  UserKnownHostsFile %s\n  GlobalKnownHostsFile /dev/null\n", s.KnownHostsFile)
	if addr != s.Addr {
		fmt.Fprintf(&b, "  HostKeyAlias [%s]:%s\n", s.Host, s.Port)
	}
	return b.String()
}

// Need returns the path of a program, also from the sbin directories, or ends the test with what to install.
func Need(tb testing.TB, program, debianPackage string) string {
	tb.Helper()
	if path, err := exec.LookPath(program); err == nil {
		return path
	}
	for _, dir := range []string{"/usr/sbin", "/sbin", "/usr/local/sbin"} {
		if path, err := exec.LookPath(filepath.Join(dir, program)); err == nil {
			return path
		}
	}
	tb.Fatalf("%s is missing: apt-get install %s", program, debianPackage)
	return ""
}

// KeyGen runs ssh-keygen with args to make a key at path, without a passphrase unless args give one with
// -N, and returns path.
func KeyGen(tb testing.TB, path string, args ...string) string {
	tb.Helper()
	SSHKeygen(tb, append([]string{"-q", "-f", path, "-N", "", "-C", filepath.Base(path)}, args...)...)
	return path
}

// SSHKeygen runs ssh-keygen and returns what it prints.
func SSHKeygen(tb testing.TB, args ...string) string {
	tb.Helper()
	out, err := exec.CommandContext(tb.Context(), "ssh-keygen", args...).CombinedOutput()
	if err != nil {
		tb.Fatalf("ssh-keygen %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// ReadFile returns a file's text, or ends the test.
func ReadFile(tb testing.TB, path string) string {
	tb.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// WriteFile writes a file for the owner only, or ends the test.
func WriteFile(tb testing.TB, path, text string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// FreePort returns a loopback port that nobody listens on. Somebody else may take it before it is used.
func FreePort(tb testing.TB) string {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // loopback, at once
	if err != nil {
		tb.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nothing was written
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// answers waits until an SSH server greets at addr. It gives up when the port was taken, or after 20 s.
func answers(addr string, log *Output) bool {
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if strings.Contains(log.String(), "Cannot bind") {
			return false
		}
		c, err := net.DialTimeout("tcp", addr, time.Second) //nolint:noctx // bounded by its timeout
		if err != nil {
			continue
		}
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		greeting := make([]byte, 4)
		_, err = io.ReadFull(c, greeting)
		_ = c.Close()
		if err == nil && string(greeting) == "SSH-" {
			return true
		}
	}
	return false
}
