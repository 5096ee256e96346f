package host

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	xknownhosts "golang.org/x/crypto/ssh/knownhosts"
)

// knownKeys is what the known_hosts files hold, read anew for each connection. Lines that cannot be read are
// passed over and noted, as ssh does, where the libraries would refuse the whole file.
type knownKeys struct {
	db      *knownhosts.HostKeyDB
	names   map[string]string // real names of the filtered copies
	cas     map[string]bool   // "file:line" of @cert-authority lines
	ignored []string          // notes about lines that were passed over
}

// readKnownKeys reads those of the files that exist.
func readKnownKeys(files []string) (*knownKeys, error) {
	k := &knownKeys{names: map[string]string{}, cas: map[string]bool{}}
	var usable []string
	var scratch string
	defer func() {
		if scratch != "" {
			_ = os.RemoveAll(scratch)
		}
	}()
	for i, file := range files {
		text, err := os.ReadFile(file)
		switch {
		case errors.Is(err, os.ErrNotExist):
			continue
		case err != nil:
			return nil, fmt.Errorf("read known hosts: %w", err)
		}
		good, bad := k.filter(file, text)
		if bad {
			if scratch == "" {
				if scratch, err = os.MkdirTemp("", "ronda-known-hosts-"); err != nil {
					return nil, fmt.Errorf("read known hosts %s: %w", file, err)
				}
			}
			copied := filepath.Join(scratch, strconv.Itoa(i))
			if err := os.WriteFile(copied, good, 0o600); err != nil {
				return nil, fmt.Errorf("read known hosts %s: %w", file, err)
			}
			k.names[copied] = file
			file = copied
		}
		usable = append(usable, file)
	}
	db, err := knownhosts.NewDB(usable...)
	if err != nil {
		return nil, fmt.Errorf("read known hosts: %w", err)
	}
	k.db = db
	return k, nil
}

// filter blanks the lines that cannot be read, so that the others keep their numbers.
func (k *knownKeys) filter(file string, text []byte) (good []byte, bad bool) {
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		marker, err := checkKnownLine(line)
		if err != nil {
			k.ignored = append(k.ignored, fmt.Sprintf("%s:%d was passed over: %v", file, i+1, err))
			lines[i] = nil
			bad = true
			continue
		}
		if marker == "@cert-authority" {
			k.cas[fmt.Sprintf("%s:%d", file, i+1)] = true
		}
	}
	return bytes.Join(lines, []byte("\n")), bad
}

// checkKnownLine checks what the known_hosts reader of x/crypto would stumble over. The grammar is that of
// sshd(8), section SSH_KNOWN_HOSTS FILE FORMAT.
func checkKnownLine(line []byte) (marker string, err error) {
	const longest = 60 << 10 // the readers stop at 64 KiB
	if len(line) > longest {
		return "", errors.New("the line is too long")
	}
	fields := strings.Fields(string(line))
	if len(fields) == 0 || strings.HasPrefix(fields[0], "#") {
		return "", nil
	}
	if fields[0] == "@cert-authority" || fields[0] == "@revoked" {
		marker, fields = fields[0], fields[1:]
	}
	if len(fields) < 3 {
		return "", errors.New("host, key type and key are needed")
	}
	if err := checkHostPatterns(fields[0]); err != nil {
		return "", err
	}
	blob, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil {
		return "", errors.New("the key is not base64")
	}
	key, err := ssh.ParsePublicKey(blob)
	if err != nil || key.Type() != fields[1] {
		return "", fmt.Errorf("not a key of type %s", clean(fields[1], 64))
	}
	return marker, nil
}

func checkHostPatterns(field string) error {
	if strings.HasPrefix(field, "@") {
		return fmt.Errorf("unknown marker %s", clean(field, 64))
	}
	if strings.HasPrefix(field, "|") {
		parts := strings.Split(field, "|")
		if len(parts) != 4 || parts[1] != "1" {
			return errors.New("not a hashed name")
		}
		for _, part := range parts[2:] {
			if _, err := base64.StdEncoding.DecodeString(part); err != nil {
				return errors.New("not a hashed name")
			}
		}
		return nil
	}
	for pattern := range strings.SplitSeq(field, ",") {
		pattern, negated := strings.CutPrefix(pattern, "!")
		if negated && pattern == "" {
			return errors.New("a ! without a name")
		}
		if strings.HasPrefix(pattern, "[") {
			if _, _, err := net.SplitHostPort(pattern); err != nil {
				return fmt.Errorf("not a name with a port: %s", clean(pattern, 64))
			}
		}
	}
	return nil
}

