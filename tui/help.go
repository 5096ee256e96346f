package tui

import (
	"slices"
	"strings"

	"charm.land/bubbles/v2/help"
	"charm.land/bubbles/v2/key"
	"github.com/charmbracelet/x/ansi"

	"ronda/internal/fold"
	"ronda/internal/observe"
)

// keyGap stands between the keys of the last row.
const keyGap = "  "

// newHelp is what draws bindings, in the last row and on the help page.
func newHelp(p palette) help.Model {
	h := help.New()
	h.ShortSeparator = keyGap
	h.Styles = help.Styles{ShortKey: p.bold, ShortDesc: p.dim, FullKey: p.bold.PaddingRight(1), FullDesc: p.text}
	return h
}

// footerRow is the last row: the keys that matter most, in the order of the help.
func footerRow(c scene, keys []binding, w int) string {
	var sized []part
	short := make(map[string]key.Binding)
	for i, b := range keys {
		if b.brief == "" || !b.Enabled() || !offered(c, b.do) {
			continue
		}
		rank := i + 2
		switch {
		case b.do == actQuit || b.do == actHelp:
			rank = 0
		case b.do.ofReplay():
			rank = 1
		}
		s := b.short()
		text := s.Help().Key + " " + s.Help().Desc
		short[text] = s
		sized = append(sized, part{"", text, rank})
	}
	var shown []key.Binding
	for _, p := range choose(sized, keyGap, w-2) {
		shown = append(shown, short[p.text])
	}
	return ansi.Truncate(" "+c.st.help.ShortHelpView(shown), w, ellipsis)
}

// offered tells whether there is something to see behind a key, so that the last row names it.
func offered(c scene, do action) bool {
	switch do {
	case actThen:
		return c.back
	case actRoom:
		return len(c.snap.Volumes) > 0
	case actPlan:
		return len(c.snap.Plan.Tasks) > 1 && slices.ContainsFunc(c.snap.Plan.Tasks, func(t observe.Task) bool {
			return !t.Planned.IsZero() || t.Expect > 0 || t.Baseline != nil
		})
	default:
		return true
	}
}

// helpRows explain the keys and the signs.
func helpRows(c scene, keys []binding, version string, w int) []string {
	heading := func(text string) string { return newRow(w, "").put("", " ").put(c.st.brand, text).line() }
	rows := append([]string{heading("Keys")}, keyRows(c, keys, w)...)
	rows = append(rows, "", heading("Verdicts"))
	const wordWidth, signWidth = 13, 14
	for _, v := range verdicts() {
		look := c.st.verdict(v)
		rows = append(rows, newRow(w, "").put("", "   ").put(plainLook(c.st, v), look.glyph).put("", " ").
			put(look.ink, string(v)).rest(w-3-2-wordWidth).put(c.st.text, meaning(v)).line())
	}
	rows = append(rows, "", heading("Signs"))
	for _, sign := range signs(c.st) {
		rows = append(rows, newRow(w, "").put("", "   ").put(sign[0].ink, sign[0].text).
			rest(w-3-signWidth).put(c.st.text, sign[1].text).line())
	}
	if version != "" {
		rows = append(rows, "", newRow(w, "").put("", " ").put(c.st.dim, "ronda "+clean(version)).line())
	}
	return rows
}

// keyRows are all bindings, and what the mouse does.
func keyRows(c scene, keys []binding, w int) []string {
	all := make([]key.Binding, 0, len(keys)+1)
	for _, b := range keys {
		all = append(all, b.Binding)
	}
	const mouse = "mouse"
	all = append(all, key.NewBinding(key.WithKeys(mouse), key.WithHelp(mouse, "click a task, turn the wheel over tasks or log")))
	rows := strings.Split(c.st.help.FullHelpView([][]key.Binding{all}), "\n")
	for i := range rows {
		rows[i] = ansi.Truncate("   "+strings.TrimRight(rows[i], " "), w, ellipsis)
	}
	return rows
}

func signs(s *styles) [][2]part {
	link := func(state fold.LinkState) part { l := s.link(state); return part{l.ink, l.glyph, 0} }
	return [][2]part{
		{link(fold.LinkUp), {text: "host is up, with the time of a round trip"}},
		{link(fold.LinkLate), {text: "host answers late"}},
		{{s.text, "steady 4 min", 0}, {text: "for so long since the link's last trouble"}},
		{link(fold.LinkDown), {text: "link to the host is lost: the job may well go on"}},
		{{s.good, "+", 0}, {text: "speaks for the verdict"}},
		{{s.warn, "−", 0}, {text: "speaks against it"}},
		{{s.dim, "likely", 0}, {text: "how sure: certain is a fact, unsure where something is not seen"}},
		{{s.warn, "QUIET 31 min+", 0}, {text: "silent for longer than its plan allows"}},
		{{s.text, "≈61 %", 0}, {text: "the total is an estimate, or still grows"}},
		{{s.text, "00:12–00:31", 0}, {text: "ends in this time, in 8 of 10 cases"}},
		{{s.text, "finishing", 0}, {text: "all is counted, but the job has not said that it is done"}},
		{{s.warn, "tight", 0}, {text: "makes its deadline in less than 9 of 10 cases; late: less than 5"}},
		{{s.warn, "38 MB/s ↓", 0}, {text: "a third or more below its mean; ↑ half or more above"}},
		{{s.spark, "▁▅█ ▂", 0}, {text: "rate of the last minutes; a gap was not seen"}},
		{{s.dim, "Σ backup", 0}, {text: "tasks that share a host or a group: their total, and each"}},
		{{s.bad, "no room ≈02:14", 0}, {text: "will not fit: its volume is full then, before it has ended"}},
		{{s.text, "≡ /mnt/backup", 0}, {text: "a volume: what is left, how fast it fills, when it is full"}},
		{{s.lost, "⋯", 0}, {text: "something is missing here, and why"}},
	}
}
