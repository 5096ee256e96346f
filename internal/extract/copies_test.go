package extract

import (
	"fmt"
	"strings"
	"testing"

	"ronda/internal/observe"
)

// Where a tool's own way of working is the reason that there is no total, it is said.
func TestWhyThereIsNoTotal(t *testing.T) {
	for _, c := range []struct {
		why   string // of the last line
		lines string
	}{
		{"rsync is still reading the list of files", "    120,000,000  29%   59.65MB/s    0:00:01 (xfr#1, ir-chk=1082/1084)"},
		{"rsync is still reading the list of files", "    120,000,000  29%   59.65MB/s    0:00:01 (xfr#1, ir-chk=1082/1084)\n    127,307,264  30%   59.09MB/s    0:00:04  "},
		{"", "    120,000,000  29%   59.65MB/s    0:00:01 (xfr#1, ir-chk=1082/1084)\n    240,000,000  58%   59.29MB/s    0:00:03 (xfr#2, to-chk=1000/3664)"},
		{"rsync is still reading the list of files", "src/a\n      1,500,000 100%  466.42MB/s    0:00:00 (xfr#1, ir-chk=39/41)"},
		{"restic is still looking for files", "[0:00] 18 files 27.169 MiB, total 40 files 57.220 MiB, 0 errors"},
		{"pv was not told how much there is", "20.0MiB 0:00:01 [19.9MiB/s]"},
		{"dd does not say how much there is", "83951616 octets (84 MB, 80 MiB) copiés, 2 s, 40,6 MB/s"},
		{"borg does not count beforehand how much there is", "5.65 MB O 4.06 MB C 4.06 MB D 5 N src/d1/f26.bin"},
		{"tar does not know how much there is", "tar: #2000: W: 20469760 (20MiB, 78MiB/s)"},
	} {
		l := newLog(t, observe.Patterns{})
		var last *Count
		for line := range strings.SplitSeq(c.lines, "\n") {
			last = l.Read(line, false).Count
		}
		if last == nil || last.Why != c.why || (last.Total > 0) != (c.why == "") {
			t.Errorf("%q: %+v, want %q", c.lines, last, c.why)
		}
	}
}

// Several snapshots that are sent one after the other are one amount; one that is estimated too small has no total.
func TestZFSSendsSnapshotsInTurn(t *testing.T) {
	const g = 1 << 30
	l := newLog(t, observe.Patterns{})
	for _, c := range []struct {
		line        string
		done, total float64
	}{
		{"full send of tank/mail@one estimated size is 20G", 0, 0},
		{"send from @one to tank/mail@two estimated size is 10G", 0, 0},
		{"total estimated size is 30G", 0, 0},
		{"TIME        SENT   SNAPSHOT tank/mail@one", 0, 0},
		{"23:10:05   8.00G   tank/mail@one", 8 * g, 30 * g},
		{"23:10:06   21.0G   tank/mail@one", 21 * g, 30 * g},
		{"TIME        SENT   SNAPSHOT tank/mail@two", 0, 0},
		{"23:10:07   4.00G   tank/mail@two", 25 * g, 30 * g},
		{"23:10:08   11.0G   tank/mail@two", 32 * g, 0},
	} {
		got := Count{}
		if r := l.Read(c.line, false); r.Count != nil {
			got = *r.Count
		}
		if got.Done != c.done || got.Total != c.total {
			t.Errorf("%q: %.0f of %.0f, want %.0f of %.0f", c.line, got.Done, got.Total, c.done, c.total)
		}
	}
}

// What looks like a share in other tools' lines stays one: only these tools' own forms are told apart.
func TestOtherLinesAreNotTakenForCopies(t *testing.T) {
	for i, line := range []string{
		"Copied %d%% of 120 GB / 4 disks = all", "user%d@example.com 1.10G", "moved a => b (%d%% of all)", "rate is %d%% at 12:01 B/s x",
		"step %d O C D N", "%d%% ==> next", "%d bytes (that is many) copied",
	} {
		l := newLog(t, observe.Patterns{})
		l.Read(fmt.Sprintf(line, i+3), false)
		for f := formResticJSON; f < formQuiet; f++ {
			if got := l.formOfCopy(fmt.Sprintf(line, i+3)); got == f && f != formZstd {
				t.Errorf("%q is taken for form %d", line, f)
			}
		}
	}
}
