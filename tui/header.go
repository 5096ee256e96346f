package tui

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"ronda/internal/fold"
	"ronda/internal/words"
)

// scene is what every pane draws from: a snapshot, the moment, and how to draw. Panes do not change it.
type scene struct {
	snap *fold.Snapshot
	now  time.Time
	loc  *time.Location
	st   *styles
	back bool // there is something to look back at
}

func (c scene) clock(t time.Time) string   { return words.Clock(t, c.loc, c.now) }
func (c scene) exact(t time.Time) string   { return words.ClockExact(t, c.loc, c.now) }
func (c scene) seconds(t time.Time) string { return words.ClockSeconds(t, c.loc, c.now) }

// ago is how long ago t was; empty for no moment.
func (c scene) ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return words.Age(c.now.Sub(t))
}

// lasting is for how long it has been so since t; empty for no moment.
func (c scene) lasting(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return " " + words.Duration(max(c.now.Sub(t), 0))
}

// silence is for how long the session may say nothing before that itself is said: it speaks every second.
const silence = 5 * time.Second

// titleRow is the screen's first row: what is watched, the time, and the time that is left. It says when the
// record takes nothing, and where the board is not seen, it also counts the tasks in trouble.
func titleRow(c scene, play *Playback, board bool, w int) string {
	left := newRow(w, "").put("", " ").put(c.st.brand, "ronda")
	title := clean(c.snap.Title)
	room, parts := 40, clockParts(c, play) // room for the title
	if said := unrecorded(c); said != "" {
		if width(said) > w/2 {
			said = notRecorded
		}
		parts = append([]part{{c.st.alarm, " " + said + " ", 0}}, parts...)
		room = 8
	}
	if hurried(c) {
		room = 8
	}
	if n := inTrouble(c.snap.Tasks); n > 0 && !board {
		parts = append([]part{{c.st.alarm, " " + strconv.Itoa(n) + " in trouble ", 0}}, parts...)
		room = 8
	}
	right := choose(parts, " · ", max(left.room-min(width(title), room)-5, 8))
	n := partsWidth(right, " · ") + 1
	if title != "" {
		left.put("", "  ").put(c.st.bold, clip(title, left.room-n-2))
	}
	return left.rest(n).putParts(right, " · ", c.st.faint).line()
}

// notRecorded begins a note that says that the record takes nothing: what is seen will not be there to read
// afterwards.
const notRecorded = "NOT RECORDED"

// unrecorded is such a note, while it is among the newest; empty when there is none.
func unrecorded(c scene) string {
	const newest = 5
	notes := c.snap.Notes
	for _, n := range slices.Backward(notes[max(len(notes)-newest, 0):]) {
		if alarms(n) {
			return clean(n.Text)
		}
	}
	return ""
}

// alarms tells whether a note is to be read at once.
func alarms(n fold.NoteView) bool { return strings.HasPrefix(n.Text, notRecorded) }

func clockParts(c scene, play *Playback) []part {
	parts := []part{{c.st.bold, c.now.In(c.loc).Format("15:04:05"), 0}}
	if play != nil {
		parts = append([]part{playPart(c, play)}, parts...)
	}
	switch {
	case c.snap.Ended:
		parts = append(parts, part{c.st.dim, "ended" + because(c.snap.Why), 1})
	case play == nil && !c.snap.At.IsZero() && c.now.Sub(c.snap.At) > silence:
		parts = append(parts, part{c.st.caution, " not updated for " + words.Duration(c.now.Sub(c.snap.At)) + " ", 1})
	}
	if !c.snap.Started.IsZero() && c.now.After(c.snap.Started) {
		parts = append(parts, part{c.st.dim, "watching " + words.Duration(c.now.Sub(c.snap.Started)), 5})
	}
	return append(parts, windowParts(c)...)
}

// hurried tells whether the whole plan will not be done in time.
func hurried(c scene) bool {
	whole := wholeParts(c)
	return len(whole) > 0 && whole[0].rank == 1
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return ": " + clean(why)
}

// windowParts tell the window for the work, what is left of it, and when to decide.
func windowParts(c scene) []part {
	win := c.snap.Plan.Window
	if win == nil || win.End.IsZero() {
		return nil
	}
	var parts []part
	if !win.Start.IsZero() {
		parts = append(parts, part{c.st.dim, "window " + words.Span(win.Start, win.End, c.loc, c.now), 6})
	}
	switch left := win.End.Sub(c.now); {
	case left <= 0:
		parts = append(parts, part{c.st.alarm, " window ended " + words.Duration(-left) + " ago ", 1})
	case !win.Start.IsZero() && c.now.Before(win.Start):
		parts = append(parts, part{c.st.dim, "opens in " + words.Duration(win.Start.Sub(c.now)), 2})
	default:
		k := c.st.text
		if left < 30*time.Minute {
			k = c.st.warn
		}
		rank := 2
		if hurried(c) {
			rank = 4 // until when to decide, and that it will be late, tell more
		}
		parts = append(parts, part{k, words.Duration(left) + " left", rank})
	}
	if win.Rollback <= 0 {
		return append(parts, wholeParts(c)...)
	}
	decide := win.End.Add(-time.Duration(win.Rollback))
	switch left := decide.Sub(c.now); {
	case c.now.After(win.End):
	case left <= 0:
		parts = append(parts, part{c.st.caution, " decision was due " + c.clock(decide) + " ", 3})
	case left < 30*time.Minute:
		parts = append(parts, part{c.st.warn, "decide by " + c.clock(decide), 3})
	default:
		parts = append(parts, part{c.st.text, "decide by " + c.clock(decide), 3})
	}
	return append(parts, wholeParts(c)...)
}

// playPart is how a replay stands, and how much of the session has been shown.
func playPart(c scene, play *Playback) part {
	shown := ""
	if whole := play.End.Sub(play.Start); whole > 0 {
		shown = " at " + words.Percent(min(max(float64(c.now.Sub(play.Start))/float64(whole), 0), 1))
	}
	if play.Paused {
		return part{c.st.caution, " replay paused" + shown + " ", 0}
	}
	return part{c.st.calm, "replay " + factor(play.Speed) + shown, 0}
}

func factor(speed float64) string {
	if math.IsNaN(speed) || math.IsInf(speed, 0) {
		return words.Unknown
	}
	return strconv.FormatFloat(speed, 'f', -1, 64) + "×"
}
