package host

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"regexp"
	"strings"
)

// expander replaces the tokens of ssh_config(5), section TOKENS, for one endpoint.
type expander struct {
	values map[byte]string
	home   string
}

func newExpander(e *endpoint) *expander {
	home, local, uid := "", "", ""
	if u, err := user.Current(); err == nil {
		home, local, uid = u.HomeDir, u.Username, u.Uid
	}
	if home == "" {
		home, _ = os.UserHomeDir()
	}
	hostname, _ := os.Hostname()
	short, _, _ := strings.Cut(hostname, ".")
	known := e.hostKeyAlias
	if known == "" {
		known = e.typed
	}
	return &expander{home: home, values: map[byte]string{
		'%': "%", 'd': home, 'h': e.host, 'i': uid, 'k': known, 'L': short, 'l': hostname,
		'n': e.typed, 'p': e.port, 'r': e.user, 'u': local,
	}}
}

// tokens replaces %x. An unknown token is an error, as it is for ssh.
func (x *expander) tokens(s string) (string, error) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' {
			b.WriteByte(s[i])
			continue
		}
		i++
		if i == len(s) {
			return "", fmt.Errorf("%q ends in a single %%: write %%%%", s)
		}
		value, ok := x.values[s[i]]
		if !ok {
			return "", fmt.Errorf("%q: the token %%%c is not supported", s, s[i])
		}
		b.WriteString(value)
	}
	return b.String(), nil
}

// path replaces a leading ~, %x and ${NAME}.
func (x *expander) path(s string) (string, error) {
	s = strings.Trim(s, `"`)
	if rest, ok := strings.CutPrefix(s, "~"); ok {
		name, tail, _ := strings.Cut(filepath.ToSlash(rest), "/")
		home := x.home
		if name != "" {
			u, err := user.Lookup(name)
			if err != nil {
				return "", fmt.Errorf("%q: %w", s, err)
			}
			home = u.HomeDir
		}
		s = filepath.Join(strings.ReplaceAll(home, "%", "%%"), tail)
	}
	s, err := x.variables(s)
	if err != nil {
		return "", err
	}
	return x.tokens(s)
}

// variables replaces ${NAME}; a variable that is not set is an error, as it is for ssh.
func (x *expander) variables(s string) (string, error) {
	var missing string
	s = regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllStringFunc(s, func(ref string) string {
		name := ref[2 : len(ref)-1]
		value, ok := os.LookupEnv(name)
		if !ok {
			missing = name
		}
		return strings.ReplaceAll(value, "%", "%%")
	})
	if missing != "" {
		return "", fmt.Errorf("%q: the environment variable %s is not set", s, missing)
	}
	return s, nil
}
