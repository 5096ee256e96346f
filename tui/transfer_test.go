package tui

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
)

func TestGoldenCopies(t *testing.T) {
	for _, size := range [][2]int{{40, 10}, {80, 24}, {110, 30}, {160, 45}} {
		for name, key := range map[string]string{"board": "", "evidence": "e", "room": "v"} {
			t.Run(fmt.Sprintf("%s-%dx%d", name, size[0], size[1]), func(t *testing.T) {
				m := drive(t, copiesScene(), size[0], size[1])
				if key != "" {
					m.Update(keyPress(key))
				}
				golden.RequireEqual(t, plainFrame(m))
			})
		}
	}
	t.Run("many-110x30", func(t *testing.T) { golden.RequireEqual(t, plainFrame(drive(t, manyCopies(200), 110, 30))) })
}

func TestGoldenPlan(t *testing.T) {
	for _, size := range [][2]int{{40, 10}, {80, 24}, {120, 30}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			m := drive(t, planScene(), size[0], size[1])
			m.Update(keyPress("p"))
			golden.RequireEqual(t, plainFrame(m))
		})
	}
}

// With three copies and one volume the classic screen tells at once which does not fit, which is late, and when the
// volume is full, in words.
func TestTroubleOfCopiesIsReadAtOnce(t *testing.T) {
	frame := plainFrame(drive(t, copiesScene(), 80, 24))
	for _, want := range []string{
		"copies on mail1: 3 run, 2 ended", "no room ≈02:14", "05:10–06:40 late", "410 GB left · +52 MB/s · full 02:09–02:22 · 340 GB short",
		"✓ 2 copies ended well", "position in /srv/vm/archive.img", "decide by 04:15",
	} {
		if !strings.Contains(frame, want) {
			t.Errorf("no %q in\n%s", want, frame)
		}
	}
	rows := strings.Split(frame, "\n")
	if i := slices.IndexFunc(rows, func(r string) bool { return strings.Contains(r, "qemu-i…chive.img") }); !strings.Contains(rows[i], "no room") {
		t.Errorf("the copy that does not fit is said to be %q", rows[i])
	}
}

// What is in trouble stands first among what was found, what ended well in one row below, and every key that selects
// goes by what is seen.
func TestOrderOfCopies(t *testing.T) {
	d := newDesk(t, copiesScene(), 80, 24)
	name := func() string { return d.task().Name }
	if name() != "qemu-img archive.img" {
		t.Fatalf("began at %s, want the one without room", name())
	}
	for _, want := range []string{"mysqldump zimbra", "rsync /srv/mail", "qemu-img archive.img"} {
		if d.press("j"); !strings.HasPrefix(name(), want) {
			t.Errorf("j: %s, want %s", name(), want)
		}
	}
	if d.press("a"); !strings.HasPrefix(name(), "rsync /srv/mail") {
		t.Errorf("a: %s, want the one that is late", name())
	}
	if d.press("d", "k", "k", "k"); name() != "cp initrd.img" {
		t.Errorf("unfolded, k goes to %s, want the last that ended", name())
	}
	if d.press("d"); !strings.Contains(plainFrame(d.model), "▸✓ cp initrd.img") {
		t.Errorf("the selected copy has no row of its own in\n%s", plainFrame(d.model))
	}
}

// A copy that ended just now keeps its row for a while, and one that failed for good.
func TestOnlyWhatEndedWellIsFolded(t *testing.T) {
	snap := copiesScene()
	snap.Tasks[1].Ended = before(20 * time.Second)
	snap.Tasks = append(snap.Tasks, endedCopy("cp grub.cfg", 9), endedCopy("cp broken.img", 9))
	snap.Tasks[6].Verdict = observe.Failed
	frame := plainFrame(drive(t, snap, 110, 30))
	for _, want := range []string{"✓ cp vmlinuz", "✗ cp broken.img", "✓ 2 copies ended well"} {
		if !strings.Contains(frame, want) {
			t.Errorf("no %q in\n%s", want, frame)
		}
	}
}

// The selection stays with its task when others go away before it.
func TestSelectionStaysWithItsTask(t *testing.T) {
	snap := copiesScene()
	d := newDesk(t, snap, 80, 24)
	d.press("j", "j")
	want := d.task().Name
	next := *snap
	next.Tasks = snap.Tasks[2:]
	d.cfg.Snapshot = func() *fold.Snapshot { return &next }
	d.Update(d.fetch())
	if d.task().Name != want {
		t.Errorf("selected %s, want still %s", d.task().Name, want)
	}
}

