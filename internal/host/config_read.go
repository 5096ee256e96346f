package host

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"time"

	sshconfig "github.com/kevinburke/ssh_config"
)

// configValues is what the ssh_config says of one host: lower-case keywords, values in order, tokens not
// expanded.
type configValues struct {
	typed  string
	values map[string][]string
}

func (v configValues) all(key string) []string { return v.values[key] }

func (v configValues) get(key string) string {
	if all := v.values[key]; len(all) > 0 {
		return all[0]
	}
	return ""
}

// readConfig asks `ssh -G`, the only reader that knows Match exec and final, or reads the files itself when
// there is no ssh.
func readConfig(ctx context.Context, cfg Config, address string) (configValues, error) {
	userName, name, port, err := splitAddress(address)
	if err != nil {
		return configValues{}, err
	}
	v := configValues{typed: name, values: map[string][]string{}}
	if ssh, lookErr := exec.LookPath("ssh"); lookErr == nil {
		err = v.fromSSH(ctx, ssh, cfg.ConfigFile, userName, port)
	} else {
		err = v.fromFiles(cfg.ConfigFile)
	}
	if err != nil {
		return v, err
	}
	v.override("user", userName)
	v.override("port", port)
	return v, v.fillIn()
}

// override puts what was typed above what the files say.
func (v configValues) override(key, value string) {
	if value != "" {
		v.values[key] = []string{value}
	}
}

// fillIn gives the defaults of ssh to what is still not known.
func (v configValues) fillIn() error {
	missing := func(key, value string) {
		if v.get(key) == "" {
			v.values[key] = []string{value}
		}
	}
	missing("hostname", v.typed)
	missing("port", "22")
	if v.get("user") == "" {
		u, err := user.Current()
		if err != nil {
			return fmt.Errorf("no user given for %s, and who runs this is not known: %w", v.typed, err)
		}
		name := u.Username
		v.values["user"] = []string{name[strings.LastIndexByte(name, '\\')+1:]} // DOMAIN\name on Windows
	}
	if len(v.values["identityfile"]) == 0 {
		v.values["identityfile"] = []string{"~/.ssh/id_rsa", "~/.ssh/id_ecdsa", "~/.ssh/id_ed25519"}
	}
	missing("userknownhostsfile", "~/.ssh/known_hosts ~/.ssh/known_hosts2")
	missing("globalknownhostsfile", "/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2")
	return nil
}

// configPatience bounds ssh -G, which may run the user's own Match exec commands.
const configPatience = 10 * time.Second

var errSlowMatch = fmt.Errorf("a Match exec in the ssh_config takes longer than %v", configPatience)

func (v configValues) fromSSH(ctx context.Context, ssh, file, userName, port string) error {
	ctx, cancel := context.WithTimeoutCause(ctx, configPatience, errSlowMatch)
	defer cancel()
	args := []string{"-G", "-T"}
	for _, o := range [][2]string{{"-F", file}, {"-l", userName}, {"-p", port}} {
		if o[1] != "" {
			args = append(args, o[0], o[1])
		}
	}
	cmd := exec.CommandContext(ctx, ssh, append(args, "--", v.typed)...)
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.WaitDelay = time.Second
	if err := cmd.Run(); err != nil {
		said := clean(strings.TrimSpace(stderr.String()), maxMessage)
		if ctx.Err() != nil {
			said = context.Cause(ctx).Error()
		}
		return fmt.Errorf("ssh -G %s: %s (%w)", clean(v.typed, maxMessage), said, err)
	}
	lines := bufio.NewScanner(&stdout)
	for lines.Scan() {
		key, value, _ := strings.Cut(lines.Text(), " ")
		v.values[key] = append(v.values[key], strings.TrimSpace(value))
	}
	return lines.Err()
}

// fromFiles reads the files without ssh: no Match exec, final or canonical.
func (v configValues) fromFiles(file string) error {
	files := []string{file}
	if file == "" {
		home, _ := os.UserHomeDir()
		files = []string{filepath.Join(home, ".ssh", "config"), "/etc/ssh/ssh_config"}
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		switch {
		case file == "" && errors.Is(err, os.ErrNotExist):
			continue
		case err != nil:
			return fmt.Errorf("read ssh_config: %w", err)
		}
		config, err := sshconfig.DecodeBytes(text)
		if err != nil {
			return fmt.Errorf("read ssh_config %s: %w (there is no ssh program here to ask instead)", path, err)
		}
		if err := v.take(config); err != nil {
			return fmt.Errorf("read ssh_config %s: %w", path, err)
		}
	}
	v.expandHostName()
	return nil
}

// take adds what one file says; the first value of a keyword counts, lists grow.
func (v configValues) take(config *sshconfig.Config) error {
	for _, key := range []string{
		"HostName", "User", "Port", "IdentityFile", "CertificateFile", "IdentitiesOnly", "IdentityAgent", "ProxyJump", "ProxyCommand",
		"UserKnownHostsFile", "GlobalKnownHostsFile", "HostKeyAlias", "StrictHostKeyChecking", "HashKnownHosts", "ConnectTimeout",
		"AddressFamily", "PubkeyAuthentication", "PasswordAuthentication", "KbdInteractiveAuthentication",
	} {
		values, err := config.GetAll(v.typed, key)
		if err != nil {
			return err
		}
		lower := strings.ToLower(key)
		isList := lower == "identityfile" || lower == "certificatefile"
		if len(values) > 0 && (isList || len(v.values[lower]) == 0) {
			v.values[lower] = append(v.values[lower], values...)
		}
	}
	return nil
}

func (v configValues) expandHostName() {
	if name := v.get("hostname"); name != "" {
		v.values["hostname"] = []string{strings.NewReplacer("%%", "%", "%h", v.typed, "%n", v.typed).Replace(name)}
	}
}

// splitAddress takes [user@]host[:port] apart, also as ssh://…; an IPv6 address with a port stands in
// brackets.
func splitAddress(s string) (userName, host, port string, err error) {
	s = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(s), "ssh://"), "/")
	if i := strings.LastIndexByte(s, '@'); i >= 0 {
		userName, s = s[:i], s[i+1:]
	}
	host = s
	if strings.HasPrefix(s, "[") || strings.Count(s, ":") == 1 {
		var serr error
		if host, port, serr = net.SplitHostPort(s); serr != nil {
			host, port = strings.Trim(s, "[]"), ""
		}
	}
	if host == "" || strings.HasPrefix(host, "-") || strings.ContainsAny(host, " \t\r\n") {
		return "", "", "", fmt.Errorf("address %q: write [user@]host[:port]", clean(s, maxMessage))
	}
	return userName, host, port, nil
}
