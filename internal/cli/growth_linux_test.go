package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ronda/internal/host/hosttest"
)

// TestRemoteGrowth: a copy on a server, watched by its target alone, is followed to its end; what its database's size
// is asked with is written down nowhere.
func TestRemoteGrowth(t *testing.T) {
	server := hosttest.StartSSHD(t, hosttest.Options{})
	dir := t.TempDir()
	config, record := filepath.Join(dir, "config"), filepath.Join(dir, "night.jsonl")
	hosttest.WriteFile(t, config, server.ClientConfig("mail1", server.Addr))
	hosttest.WriteFile(t, filepath.Join(dir, "a.img"), strings.Repeat("x", 3<<20))
	hosttest.WriteFile(t, filepath.Join(dir, "plan.yaml"), `hosts: {mail1: {ssh: mail1}}
tasks:
  - name: copy
    transfer: {path: "mail1:`+dir+`/to/a.img", total_from: "mail1:`+dir+`/a.img"}
  - name: dump
    host: mail1
    database: {mysql: "127.0.0.1:1", user: root, password_command: "echo hunter22"}
    transfer: {path: "`+dir+`/dump.sql", total_database: true}
`)
	w := startRonda(t, "watch", filepath.Join(dir, "plan.yaml"), "--headless", "-F", config, "--record", record)
	w.until(t, "is not there yet", time.Minute)
	rsync := exec.CommandContext(t.Context(), "sh", "-c", `mkdir "$1/to"; head -c 1000 /dev/zero >"$1/dump.sql"; exec rsync --bwlimit=120 "$1/a.img" "$1/to/"`, "sh", dir)
	if err := rsync.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rsync.Wait() })
	w.until(t, "copy: PROGRESSING", time.Minute)
	w.until(t, "copy: DONE", 2*time.Minute)
	w.stop(t, os.Interrupt)
	text, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "hunter22") {
		t.Error("the password is recorded")
	}
	kinds := map[string]int{}
	for line := range strings.Lines(string(text)) {
		var o struct{ Kind, Task, Source, Host, Unknown string }
		if err := json.Unmarshal([]byte(line), &o); err != nil {
			t.Fatal(err)
		}
		kinds[o.Kind+" "+o.Task+" "+o.Host]++
		if o.Task == "dump" && strings.HasPrefix(o.Unknown, "the total is not known: the database's client failed") {
			kinds["unknown"]++
		}
	}
	for _, kind := range []string{"transfer copy mail1", "transfer dump mail1", "volume  mail1", "unknown"} {
		if kinds[kind] == 0 {
			t.Errorf("no %s among %v", kind, kinds)
		}
	}
}
