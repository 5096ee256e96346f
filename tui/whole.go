package tui

import (
	"strings"

	"ronda/internal/rate"
	"ronda/internal/words"
)

// wholeRows say when all that is still to do will be done.
func wholeRows(c scene, w int) []string {
	v := c.snap.Whole
	var rows []string
	text := wholeText(c)
	if text == "" && len(v.Unknown) == 0 {
		return nil
	}
	if text != "" {
		if v.Last != "" {
			text += ", with " + clean(v.Last)
		}
		k := c.st.text
		if warning := overdue(c, v.Window); warning.text != "" {
			k, text = warning.ink, text+": "+warning.text
		}
		if d := v.Window; !d.At.IsZero() {
			text += "; the window ends " + c.exact(d.At)
			if d.Known {
				text += ", chance " + words.Percent(d.Probability)
			}
		}
		rows = append(rows, "")
		rows = append(rows, wrapped(k, text, w, 1, unlimited)...)
	}
	if len(v.Unknown) > 0 {
		names := make([]string, len(v.Unknown))
		for i, name := range v.Unknown {
			names[i] = clean(name)
		}
		rows = append(rows, wrapped(c.st.warn, "of no known length, and not counted in: "+strings.Join(names, ", "), w, 1, unlimited)...)
	}
	return rows
}

// wholeText is when the whole plan ends: "plan ends 04:05–05:40"; empty where that is not known.
func wholeText(c scene) string {
	v := c.snap.Whole
	if v.ETA.State != rate.Range {
		return ""
	}
	text := "plan ends " + words.Span(v.ETA.P10, v.ETA.P90, c.loc, c.now)
	if len(v.Unknown) > 0 {
		text += " or later"
	}
	return text
}

// wholeParts are what the title says of the whole plan, where more than one task of it is still to be done.
func wholeParts(c scene) []part {
	left := 0
	for i := range c.snap.Tasks {
		if !c.snap.Tasks[i].Verdict.Ended() {
			left++
		}
	}
	text := wholeText(c)
	if text == "" || left < 2 || c.snap.Ended {
		return nil
	}
	if len(c.snap.Whole.Unknown) > 0 {
		text = "plan ends after " + c.clock(c.snap.Whole.ETA.P10)
	}
	warning := overdue(c, c.snap.Whole.Window)
	if warning.text == "" {
		return []part{{c.st.text, text, 4}}
	}
	return []part{{warning.ink, text + " " + warning.text, 1}}
}
