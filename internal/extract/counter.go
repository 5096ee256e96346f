package extract

import (
	"math"
	"strings"
)

// form is how a counter is written.
type form uint8

const (
	formNone       form = iota
	formPair            // 12 of 240, 12/240, 12 out of 240
	formPercent         // 12 %
	formSize            // 12.3 GiB, no total
	formCount           // 1234 rows, row 1234: no total
	formPlain           // some number that rises
	formLeft            // 1234 rows remaining
	formRsync           // rsync's own line
	formBar             // size and percent in one line, as pv draws it
	formTar             // tar --checkpoint with totals
	formDD              // dd's bytes copied
	formStatus          // apt's status lines
	formRestic          // restic's files and bytes
	formResticJSON      // the same with --json
	formBorg            // borg's sizes
	formZstd            // what zstd has read
	formXZ              // xz's percentage beside a ratio
	formSCP             // scp's and sftp's bar of one file
	formZFS             // what zfs send has sent
	formQuiet           // a line whose numbers tell nothing
)

// weight is how much a form is believed against the others.
func (f form) weight() float64 {
	switch f {
	case formPair:
		return 3
	case formPercent:
		return 2.2
	case formLeft:
		return 1.6
	case formSize:
		return 0.9
	case formCount:
		return 0.8
	default:
		if f >= formRsync {
			return 4
		}
		return 0.6
	}
}

// needs is how often a counter of this form must have risen before it is believed.
func (f form) needs() int {
	switch f {
	case formPair, formPercent:
		return 1
	case formSize, formCount, formLeft:
		return 3
	default:
		if f >= formRsync {
			return 0
		}
		return 8
	}
}

// found is a counter in a line: which numbers it consists of.
type found struct {
	form    form
	a, b    int8 // indexes of the numbers; b -1 without a total
	percent bool // a pair whose total is 100 %
	name    string
	unit    string
	sure    bool // a percentage beside a pair says the same: it is believed at once
	keyed   bool // its name is a key: another key counts something else
}

// counters finds what may be counters in a line, best first.
func counters(s *scan) []found {
	if strings.HasPrefix(s.text, "(Reading database") { // dpkg, anew for each package
		return nil
	}
	var out []found
	taken := [maxNumbers]bool{}
	for i := 0; i+1 < s.nnum; i++ {
		if f, ok := pair(s, i); ok {
			taken[i], taken[i+1] = true, true
			out = append(out, f)
			i++
		}
	}
	out = append(out, keyed(s, &taken)...)
	for i := range s.nums[:s.nnum] {
		if taken[i] || s.nums[i].glued {
			continue
		}
		if f, ok := single(s, i); ok {
			out = append(out, f)
		}
	}
	return out
}

// pair recognizes numbers i and i+1 as part and total.
func pair(s *scan, i int) (found, bool) {
	a, b := &s.nums[i], &s.nums[i+1]
	if a.glued || b.glued || b.kind == speed {
		return found{}, false
	}
	between := s.text[a.end:b.start]
	joint := strings.TrimSpace(strings.TrimPrefix(between, "%"))
	switch {
	case joint == "/":
		if dated(s.text, a.start, b.end) {
			return found{}, false
		}
	case joint != between && (joint == "of" || joint == "out of" || joint == "from total" || joint == "out of about"):
	case len(between) < 12 && strings.EqualFold(strings.Trim(between, ` ,;"'=:`), "total"): // done=12 total=240
	case len(between) < 40 && (strings.HasSuffix(joint, " of") || strings.HasSuffix(joint, " out of")) && things[strings.ToLower(firstWord(joint))]:
	default:
		return found{}, false
	}
	t := int(b.token)
	if s.noiseBefore(int(a.token)) || s.noiseBehind(t) {
		return found{}, false
	}
	f := found{form: formPair, a: int8(i), b: int8(i + 1), name: s.nameBefore(a), unit: s.unitBehind(b)}
	if word := strings.ToLower(firstWord(joint)); f.unit == "" && things[word] {
		f.unit = word // 12 rows of 240
	}
	if f.unit == "" {
		f.unit = s.unitBefore(a)
	}
	f.sure = s.confirmed(i)
	f.percent = b.kind == percent && b.value == 100
	if falling[s.lowerWord(int(a.token)-1)] || falling[s.lowerWord(t+1)] || things[s.lowerWord(t+1)] && falling[s.lowerWord(t+2)] {
		f.form = formLeft
	}
	return f, true
}

// keyed finds the counters of a structured line that names its total somewhere: "total":6251,"updated":0,"created":12.
func keyed(s *scan, taken *[maxNumbers]bool) (out []found) {
	b := -1
	for i := range s.nums[:s.nnum] {
		if n := &s.nums[i]; !taken[i] && s.named(n, totals) {
			b = i
		}
	}
	if b < 0 {
		return nil
	}
	for i := range s.nums[:s.nnum] {
		a := &s.nums[i]
		if i == b || taken[i] || !s.named(a, doers) || s.named(a, totals) {
			continue
		}
		taken[i], taken[b] = true, true
		out = append(out, found{form: formPair, a: int8(i), b: int8(b), keyed: true, name: s.lowerWord(int(a.token) - 1), unit: s.unitBehind(&s.nums[b])})
	}
	return out
}

