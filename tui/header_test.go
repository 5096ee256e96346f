package tui

import (
	"strings"
	"testing"
	"time"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// A record that takes nothing is an alarm on every page and at every size, for as long as it lasts.
func TestNotRecordedIsAnAlarm(t *testing.T) {
	const said = "NOT RECORDED: no space left on device"
	snap := sketch()
	snap.Notes = append(snap.Notes, fold.NoteView{At: before(2 * time.Hour), Kind: observe.KindMark, Text: said})
	for _, size := range sizes() {
		d := newDesk(t, snap, size[0], size[1])
		want := d.st.alarm.on(" " + said + " ")
		if size[0] < 80 {
			want = d.st.alarm.on(" NOT RECORDED ")
		}
		for _, key := range []string{"esc", "l", "e", "?"} {
			d.press(key)
			if top, _, _ := strings.Cut(d.View().Content, "\n"); !strings.Contains(top, want) {
				t.Errorf("%v, %s: the first row is %q", size, key, top)
			}
			requireFits(t, d.model, size[0], size[1])
		}
		d.press("esc")
		if size[1] >= roomFrom && !strings.Contains(d.View().Content, d.st.alarm.on(said)) {
			t.Errorf("%v: the note is not seen", size)
		}
	}
	long := *snap
	long.Notes = []fold.NoteView{{At: night(), Text: "NOT RECORDED: write /home/budi/.local/state/ronda/2026-11-28.ronda: no space left on device"}}
	top, _, _ := strings.Cut(plainFrame(drive(t, &long, 80, 24)), "\n")
	if !strings.Contains(top, " NOT RECORDED  · 23:41:16") {
		t.Errorf("the first row is %q", top)
	}
}

func TestOldNotesAreNoAlarm(t *testing.T) {
	snap := sketch()
	snap.Notes = []fold.NoteView{{At: before(time.Hour), Text: "NOT RECORDED: no space left on device"}}
	for range 5 {
		snap.Notes = append(snap.Notes, fold.NoteView{At: night(), Kind: observe.KindMark, Text: "why NOT RECORDED?"})
	}
	if top, _, _ := strings.Cut(plainFrame(drive(t, snap, 120, 40)), "\n"); strings.Contains(top, notRecorded) {
		t.Errorf("the first row is %q", top)
	}
}
