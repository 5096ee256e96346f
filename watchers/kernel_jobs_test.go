package watchers

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

func kernelText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "kernel", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestKernelJobs(t *testing.T) {
	texts := map[string]string{
		mdStat: kernelText(t, "mdstat.txt"), drbd8: kernelText(t, "drbd8.txt"),
		kernelSaid: kernelText(t, "dmsetup.txt") + kernelText(t, "drbd9.json"),
	}
	var got []string
	for _, k := range kernelMoves(texts) {
		line := fmt.Sprintf("%s|%s|%s|%s|%s", k.id, k.name, k.target, k.state, k.detail)
		for _, a := range k.amounts {
			line += fmt.Sprintf("|%.0f/%.0f %s", a.Done, a.Total, a.Unit)
		}
		got = append(got, line)
	}
	want := []string{
		"md2|md2 recovery|/dev/md2|running|raid5 of sdd1, sdc1, sdb1|502814212096/3990592946176 bytes",
		"md1|md1 resync|/dev/md1|queued|waits until another array on the same disks is done",
		"md0|md0 resync|/dev/md0|queued|waits until the array is written to for the first time",
		"md126|md126 check|/dev/md126|running|raid10 of sde1, sdf1|4335337472/1000069595136 bytes",
		"drbd1|drbd1 resync|/dev/drbd1|running|SyncSource: this machine sends|26444369920/289058848768 bytes",
		"drbd2|drbd2 resync|/dev/drbd2|queued|PausedSyncT: it is paused, or waits until another one is done|524288000/1048576000 bytes",
		"vg0-pvmove0|vg0-pvmove0|/dev/mapper/vg0-pvmove0|running|one part of what pvmove moves: it moves one after the other|536870912/10737418240 bytes",
		"vg0-home|vg0-home recover|/dev/mapper/vg0-home|running|raid1|5033164800/42949672960 bytes",
		"mail/0 with mail2|mail/0 with mail2 resync|/dev/drbd1000|running|SyncSource: this machine sends|80530636800/107374182400 bytes",
		"mail/1 with mail2|mail/1 with mail2 resync|/dev/drbd1001|queued|PausedSyncS: suspended by dependency|0/1073741824 bytes",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestKernelJobsEnd(t *testing.T) {
	texts := map[string]string{mdStat: kernelText(t, "mdstat_done.txt"), drbd8: kernelText(t, "drbd8_done.txt"), kernelSaid: kernelText(t, "dmsetup.txt")}
	if got := kernelMoves(map[string]string{mdStat: texts[mdStat], drbd8: texts[drbd8]}); len(got) != 0 {
		t.Errorf("found %+v where all is done", got)
	}
	for _, c := range []struct {
		tool, id string
		state    observe.TransferState
		words    string
	}{
		{"md", "md2", observe.TransferFailed, "2 of 3 disks: sdd1 has failed"},
		{"md", "md126", observe.TransferDone, "all its 2 disks"},
		{"md", "md9", observe.TransferGone, "stopped"},
		{"drbd", "drbd1", observe.TransferDone, "up to date"},
		{"drbd", "drbd2", observe.TransferGone, "WFConnection"},
		{"dm", "vg0-var", observe.TransferDone, "in sync"},
		{"dm", "vg0-home", observe.TransferGone, ""},
	} {
		if state, words := kernelEnd(observe.Transfer{Tool: c.tool, ID: c.id}, texts); state != c.state || !strings.Contains(words, c.words) {
			t.Errorf("%s: %s, %q", c.id, state, words)
		}
	}
}

// No command is run on a host that has no mirrors.
func TestKernelQuestion(t *testing.T) {
	for _, c := range []struct {
		texts map[string]string
		words []string
	}{
		{map[string]string{mdStat: "Personalities :\nunused devices: <none>\n", "/sys/class/block/dm-0/dm/name": "vg0-home\n"}, nil},
		{map[string]string{"/sys/class/block/dm-0/dm/name": "vg0-pvmove0\n"}, []string{"dmsetup status --noflush"}},
		{map[string]string{"/sys/class/block/dm-0/dm/name": "vg0-home_rimage_1\n", drbd8: "version: 9.1.7 (api:2/proto:110-121)\n"}, []string{"dmsetup", "drbdsetup status --json"}},
		{map[string]string{drbd8: "version: 8.4.11 (api:1/proto:86-101)\n"}, nil},
	} {
		got := kernelQuestion(c.texts)
		if (got == "") != (c.words == nil) {
			t.Errorf("%v: %q", c.texts, got)
		}
		for _, w := range c.words {
			if !strings.Contains(got, w) {
				t.Errorf("%q is not asked in %q", w, got)
			}
		}
	}
}

func TestKernelJobsOfTornTexts(t *testing.T) {
	texts := []string{kernelText(t, "mdstat.txt"), kernelText(t, "drbd8.txt"), kernelText(t, "dmsetup.txt"), kernelText(t, "drbd9.json")}
	for i, text := range texts {
		for cut := range len(text) {
			m := map[string]string{[]string{mdStat, drbd8, kernelSaid, kernelSaid}[i]: text[:cut]}
			for _, k := range kernelMoves(m) {
				for _, a := range k.amounts {
					if a.Done < 0 || a.Done > a.Total {
						t.Fatalf("cut at %d: %+v", cut, a)
					}
				}
			}
		}
	}
}

// TestKernelJobsMissed: of what the kernel copied when the session was left it is said how it ended meanwhile, once all
// has been heard that tells that.
func TestKernelJobsMissed(t *testing.T) {
	left := func(id, tool string) observe.Transfer {
		return observe.Transfer{ID: id, Tool: tool, Target: "/dev/" + id, State: observe.TransferRunning}
	}
	var told []string
	r := newFinderRun(FinderConfig{
		Names: map[string]string{"md126": "md126 check", "vg0-home": "vg0-home recover", "7@70": "cp a"},
		Left:  map[string]observe.Transfer{"md126": left("md126", "md"), "vg0-home": left("vg0-home", "dm"), "7@70": left("7@70", "")},
	}, nil, nil)
	look := func() {
		r.missed()
		r.kernelCopies(map[string]string{mdStat: kernelText(t, "mdstat_done.txt"), "/sys/class/block/dm-3/dm/name": "vg0-home_rimage_0"})
		for _, p := range r.batch {
			if of, ok := p.(observe.Of); ok {
				told = append(told, fmt.Sprintf("%s: %s", of.Task, of.Payload.(observe.Transfer).State)) //nolint:forcetypeassert // nothing else is said
			}
		}
		r.batch = nil
	}
	look()
	r.hear(t.Context(), inquiry{ok: true, text: "vg0-home: 0 83886080 raid raid1 2 AA 83886080/83886080 idle 0 0 -\n"})
	look()
	look()
	want := []string{"cp a: gone", "md126 check: done", "vg0-home recover: done"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// An array is whole a moment after its last block was written, and a finder waits for that.
func TestArrayAtItsEnd(t *testing.T) {
	const does = "/sys/class/block/md2/md/sync_action"
	done := strings.ReplaceAll(kernelText(t, "mdstat_done.txt"), "(F)", "")
	whole := strings.NewReplacer("[3/2] [UU_]", "[3/3] [UUU]").Replace(done)
	running := map[string]string{mdStat: kernelText(t, "mdstat.txt"), does: "recover\n"}
	for _, c := range []struct {
		why   string
		then  []map[string]string
		state observe.TransferState
		words string
	}{
		{"whole", []map[string]string{{mdStat: whole, does: "idle\n"}}, observe.TransferDone, "all its 3 disks"},
		{"whole a moment later", []map[string]string{{mdStat: done, does: "recover\n"}, {mdStat: done, does: "idle\n"}, {mdStat: whole, does: "idle\n"}}, observe.TransferDone, "all its 3 disks"},
		{"not whole", []map[string]string{{mdStat: done, does: "idle\n"}, {mdStat: done, does: "idle\n"}, {mdStat: done, does: "idle\n"}}, observe.TransferFailed, "2 of 3 disks: no disk at place 3"},
		{"its last blocks are written", []map[string]string{{mdStat: whole, does: "recover\n"}}, observe.TransferRunning, ""},
	} {
		t.Run(c.why, func(t *testing.T) {
			r := newFinderRun(FinderConfig{Name: "copies"}, nil, nil)
			for _, texts := range append([]map[string]string{running}, c.then...) {
				r.kernelCopies(texts)
			}
			var last observe.Transfer
			for _, p := range r.batch {
				if of, ok := p.(observe.Of); ok && of.Task == "md2 recovery" {
					last = of.Payload.(observe.Transfer) //nolint:forcetypeassert // a kernel's copy has nothing else
				}
			}
			if last.State != c.state || !strings.Contains(last.Detail, c.words) {
				t.Errorf("%s, %q", last.State, last.Detail)
			}
			if a := last.Amounts[0]; c.state == observe.TransferDone && a.Done != a.Total {
				t.Errorf("in the end %+v", a)
			}
		})
	}
}
