package host_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"ronda/internal/host"
	"ronda/internal/host/hosttest"
)

// TestConfigMistakes are told before anything is dialled.
func TestConfigMistakes(t *testing.T) {
	config := filepath.Join(t.TempDir(), "ssh_config")
	hosttest.WriteFile(t, config, "Host circle\n  ProxyJump circle\nHost token\n  IdentityFile ~/%y\nHost variable\n  CertificateFile ${RONDA_NOT_SET}/x\n")
	for _, c := range []struct{ address, file, says string }{
		{"", config, "no address"},
		{"-oProxyCommand=id", config, "write [user@]host"},
		{"a b", config, "write [user@]host"},
		{"circle", config, "circle"},
		{"token", config, "%y"},
		{"variable", config, "RONDA_NOT_SET"},
		{"box", config + ".none", "No such file"},
	} {
		_, err := host.New(t.Context(), host.Config{Name: "box", Address: c.address, ConfigFile: c.file})
		if mistake, ok := errors.AsType[*host.ConfigError](err); !ok || !strings.Contains(err.Error(), c.says) || mistake.Hint() == "" {
			t.Errorf("%q: %v, want %q said", c.address, err, c.says)
		}
	}
}
