package tui

import (
	"strings"

	"ronda/internal/fold"
)

// keyGap stands between the keys of the last row.
const keyGap = "  "

// footerRow is the last row: the keys that matter most.
func footerRow(c scene, keys []binding, replay bool, w int) string {
	type brief struct {
		key, word string
		rank      int
	}
	var briefs []brief
	for i, b := range keys {
		if b.brief == "" || b.replay && !replay {
			continue
		}
		rank := i + 2
		switch {
		case b.do == actQuit || b.do == actHelp:
			rank = 0
		case b.replay:
			rank = 1
		}
		key, _, _ := strings.Cut(b.shown, " ")
		briefs = append(briefs, brief{key, b.brief, rank})
	}
	sized := make([]part, 0, len(briefs))
	for _, b := range briefs {
		sized = append(sized, part{"", b.key + " " + b.word, b.rank})
	}
	r := newRow(w, "").put("", " ")
	for i, p := range choose(sized, keyGap, w-2) {
		if i > 0 {
			r.put("", keyGap)
		}
		key, word, _ := strings.Cut(p.text, " ")
		r.put(c.st.bold, key).put(c.st.dim, " "+word)
	}
	return r.line()
}

// helpRows explain the keys and the signs.
func helpRows(c scene, keys []binding, replay bool, version string, w int) []string {
	heading := func(text string) string { return newRow(w, "").put("", " ").put(c.st.brand, text).line() }
	const keyWidth, wordWidth = 11, 13
	rows := []string{heading("Keys")}
	for _, b := range keys {
		if b.replay && !replay {
			continue
		}
		rows = append(rows, newRow(w, "").put("", "   ").cell(c.st.bold, b.shown, keyWidth).put(c.st.text, b.help).line())
	}
	rows = append(rows, newRow(w, "").put("", "   ").cell(c.st.bold, "mouse", keyWidth).
		put(c.st.text, "click a task, turn the wheel over tasks or log").line(), "", heading("Verdicts"))
	for _, v := range verdicts() {
		look := c.st.verdict(v)
		rows = append(rows, newRow(w, "").put("", "   ").put(plainLook(c.st, v), look.glyph).put("", " ").
			put(look.ink, string(v)).rest(w-3-2-wordWidth).put(c.st.text, meaning(v)).line())
	}
	rows = append(rows, "", heading("Signs"))
	for _, sign := range signs(c.st) {
		rows = append(rows, newRow(w, "").put("", "   ").put(sign[0].ink, sign[0].text).
			rest(w-3-keyWidth).put(c.st.text, sign[1].text).line())
	}
	if version != "" {
		rows = append(rows, "", newRow(w, "").put("", " ").put(c.st.dim, "ronda "+clean(version)).line())
	}
	return rows
}

func signs(s *styles) [][2]part {
	link := func(state fold.LinkState) part { l := s.link(state); return part{l.ink, l.glyph, 0} }
	return [][2]part{
		{link(fold.LinkUp), {text: "host is up, with the time of a round trip"}},
		{link(fold.LinkLate), {text: "host answers late"}},
		{link(fold.LinkDown), {text: "link to the host is lost: the job may well go on"}},
		{{s.good, "+", 0}, {text: "speaks for the verdict"}},
		{{s.warn, "−", 0}, {text: "speaks against it"}},
		{{s.text, "≈61 %", 0}, {text: "the total is an estimate, or still grows"}},
		{{s.text, "00:12–00:31", 0}, {text: "ends in this time, in 8 of 10 cases"}},
		{{s.text, "finishing", 0}, {text: "all is counted, but the job has not said that it is done"}},
		{{s.warn, "tight", 0}, {text: "makes its deadline in less than 9 of 10 cases; late: less than 5"}},
		{{s.warn, "38 MB/s ↓", 0}, {text: "a third or more below its mean; ↑ half or more above"}},
		{{s.spark, "▁▅█ ▂", 0}, {text: "rate of the last minutes; a gap was not seen"}},
		{{s.lost, "⋯", 0}, {text: "something is missing here, and why"}},
	}
}
