package extract

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"ronda/internal/observe"
)

// A compressed file is no log, whatever digits and percent signs it happens to hold.
func TestBinaryFilesCountNothing(t *testing.T) {
	for seed := range uint64(8) {
		r := rand.New(rand.NewPCG(seed, 1))
		var plain, packed bytes.Buffer
		for range 1 << 18 {
			plain.WriteByte(byte(r.IntN(64)))
		}
		w := gzip.NewWriter(&packed)
		if _, err := w.Write(plain.Bytes()); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		l := newLog(t, observe.Patterns{})
		for line := range strings.SplitSeq(strings.ToValidUTF8(packed.String(), "\uFFFD"), "\n") {
			if got := l.Read(line, false); got.Count != nil {
				t.Fatalf("seed %d: %q counts %s", seed, line, show(got.Count))
			}
		}
	}
}

func TestWhatIsText(t *testing.T) {
	for text, want := range map[string]bool{
		"copied 5 of 10":                      false,
		"\x1b[32mcopied\x1b(B\x1b[m 5 of 10":  false,
		"\x00\x00\x00\x00copied 5 of 10":      false,
		"\tgeprüft: größere Dateien 5 von 10": false,
		"gepr\xfcft: gr\xf6\xdfere 5 von 10":  false,
		"\rcopied 5%\rcopied 6%\b\b7%\a":      false,
		"复制 5 / 10":                           false,
		"copied \x01 5 of 10":                 true,
		"\uFFFD9%\uFFFDk\uFFFDx":              true,
	} {
		if got := binary(text); got != want {
			t.Errorf("%q is binary: %v", text, got)
		}
	}
}

// A line that is the counter is no phase as well, and its name stops at brackets.
func TestACounterIsNoPhase(t *testing.T) {
	l := newLog(t, observe.Patterns{})
	for i := 1; i <= 20; i++ {
		r := l.Read(fmt.Sprintf("[OK] step %d of 400", i), false)
		if r.Phase != "" {
			t.Fatalf("step %d is the phase %q", i, r.Phase)
		}
		if i > 2 && (r.Count == nil || r.Count.Name != "step" || r.Count.Done != float64(i) || r.Count.Total != 400) {
			t.Fatalf("step %d reads %+v", i, r.Count)
		}
	}
	l = newLog(t, observe.Patterns{})
	for i := range 60 {
		l.Read(fmt.Sprintf("copied row %d of 1000", i), false)
	}
	if r := l.Read("Phase 2 of 8", false); r.Phase != "Phase 2 of 8" {
		t.Errorf("beside another counter the phase is %q", r.Phase)
	}
	if r := newLog(t, observe.Patterns{}).Read("Step 4/10: Migrating mailboxes", false); r.Phase == "" {
		t.Error("a step that says what it does is no phase")
	}
}

// dpkg tells before each package how many files there are.
func TestThingsThatExistAreNoProgress(t *testing.T) {
	l := newLog(t, observe.Patterns{})
	for i := range 40 {
		r := l.Read(fmt.Sprintf("(Reading database ... %d files and directories currently installed.)", 110933+i*31), false)
		if r.Count != nil {
			t.Fatalf("counts %s", show(r.Count))
		}
		l.Read(fmt.Sprintf("Unpacking pkg%c%c (1.%d-1) ...", 'a'+i%26, 'a'+i*7%26, i), false)
	}
}

// A total from a size of three figures and a whole percentage comes to rest, and a total that is another in
// truth is followed.
func TestADerivedTotalComesToRest(t *testing.T) {
	l := newLog(t, observe.Patterns{})
	bar := func(mib float64, total float64) *Count {
		size := fmt.Sprintf("%.0fMiB", mib)
		if mib >= 1000 {
			size = fmt.Sprintf("%.2fGiB", mib/1024)
		}
		return l.Read(fmt.Sprintf("%s 0:01:00 [4.00MiB/s] [===>   ] %d%% ETA 0:02:00", size, int(100*mib/total)), true).Count
	}
	changes, last := 0, 0.0
	for mib := 4.0; mib < 1500; mib += 4 {
		c := bar(mib, 1500)
		if mib > 20 && (c == nil || !c.Derived) {
			t.Fatalf("at %.0f MiB: %+v", mib, c)
		}
		if mib > 750 && c.Total != last {
			changes++
		}
		last = c.Total
	}
	if want := 1500.0 * (1 << 20); math.Abs(last-want) > 0.01*want {
		t.Errorf("total %.0f, want about %.0f", last, want)
	}
	if changes > 2 {
		t.Errorf("the total changed %d times in the second half", changes)
	}
	if c, want := bar(1600, 3000), 3000.0*(1<<20); math.Abs(c.Total-want) > 0.03*want {
		t.Errorf("total %.0f after it became %.0f", c.Total, want)
	}
}