// Before anything was found it is said that somebody looks, or why nobody can.
func TestNoCopyYet(t *testing.T) {
	for _, x := range []struct {
		view fold.FinderView
		want string
	}{
		{fold.FinderView{Name: "copies on mail1"}, "copies on mail1: looks for copies"},
		{fold.FinderView{Name: "copies on mail1", State: observe.SourceUp}, "copies on mail1: no copy runs now"},
		{fold.FinderView{Name: "copies on mail1", State: observe.SourceWaiting, Why: "no copy runs here now"}, "copies on mail1: no copy runs here now"},
		{fold.FinderView{Name: "copies on mail1", State: observe.SourceFailed, Why: "no /proc there"}, "copies on mail1: cannot look: no /proc there"},
		{fold.FinderView{Name: "copies on mail1", State: observe.SourceLimited, Why: "not root: others' copies are not seen"}, "not root: others' copies are not seen"},
	} {
		snap := copiesScene()
		snap.Tasks, snap.Groups, snap.Volumes, snap.Finders = nil, nil, nil, []fold.FinderView{x.view}
		if frame := plainFrame(drive(t, snap, 80, 24)); !strings.Contains(frame, x.want) {
			t.Errorf("no %q in\n%s", x.want, frame)
		}
	}
}

func TestRoomTexts(t *testing.T) {
	at := rate.ETA{State: rate.Range, P10: in(time.Hour), P50: in(153 * time.Minute), P90: in(4 * time.Hour)}
	c := scene{snap: &fold.Snapshot{}, now: night(), loc: time.UTC, st: newStyles(theme{})}
	for _, x := range []struct {
		fit  fold.FitView
		w    int
		want string
	}{
		{fold.FitView{Known: true, Unit: "bytes", Need: 9.1e9, Avail: 4e9, FullAt: at}, 40, "no room: full ≈02:14, 5.1 GB short"},
		{fold.FitView{Known: true, Unit: "bytes", Need: 9.1e9, Avail: 4e9, FullAt: at}, 30, "no room ≈02:14, 5.1 GB short"},
		{fold.FitView{Known: true, Unit: "bytes", Need: 9.1e9, Avail: 4e9, FullAt: at}, 20, "no room: full ≈02:14"},
		{fold.FitView{Known: true, Unit: "bytes", Need: 9.1e9, Avail: 4e9, FullAt: at}, 16, "no room ≈02:14"},
		{fold.FitView{Known: true, Unit: "bytes", Need: 9.1e9, Avail: 4e9, FullAt: at}, 11, "no room"},
		{fold.FitView{Known: true, Unit: "bytes", Need: 9.1e9, Avail: 4e9}, 40, "no room: 5.1 GB short"},
		{fold.FitView{Known: true, Unit: "bytes", Need: 9.1e9, FullAt: at}, 40, "no room: full now, 9.1 GB short"},
		{fold.FitView{Known: true, Unit: "inodes", Need: 9000, Avail: 100, FullAt: at}, 40, "no room: full ≈02:14, 8.9k inodes short"},
		{fold.FitView{Known: true, Unit: "bytes", Need: math.NaN(), Avail: 4e9}, 40, "no room"},
	} {
		if got := firstFitting(roomTexts(c, &fold.TaskView{Fit: x.fit}), x.w); got != x.want {
			t.Errorf("%+v in %d cells: %q, want %q", x.fit, x.w, got, x.want)
		}
	}
}

// Boards and pages of copies fit at any size, whatever they hold.
func TestCopiesFitAtEverySize(t *testing.T) {
	odd := copiesScene()
	odd.Volumes = append(odd.Volumes, fold.VolumeView{Volume: observe.Volume{Mount: strings.Repeat("/漢字", 40), Used: -1}, Rate: math.NaN(), Text: strings.Repeat("long ", 60), Blind: true})
	odd.Volumes = append(odd.Volumes, odd.Volumes...)
	for _, snap := range []*fold.Snapshot{odd, manyCopies(30), planScene()} {
		for w := 1; w <= 170; w += 23 {
			for h := 1; h <= 46; h += 7 {
				m := drive(t, snap, w, h)
				requireFits(t, m, w, h)
				for _, key := range []string{"e", "v", "p", "d", "esc", "l"} {
					m.Update(keyPress(key))
					requireFits(t, m, w, h)
				}
			}
		}
	}
}

// A volume that is full is said to be so also when nobody is known to write there.
func TestAFullVolumeIsSaid(t *testing.T) {
	snap := copiesScene()
	snap.Volumes = []fold.VolumeView{{Host: "mail1", Volume: observe.Volume{Mount: "/mnt/backup", Size: 2e12, Used: 2e12}}}
	if frame := plainFrame(drive(t, snap, 80, 24)); !strings.Contains(frame, "≡ /mnt/backup  0 B left · full now") {
		t.Errorf("not said in\n%s", frame)
	}
}

// What is out of sight and late is counted, beside what has no room.
func TestHiddenLateCopiesAreCounted(t *testing.T) {
	snap := manyCopies(60)
	for i := 50; i < 60; i += 4 {
		snap.Tasks[i].Deadline = fold.DeadlineView{At: in(time.Hour), Known: true, Probability: 0.1}
	}
	if frame := plainFrame(drive(t, snap, 80, 24)); !strings.Contains(frame, "more: 3 late") {
		t.Errorf("not counted in\n%s", frame)
	}
}
