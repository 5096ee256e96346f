package host

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestConfigIsReadTwoWays: by ssh -G, and without an ssh program; both come to the same.
func TestConfigIsReadTwoWays(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "more"), "Host box\n  User included\n  ConnectTimeout 7\n")
	config := write(t, filepath.Join(dir, "config"), "Include "+dir+`/more
Host box
  HostName %h.Example.com
  Port 2222
  User too-late
  IdentityFile ~/.ssh/id_%r_%h
  IdentityFile /keys/b
  CertificateFile /certs/%p
  IdentitiesOnly yes
  IdentityAgent /run/agent-%n
  UserKnownHostsFile /known/%k /known/two
  GlobalKnownHostsFile /dev/null
  HostKeyAlias Alias
  HashKnownHosts yes
  StrictHostKeyChecking no
  AddressFamily inet6
  PasswordAuthentication no
  ProxyJump one,u@two:23
`)
	x := newExpander(&endpoint{})
	want := []struct{ user, addr string }{{"", "one:22"}, {"u", "two:23"}, {"included", "box.example.com:2222"}}
	for _, way := range []string{"ssh -G", "files"} {
		t.Run(way, func(t *testing.T) {
			if way == "files" {
				t.Setenv("PATH", dir)
			}
			route, err := resolveRoute(t.Context(), Config{Address: "box", ConfigFile: config})
			if err != nil {
				t.Fatal(err)
			}
			if len(route) != len(want) {
				t.Fatalf("%d hops: %+v", len(route), route)
			}
			for i, w := range want {
				if route[i].addr() != w.addr || w.user != "" && route[i].user != w.user {
					t.Errorf("hop %d is %s at %s, want %+v", i, route[i].user, route[i].addr(), w)
				}
			}
			e := route[2]
			got := map[string]any{
				"keys": e.identities, "certs": e.certificates, "only": e.onlyThese, "agent": e.agentSocket, "known": e.userKnown,
				"lookup": e.lookupName(), "hash": e.hashKnown, "strict": e.strict, "network": e.network, "timeout": e.connectTimeout.String(),
				"noPassword": e.noPassword, "noKeyboard": e.noKeyboard, "notes": len(e.notes),
			}
			expect := map[string]any{
				"keys": []string{x.home + "/.ssh/id_included_box.example.com", "/keys/b"}, "certs": []string{"/certs/2222"}, "only": true,
				"agent": "/run/agent-box", "known": []string{"/known/alias", "/known/two"}, "lookup": "alias:22", "hash": true,
				"strict": strictAcceptNew, "network": "tcp6", "timeout": "7s", "noPassword": true, "noKeyboard": false, "notes": 1,
			}
			if diff := cmp.Diff(expect, got); diff != "" {
				t.Errorf("differs from what is expected (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTypedGoesBeforeConfig(t *testing.T) {
	config := write(t, filepath.Join(t.TempDir(), "config"), "Host box\n  User file\n  Port 1\n  ProxyJump other\n")
	route, err := resolveRoute(t.Context(), Config{Address: "typed@box:2", Jump: "none", ConfigFile: config})
	if err != nil || len(route) != 1 || route[0].user != "typed" || route[0].port != "2" {
		t.Errorf("%+v, %v", route, err)
	}
}

func TestSplitAddress(t *testing.T) {
	for address, want := range map[string]string{
		"host": "|host|", "u@host:22": "u|host|22", "a@b@host": "a@b|host|", "::1": "|::1|", "u@[::1]:23": "u|::1|23",
		"[fe80::1]": "|fe80::1|", "ssh://u@host:24/": "u|host|24",
	} {
		u, h, p, err := splitAddress(address)
		if got := strings.Join([]string{u, h, p}, "|"); got != want || err != nil {
			t.Errorf("%s: %s, %v; want %s", address, got, err, want)
		}
	}
}

func TestSplitPaths(t *testing.T) {
	for list, want := range map[string][]string{
		"~/.ssh/known_hosts ~/.ssh/known_hosts2": {"~/.ssh/known_hosts", "~/.ssh/known_hosts2"},
		"/with space/kh /b":                      {"/with space/kh", "/b"},
		"none":                                   {"none"},
	} {
		if diff := cmp.Diff(want, splitPaths(list)); diff != "" {
			t.Errorf("%s: %s", list, diff)
		}
	}
}

func TestCleanText(t *testing.T) {
	hostile := "a\x1b[31mb\x07c\u009bd\u202ee\u200bf\r\ng\th\x00"
	if got := clean(hostile, 100); got != "a[31mbcdef g h" {
		t.Errorf("%q", got)
	}
	if got := clean(strings.Repeat("ä", 100), 9); len(got) > 12 || strings.Contains(got, "\x00") {
		t.Errorf("%q", got)
	}
}