// lookupName is the host:port under which a server's key is known. An alias stands for both, as with ssh.
func (e *endpoint) lookupName() string {
	if e.hostKeyAlias == "" {
		return e.addr()
	}
	alias := e.hostKeyAlias
	if strings.HasPrefix(alias, "[") {
		if _, _, err := net.SplitHostPort(alias); err == nil {
			return alias
		}
	}
	return net.JoinHostPort(alias, "22")
}

// plainAlgorithms are the host key algorithms for a host that is not known: no certificates, whose authority
// nobody could name, and ed25519 first, since some old servers die at the others.
func plainAlgorithms() []string {
	return []string{
		ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521,
		ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256,
	}
}

// algorithms returns the host key algorithms to offer. Those of known keys only, since a server that shows
// a key of another type would look changed (https://go.dev/issue/29286); plain ones after those of an
// authority, since its hosts need not have certificates.
func (k *knownKeys) algorithms(name string) []string {
	known := k.db.HostKeyAlgorithms(name)
	onlyAuthorities := true
	for _, key := range k.db.HostKeys(name) {
		onlyAuthorities = onlyAuthorities && key.Cert
	}
	if !onlyAuthorities {
		return known
	}
	return append(slices.Clone(known), plainAlgorithms()...)
}

// check looks a key up. It returns nil for a known key, and a *HostKeyError otherwise.
func (k *knownKeys) check(name string, key ssh.PublicKey) error {
	err := k.db.HostKeyCallback()(name, &net.TCPAddr{IP: net.IPv4zero}, key)
	if err == nil {
		return nil
	}
	problem := &HostKeyError{
		Server: knownhosts.Normalize(name), Problem: HostKeyUnknown, Type: key.Type(), Fingerprint: fingerprint(key),
	}
	var revoked *xknownhosts.RevokedError
	var mismatch *xknownhosts.KeyError
	switch {
	case errors.As(err, &revoked):
		problem.Problem = HostKeyRevoked
		problem.Known = []KnownKey{k.known(revoked.Revoked)}
	case errors.As(err, &mismatch):
		for _, want := range mismatch.Want {
			if known := k.known(want); !k.cas[fmt.Sprintf("%s:%d", known.File, known.Line)] {
				problem.Problem = HostKeyChanged
				problem.Known = append(problem.Known, known)
			}
		}
	default: // a certificate that does not hold: expired, for another name, by an unknown authority
		problem.Problem = HostKeyInvalid
		problem.Why = clean(err.Error(), maxMessage)
	}
	return problem
}

func (k *knownKeys) known(key xknownhosts.KnownKey) KnownKey {
	file := key.Filename
	if original, ok := k.names[file]; ok {
		file = original
	}
	return KnownKey{Type: key.Key.Type(), Fingerprint: ssh.FingerprintSHA256(key.Key), File: file, Line: key.Line}
}

// fingerprint is the one that ssh shows: for a certificate, that of the key it certifies.
func fingerprint(key ssh.PublicKey) string {
	if cert, ok := key.(*ssh.Certificate); ok {
		key = cert.Key
	}
	return ssh.FingerprintSHA256(key)
}

// remember appends a host key to a known_hosts file with one write, and makes the file if need be.
func remember(file, name string, key ssh.PublicKey, hashed bool) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("remember host key: %w", err)
	}
	f, err := os.OpenFile(file, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("remember host key: %w", err)
	}
	host := knownhosts.Normalize(name)
	if hashed {
		host = xknownhosts.HashHostname(host)
	}
	line := fmt.Sprintf("%s %s %s\n", host, key.Type(), base64.StdEncoding.EncodeToString(key.Marshal()))
	if info, err := f.Stat(); err == nil && info.Size() > 0 {
		last := make([]byte, 1)
		if _, err := f.ReadAt(last, info.Size()-1); err == nil && last[0] != '\n' {
			line = "\n" + line
		}
	}
	_, err = f.WriteString(line)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("remember host key in %s: %w", file, err)
	}
	return nil
}
