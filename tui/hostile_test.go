package tui

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
)

// attacks are texts that a terminal would obey, or that take another width than they seem to.
func attacks() []string {
	return []string{
		"\x1b[2J\x1b[H gone", "\x1b]0;owned\x07title", "\x1b]52;c;ZXZpbA==\x07clip", "\u009b31mC1", "\x1bPq#0\x1b\\sixel",
		"\x1b[6n", "a\rb", "a\nb", "a\tb", "a\bb", "\x00\x01\x02", "\xff\xfe\xc2", "\u202eevil\u202c", "a\u200bb",
		"👍🏽 🇮🇩 👩‍👩‍👧", "각", "e" + strings.Repeat("\u0301", 50), "\x1b[", "\x1b]8;;http://x", "漢字漢字", "\x7f", "\x1b[?1049l",
	}
}

// hostileScene has an attack wherever text comes from outside.
func hostileScene(evil string) *fold.Snapshot {
	s := sketch()
	s.Title = evil
	for i := range s.Hosts {
		s.Hosts[i].Name += evil
		s.Hosts[i].Detail = evil
	}
	for i := range s.Services {
		s.Services[i].Name, s.Services[i].Detail = evil, evil
	}
	s.Notes = append(s.Notes, fold.NoteView{At: night(), Kind: observe.KindMark, Text: evil})
	for i := range s.Plan.Tasks {
		s.Plan.Tasks[i].Log, s.Plan.Tasks[i].After = "/var/log/"+evil, evil
	}
	for i := range s.Tasks {
		t := &s.Tasks[i]
		s.Plan.Tasks[i].Name = t.Name + evil
		t.Name += evil
		t.Host, t.Reason, t.Phase = evil, evil, evil
		t.Verdict += observe.Verdict(evil)
		t.Progress.Unit, t.Progress.Known, t.ETA.Why = evil, true, evil
		t.Evidence = []observe.Evidence{{For: true, Text: evil}, {Text: evil}}
		t.Next = &observe.Escalation{Verdict: observe.Verdict(evil), At: night(), If: evil}
		t.Sources = []fold.SourceView{{Name: evil, State: observe.SourceState(evil), Why: evil}}
		t.Process = &observe.Process{
			Found: evil, Count: 1, Exit: &observe.Exit{Known: true, Signal: evil},
			Procs: []observe.Proc{{PID: 1, Name: evil, Command: evil, State: evil, Call: evil, Target: evil, Waits: evil}},
			Files: []observe.OpenFile{{PID: 1, Path: evil}},
		}
		t.Sure, t.Overlong = observe.Sureness(evil), true
		t.Scenes = []fold.Scene{{At: night(), Snapshot: &observe.Snapshot{
			Ruling: t.Ruling, Phase: evil, Counter: &observe.Counter{Name: evil, Unit: evil, Done: new(1.0)}, Process: t.Process,
			Lines: []string{evil}, Prompt: evil, Sees: []observe.Seen{{Source: evil, State: observe.SourceState(evil), Why: evil}},
			Link: &observe.Link{Up: true, Detail: evil}, Others: []observe.Other{{Name: evil, State: observe.Verdict(evil), Detail: evil}},
		}}}
		t.Transfer = &fold.TransferView{
			Finder: evil, Tool: evil, Source: "/srv/" + evil, Target: "/mnt/" + evil, State: observe.TransferState(evil), Detail: evil,
			Of: observe.AmountOf(evil), What: evil, By: evil, Files: 1, Unknown: evil,
		}
		full := rate.ETA{State: rate.Range, P10: night(), P50: in(time.Hour), P90: in(2 * time.Hour)}
		t.Fit = fold.FitView{Known: true, Fits: i%2 == 0, Volume: evil, Use: evil, Unit: evil, Need: 9, Others: 1, Avail: 1, FullAt: full, Since: before(time.Hour), Text: evil}
		t.Log = fold.NewLogView([]fold.LogLine{{Text: evil}, {Text: evil, Gap: true}}, &fold.LogLine{Text: evil})
	}
	s.Finders = []fold.FinderView{{Name: evil, Host: evil, State: observe.SourceUp, Running: 1}, {Name: evil, State: observe.SourceFailed, Why: evil}}
	s.Volumes = []fold.VolumeView{
		{Host: evil, Volume: observe.Volume{Mount: "/" + evil, Device: evil, Type: evil, Size: 9, Used: 5, Avail: 4}, Tasks: []string{evil, evil}, Text: evil, Short: 5},
		{Volume: observe.Volume{Mount: evil}, Full: rate.ETA{State: rate.None, Why: evil}},
	}
	s.Groups = []fold.GroupView{{Name: evil, Unit: evil, Hint: evil, Members: []fold.GroupMember{{Task: s.Tasks[0].Name, Rate: 1}, {Task: evil}}}}
	s.Whole = fold.WholeView{ETA: rate.ETA{State: rate.Range, P10: in(time.Hour), P50: in(time.Hour), P90: in(2 * time.Hour)}, Last: evil, Unknown: []string{evil}}
	return s
}

func TestNoForeignByteReachesTheTerminal(t *testing.T) {
	for _, evil := range attacks() {
		snap := hostileScene(evil)
		question := &Question{ID: 1, Title: evil, Text: evil + "\n" + evil}
		for _, w := range []int{40, 80, 200} {
			for _, key := range []string{"", "l", "e", "x", "w", "v", "p", "d", "?"} {
				m := drive(t, snap, w, 40)
				m.look.question = nil
				if key != "" {
					m.Update(keyPress(key))
				}
				requireHarmless(t, m, evil)
				requireFits(t, m, w, 40)
				m.cfg.Question = func() *Question { return question }
				m.Update(m.fetch())
				m.Update(tea.PasteMsg{Content: evil})
				m.Update(tea.KeyPressMsg{Text: evil})
				requireHarmless(t, m, evil)
				requireFits(t, m, w, 40)
			}
		}
	}
}

// requireHarmless finds everything but printable characters, line ends and the SGR sequences of our own.
func requireHarmless(tb testing.TB, m *model, evil string) {
	tb.Helper()
	v := m.View()
	rest := v.Content
	for {
		before, after, found := strings.Cut(rest, "\x1b[")
		requirePrintable(tb, before, evil)
		if !found {
			break
		}
		end := strings.IndexFunc(after, func(r rune) bool { return r != ';' && (r < '0' || r > '9') })
		if end < 0 || after[end] != 'm' {
			tb.Fatalf("attack %q: a sequence that is not ours: %q", evil, after[:min(len(after), 20)])
		}
		rest = after[end+1:]
	}
	requirePrintable(tb, v.WindowTitle, evil)
	if ansi.Strip(v.WindowTitle) != v.WindowTitle || strings.Contains(v.WindowTitle, "\n") {
		tb.Fatalf("attack %q: title %q", evil, v.WindowTitle)
	}
}

func requirePrintable(tb testing.TB, s, evil string) {
	tb.Helper()
	for _, r := range s {
		if r < 0x20 && r != '\n' || r >= 0x7f && r < 0xa0 || r == 0x202e || r == 0x200b || r == 0x200d {
			tb.Fatalf("attack %q: %U reaches the terminal", evil, r)
		}
	}
}