// named tells whether a number is the value of a key in set: "total":12, total=12.
func (s *scan) named(n *number, set map[string]bool) bool {
	t := int(n.token)
	if n.glued || t == 0 || n.sub != 0 || !set[s.lowerWord(t-1)] {
		return false
	}
	gap := s.text[s.at[t-1].end:n.start]
	return strings.ContainsAny(gap, ":=") && strings.Trim(gap, ` ":=`) == ""
}

// confirmed tells whether a percentage beside the pair of numbers i and i+1 says the same as they do.
func (s *scan) confirmed(i int) bool {
	a, b := s.nums[i].value, s.nums[i+1].value
	if b < 2 || a > b {
		return false
	}
	for _, k := range [...]int{i - 1, i + 2} {
		if k >= 0 && k < s.nnum && s.nums[k].kind == percent && math.Abs(100*a/b-s.nums[k].value) < 1 {
			return true
		}
	}
	return false
}

func firstWord(s string) string { w, _, _ := strings.Cut(s, " "); return w }

// dated tells whether a slash between two numbers belongs to a date, a path or a version.
func dated(text string, start, end int) bool {
	if start > 0 {
		switch c := text[start-1]; {
		case c == '/' || c == '.' || c == '-' || c == '+' || c == '~' || letter(c):
			return true
		case c == ':' && start > 1 && digit(text[start-2]):
			return true
		}
	}
	if end+1 < len(text) {
		switch c := text[end]; c {
		case '/', '.', '-', '+', ':':
			return letter(text[end+1]) || digit(text[end+1]) || text[end+1] == '/'
		}
	}
	return false
}

// single recognizes number i as a counter by itself.
func single(s *scan, i int) (found, bool) {
	n := &s.nums[i]
	if moveOf(s, i) == moveNone {
		return found{}, false
	}
	if n.kind != percent && (dated(s.text, n.start, n.end) || compared(s.text, n.start) || epoch(n.value)) {
		return found{}, false
	}
	f := found{form: formPlain, a: int8(i), b: -1, name: s.nameBefore(n), unit: s.unitBehind(n)}
	switch {
	case n.kind == percent:
		if moveOf(s, i) == moveDown {
			return found{}, false
		}
		f.form, f.percent = formPercent, true
	case moveOf(s, i) == moveDown:
		f.form = formLeft
	case n.kind == size:
		f.form = formSize
	case things[s.lowerWord(int(n.token)+1)] || doers[s.lowerWord(int(n.token)-1)]:
		f.form = formCount
	}
	return f, true
}

// compared tells whether a comparison stands before a number: it is part of a condition.
func compared(text string, start int) bool {
	before := strings.TrimRight(text[:start], " ")
	return before != "" && strings.ContainsRune("<>", rune(before[len(before)-1])) || strings.HasSuffix(before, ">=") || strings.HasSuffix(before, "<=")
}

// epoch tells whether a number is a Unix time of these decades, in seconds to nanoseconds.
func epoch(v float64) bool {
	for _, unit := range [...]float64{1, 1e3, 1e6, 1e9} {
		if v >= 1.4e9*unit && v <= 2.2e9*unit && v == math.Trunc(v) {
			return true
		}
	}
	return false
}

// nameBefore returns the words directly before a number: what it counts, in the log's own terms.
func (s *scan) nameBefore(n *number) string {
	t := int(n.token)
	from := t
	for from > 0 && t-from < 3 {
		w := s.text[s.at[from-1].start:s.at[from-1].end]
		gap := s.text[s.at[from-1].end:s.at[from].start]
		if strings.ContainsAny(w, "0123456789.") || strings.ContainsAny(gap, ";,()[]{}|/<>'\"`") || !letter(w[0]) {
			break
		}
		from--
	}
	if from == t {
		return ""
	}
	return strings.TrimRight(s.text[s.at[from].start:s.at[t-1].end], ":= ")
}

// unitBehind returns what a number counts: bytes for a size, percent, or the word behind it.
func (s *scan) unitBehind(n *number) string {
	switch n.kind {
	case size, speed:
		return "bytes"
	case percent:
		return "percent"
	case plain:
	}
	if w := s.lowerWord(int(n.token) + 1); things[w] && s.at[n.token+1].start-n.end <= 2 {
		return w
	}
	return s.unitBefore(n)
}

// unitBefore returns what is counted when its name stands before the number: "row 12", "mailbox 3 of 45".
func (s *scan) unitBefore(n *number) string {
	w := s.lowerWord(int(n.token) - 1)
	if strings.HasSuffix(w, "s") && things[w] { // Tables: 940/1008
		return w
	}
	for _, plural := range [...]string{w + "s", w + "es"} {
		if w != "" && things[plural] {
			return plural
		}
	}
	return ""
}
