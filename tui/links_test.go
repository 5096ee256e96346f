package tui

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"ronda/internal/fold"
)

// linksScene has two hosts that are well, and one that is lost for a reason.
func linksScene(name, why string) *fold.Snapshot {
	s := sketch()
	s.Hosts[2] = fold.HostView{Name: name, State: fold.LinkDown, Since: before(12 * time.Second), Detail: why}
	return s
}

func linksLine(snap *fold.Snapshot, w, h int) string {
	return ansi.Strip(linksRow(scene{snap: snap, now: night(), loc: time.UTC, st: newStyles(theme{})}, w, h >= roomFrom))
}

func TestLinksSayWhatMattersOfALostHost(t *testing.T) {
	const dial = "connect to bastion.lan:22: dial tcp: lookup bastion.lan on 10.0.0.53:53: no such host; next try in 200ms"
	const key = "the host key of t1 has CHANGED: refused; another machine answers, or it was installed anew; " +
		"10.0.0.7:22 shows ssh-ed25519 SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA, known is /root/.ssh/known_hosts:3"
	for name, step := range map[string]struct {
		host, why string
		w, h      int
		want      string // in the row
		rest      bool   // the hosts that are well are seen too
	}{
		"the next try":         {"backup", dial, 80, 24, "○ backup lost 12 s ago; next try in 200ms", true},
		"the cause":            {"backup", dial, 120, 24, ": no such host; next try in 200ms", true},
		"the cause, cut":       {"backup", strings.Replace(dial, "no such host", "connection refused", 1), 90, 24, ": connection r…; next try in 200ms", true},
		"all":                  {"backup", dial, 200, 24, ": " + dial, true},
		"without a strip":      {"backup", dial, 80, 12, "○ backup lost 12 s ago; next try in 200ms", false},
		"a changed key":        {"t1", key, 80, 24, "○ t1 lost 12 s ago: the host key of t1 has CHANGED", false},
		"of a long name":       {"archive-mail-03.example", strings.ReplaceAll(key, "t1", "archive-mail-03.example"), 80, 24, "○ archive-mail-03.example: the host key of archive-mail-03.example has CHANGED", false},
		"of a host in a crowd": {"t1", key, 120, 24, "● mail1 38 ms   ● mail2 41 ms", true},
	} {
		t.Run(name, func(t *testing.T) {
			row := linksLine(linksScene(step.host, step.why), step.w, step.h)
			if !strings.Contains(row, step.want) {
				t.Errorf("row: %q", row)
			}
			if strings.Contains(row, "mail2 41 ms") != step.rest {
				t.Errorf("hosts that are well: %q", row)
			}
			if !step.rest && !strings.Contains(row, "+") && width(row) < step.w-len(linkGap) {
				t.Errorf("hidden hosts are not counted: %q", row)
			}
		})
	}
}

// Of many lost hosts, that one stays in sight whose key has changed.
func TestAChangedKeyStaysInSight(t *testing.T) {
	lost := fold.HostView{Name: "mail1", State: fold.LinkDown, Since: before(time.Hour), Detail: "no route to host; next try in 4s"}
	snap := linksScene("t1", "the host key of t1 has CHANGED: refused; another machine answers")
	snap.Hosts = []fold.HostView{lost, lost, snap.Hosts[2], lost}
	if row := linksLine(snap, 80, 24); !strings.Contains(row, "the host key of t1 has CHANGED") || !strings.HasSuffix(row, "   +3") {
		t.Errorf("row: %q", row)
	}
}

// However much there is to say, the row fits, and a lost host is never hidden behind one that is well.
func TestLinksFit(t *testing.T) {
	snap := linksScene("backup", "connect to backup: connection refused; next try in 3.2s")
	snap.Hosts = append(snap.Hosts, snap.Hosts[2], snap.Hosts[2])
	for w := range 160 {
		row := linksLine(snap, w, 24)
		if n := ansi.StringWidth(row); n > max(w, 0) {
			t.Fatalf("%d cells on %d: %q", n, w, row)
		}
		if strings.Contains(row, "mail1") && strings.Count(row, "backup lost") < 3 {
			t.Fatalf("at %d: %q", w, row)
		}
	}
}
