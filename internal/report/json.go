package report

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
)

// taskLine is a task at one moment, in the form that scripts rely on. What is not known is absent.
type taskLine struct {
	At       moment           `json:"at"`
	Task     string           `json:"task"`
	Verdict  observe.Verdict  `json:"verdict"`
	Since    moment           `json:"since,omitzero"`
	Reason   string           `json:"reason,omitempty"`
	Sure     observe.Sureness `json:"sure,omitempty"`
	Phase    string           `json:"phase,omitempty"`
	Done     *float64         `json:"done,omitempty"`
	Total    *float64         `json:"total,omitempty"`
	Unit     string           `json:"unit,omitempty"`
	Rate     *float64         `json:"rate,omitempty"` // a second
	Change   *changeLine      `json:"change,omitempty"`
	ETA      etaLine          `json:"eta"`
	PhaseETA *etaLine         `json:"phase_eta,omitempty"`
	Deadline *deadlineLine    `json:"deadline,omitempty"`
	Transfer *transferLine    `json:"transfer,omitempty"`
	Fit      *fitLine         `json:"fit,omitempty"`
}

// changeLine is when the rate last changed for good, and from what to what, a second.
type changeLine struct {
	At     moment  `json:"at"`
	Before float64 `json:"before"`
	After  float64 `json:"after"`
}

type etaLine struct {
	State rate.ETAState `json:"state"`
	P10   moment        `json:"p10,omitzero"`
	P50   moment        `json:"p50,omitzero"`
	P90   moment        `json:"p90,omitzero"`
}

type deadlineLine struct {
	At          moment   `json:"at"`
	Probability *float64 `json:"probability,omitempty"`
	DecideBy    moment   `json:"decide_by,omitzero"`
	Late        bool     `json:"late,omitempty"`
}

// moment stands in JSON as in a session file: RFC 3339, UTC, milliseconds.
type moment struct{ time.Time }

// MarshalJSON stands before that of time.Time, which has another precision.
func (m moment) MarshalJSON() ([]byte, error) {
	return m.UTC().AppendFormat(nil, `"2006-01-02T15:04:05.000Z07:00"`), nil
}

// JSONLine is a task of a snapshot as one line of JSON, without the line end: at, task, verdict, since,
// reason, sure, phase, done, total, unit, rate (per second), change {at, before, after} (of the rate, when it last
// changed for good), eta {state, p10, p50, p90}, phase_eta of the same form
// (where the counter belongs to one phase of several), deadline {at, probability, decide_by, late}, transfer {finder,
// tool, source, target, state, detail, of, what, by, files, files_total, rate_minute, rate_mean, rate_best, unknown} and
// fit {fits, volume, use, unit, need, others, avail, full_at, since, text}. What is not known is absent; a number that is none (NaN) is not known. Characters that a terminal might obey are escaped, so that the
// line can be looked at; every JSON reader gets them back.
func JSONLine(s *fold.Snapshot, t fold.TaskView) ([]byte, error) {
	line := taskLine{
		At: moment{s.At}, Task: t.Name, Verdict: t.Verdict, Since: moment{t.Since}, Reason: t.Reason, Sure: t.Sure, Phase: t.Phase,
		ETA: etaOf(t.ETA), Transfer: transferOf(t), Fit: fitOf(t.Fit),
	}
	if p := t.Progress; p.Known {
		line.Done, line.Unit = number(p.Done), p.Unit
		if p.Total > 0 {
			line.Total = number(p.Total)
		}
	}
	if t.Rate != 0 {
		line.Rate = number(t.Rate)
	}
	if c := t.Change; !c.At.IsZero() && !t.SpeedByIO {
		line.Change = &changeLine{moment{c.At}, c.Before, c.After}
	}
	if t.PhaseETA.State != "" {
		phase := etaOf(t.PhaseETA)
		line.PhaseETA = &phase
	}
	if d := t.Deadline; !d.At.IsZero() {
		line.Deadline = &deadlineLine{At: moment{d.At}, DecideBy: moment{d.DecideBy}, Late: d.Late}
		if d.Known {
			line.Deadline.Probability = number(d.Probability)
		}
	}
	out, err := encode(line)
	if err != nil {
		return nil, fmt.Errorf("write task %q as JSON: %w", t.Name, err)
	}
	return out, nil
}

func etaOf(e rate.ETA) etaLine {
	line := etaLine{State: cmp.Or(e.State, rate.None)}
	if e.State == rate.Range {
		line.P10, line.P50, line.P90 = moment{e.P10}, moment{e.P50}, moment{e.P90}
	}
	return line
}

// number is v, or nothing where it is no number: JSON has none such.
func number(v float64) *float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return nil
	}
	return &v
}

// escape writes the characters beyond ASCII that show nothing, and may do something, as JSON escapes.
// Those of ASCII are escaped already, but for DEL.
func escape(line []byte) []byte {
	harmless := func(r rune) bool { return r < 0x7f || unicode.IsGraphic(r) && r != utf8.RuneError }
	if bytes.IndexFunc(line, func(r rune) bool { return !harmless(r) }) < 0 {
		return line
	}
	out := make([]byte, 0, len(line)+16)
	for _, r := range string(line) {
		switch {
		case harmless(r), r == utf8.RuneError:
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
	}
	return out
}
