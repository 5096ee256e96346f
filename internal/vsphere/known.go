package vsphere

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// The file of confirmed certificates holds one a line: host:port, the SHA-256 fingerprint as 64 hexadecimal digits,
// and the subject, for people. Lines that begin with # are notes.

var digits = regexp.MustCompile(`^[0-9a-f]{64}$`)

// knownFingerprints are the certificates of a server that a person has confirmed. A file that is not there holds none;
// one that cannot be read is an error, since a changed certificate would look like an unknown one.
func knownFingerprints(file, server string) ([]string, error) {
	if file == "" {
		return nil, nil
	}
	text, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read confirmed certificates: %w", err)
	}
	var known []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == server && digits.MatchString(plain(fields[1])) {
			known = append(known, plain(fields[1]))
		}
	}
	return known, nil
}

// remember writes a confirmed certificate down, readable by the owner only.
func remember(file, server, fingerprint, subject string) (err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return fmt.Errorf("remember the certificate of %s: %w", server, err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("remember the certificate of %s: %w", server, err)
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	subject = strings.Join(strings.FieldsFunc(subject, func(r rune) bool { return r <= ' ' || r == 0x7f }), " ")
	if _, err := fmt.Fprintf(f, "%s %s %s\n", server, fingerprint, subject); err != nil {
		return fmt.Errorf("remember the certificate of %s: %w", server, err)
	}
	return nil
}
