package extract

import (
	"math"
	"strconv"
	"strings"
)

// Tools whose lines mean more than their numbers say.

// formOf recognizes the lines of such a tool.
func formOf(s *scan, body string) form {
	switch {
	case strings.HasPrefix(body, "pmstatus:"), strings.HasPrefix(body, "dlstatus:"):
		return formStatus
	case strings.HasPrefix(strings.TrimLeft(body, "."), "tar: #") && s.nnum >= 3, strings.HasPrefix(strings.TrimLeft(body, "."), "tar: Write checkpoint "), strings.HasPrefix(body, "tar: Read checkpoint "):
		return formTar
	case s.nnum >= 3 && s.nums[0].start == 0 && ddLine(body):
		return formDD
	case s.nnum < 3 || s.nums[1].kind != percent || s.nums[2].kind != speed:
	case strings.TrimSpace(body[:s.nums[0].start]) == "" && !s.nums[0].glued:
		return formRsync
	}
	if s.nnum >= 2 && s.nums[0].kind == size && s.nums[1].kind == speed && strings.TrimSpace(body[:s.nums[0].start]) == "" &&
		strings.HasSuffix(strings.TrimRight(body[:s.nums[1].start], " "), "[") {
		return formBar
	}
	if _, _, ok := resticLine(s); ok {
		return formRestic
	}
	return formNone
}

// tool reads a line of a known form and returns its candidate with the reading taken; nil when the line
// tells nothing.
func (l *Log) tool(f form, body string) *candidate {
	e, s := &l.election, &l.line
	switch f {
	case formStatus:
		return status(e, body)
	case formTar:
		if s.nnum < 3 { // in records, which need not be of 10 KiB
			c := e.family(&found{form: f, name: "tar", unit: "records"}, 0, "records")
			c.why = "tar does not know how much there is"
			c.take(s.nums[0].value, 0, e)
			return c
		}
		c := e.family(&found{form: f, name: "tar", unit: "bytes"}, 0, "")
		c.why = "tar does not know how much there is"
		c.take(s.nums[1].value, 0, e)
		return c
	case formDD:
		c := e.family(&found{form: f, unit: "bytes"}, 0, "")
		c.why = "dd does not say how much there is"
		c.take(s.nums[0].value, 0, e)
		return c
	case formBar:
		c := e.family(&found{form: f, unit: "bytes"}, 0, "")
		if s.nnum < 3 || s.nums[2].kind != percent { // pv does not know the total
			c.why = "pv was not told how much there is"
			c.take(s.nums[0].value, 0, e)
			return c
		}
		c.fraction(&s.nums[0], s.nums[2].value, e)
		return c
	case formRestic:
		done, total, ok := resticLine(s)
		if !ok {
			return nil
		}
		c := e.family(&found{form: f, name: "restic", unit: "bytes"}, 0, "")
		all := s.nums[total].value
		if s.nums[0].kind != percent && s.nums[done].value < all {
			all, c.why = 0, resticLooks
		}
		c.take(s.nums[done].value, all, e)
		return c
	case formRsync:
		return l.rsync.read(e, s, body, l.previous)
	default:
		return l.copyTool(f, body)
	}
}

// ddLine tells whether a line that begins with a number is dd's, in whatever language: "83951616 Bytes (84 MB, 80 MiB)
// kopiert, 2 s, 40,6 MB/s".
func ddLine(body string) bool {
	word, rest, _ := strings.Cut(body, " (")
	sizes, rest, ok := strings.Cut(rest, ") ")
	return ok && strings.Count(word, " ") == 1 && strings.HasSuffix(sizes, "B") && strings.Contains(rest, " s") &&
		strings.HasSuffix(strings.TrimRight(rest, " "), "B/s")
}

// status reads "pmstatus:package:17.6471:text" (APT::Status-Fd): the percentage of the whole download or of
// the whole installation.
func status(e *election, body string) *candidate {
	parts := strings.SplitN(body, ":", 5)
	for _, p := range parts[1:] {
		v, err := strconv.ParseFloat(p, 64)
		if err != nil || !strings.Contains(p, ".") || v < 0 || v > 100 {
			continue
		}
		name := "download"
		if parts[0] == "pmstatus" {
			name = "install"
		}
		c := e.family(&found{form: formStatus, percent: true, name: name}, 0, name)
		c.take(v, 100, e)
		return c
	}
	return nil
}

// resticLine finds the numbers of restic's "12.34%  18 files 27.169 MiB, total 40 files 57.220 MiB": the bytes that are
// done, and all of them. Its files are no second counter: it reads the large ones first.
func resticLine(s *scan) (done, total int, ok bool) {
	for i := 0; i+3 < s.nnum; i++ {
		a, b, c, d := &s.nums[i], &s.nums[i+1], &s.nums[i+2], &s.nums[i+3]
		if b.kind == size && d.kind == size && strings.HasPrefix(s.text[a.end:], " files ") && strings.HasPrefix(s.text[c.end:], " files ") &&
			strings.HasPrefix(s.text[b.end:], ", total ") {
			return i + 1, i + 3, true
		}
	}
	return 0, 0, false
}

// rounding is by how much a size with a unit may be off: tools write it with three figures.
const rounding = 0.006

// fraction takes a size of which a whole percentage is known. The total lies between the size divided by the
// next percentage and by this one. What all readings together allow becomes narrow; a reading that does not
// fit says that the total is another now. What is shown stays the same as long as it is allowed.
func (c *candidate) fraction(n *number, pct float64, e *election) {
	v, total, off := n.value, c.total, 0.0
	if n.scale > 1 {
		off = rounding
	}
	c.derived = true
	switch {
	case pct >= 100:
		total, c.derived = v, false
	case pct >= 1:
		lo, hi := v*100/(pct+1)*(1-off), v*100/pct*(1+off)
		if c.upper < lo || hi < c.bound {
			c.bound, c.upper = lo, hi
		}
		c.bound, c.upper = max(c.bound, lo), min(c.upper, hi)
		if total < c.bound || total > c.upper {
			total = (c.bound + c.upper) / 2
		}
	}
	if total > 0 { // before the first whole percentage it is not known
		total = max(total, v)
	}
	c.take(v, total, e)
}

// rsync follows rsync's progress lines, of the whole run (--info=progress2) or of each file (--progress).
type rsync struct {
	files   bool // each file by itself: its bytes are not the task's
	listing bool // the list of files is not complete, as rsync has said: percentages are of what is known of it
	last    float64
	percent float64 // of the last bar
}

// listing is why rsync names no total at first.
const listing = "rsync is still reading the list of files"

// read takes "  1,234,567  12%  1.2MB/s  0:00:08 (xfr#12, to-chk=3/40)". While the list is still being read
// ("ir-chk") the total is not known, and the percentage runs backwards.
func (r *rsync) read(e *election, s *scan, body, previous string) *candidate {
	v, pct := s.nums[0].value, s.nums[1].value
	switch n := &s.nums[0]; {
	case n.kind == plain && v != math.Trunc(v):
		v = math.Round(v * 1000) // 63.832: the point is one of thousands
	case n.scale > 1: // -h writes powers of 1000
		for k := n.scale; k > 1; k /= 1024 {
			v = v / 1024 * 1000
		}
	}
	_, suffix, checked := strings.Cut(body, "-chk=")
	partial := strings.Contains(body, "ir-chk=")
	// A bar that begins anew is the next file's, unless the one before had not come to its end: then rsync was
	// started again.
	if v < r.last/2 && r.percent >= 100 || namesFile(previous) {
		r.files = true
	}
	r.last, r.percent = v, pct
	if checked {
		r.listing = partial
	}
	if r.files {
		left, known, ok := leftOf(suffix)
		if !checked || !ok {
			return nil
		}
		c := e.family(&found{form: formRsync, name: "rsync", unit: "files"}, 0, "files")
		total := known
		if c.why = ""; partial {
			total, c.why = 0, listing
		}
		c.take(known-left, total, e)
		return c
	}
	c := e.family(&found{form: formRsync, name: "rsync", unit: "bytes"}, 0, "bytes")
	if c.why = ""; r.listing { // before the first file is done nothing tells; then the list is taken for complete
		c.why = listing
		c.take(v, 0, e)
		return c
	}
	if left, known, ok := leftOf(suffix); checked && ok {
		c.files, c.filesTotal = known-left, known
	}
	n := s.nums[0]
	n.value = v
	c.fraction(&n, pct, e)
	return c
}

// namesFile tells whether the line before rsync's first bar is a file's name: it draws one bar a file then.
func namesFile(line string) bool {
	line = strings.TrimSpace(line)
	return line != "" && !strings.Contains(line, " ") && !strings.Contains(line, "%")
}

// leftOf reads "3/40)".
func leftOf(s string) (left, known float64, ok bool) {
	s, _, _ = strings.Cut(s, ")")
	a, b, ok := strings.Cut(s, "/")
	if !ok {
		return 0, 0, false
	}
	left, err := strconv.ParseFloat(a, 64)
	if err != nil {
		return 0, 0, false
	}
	known, err = strconv.ParseFloat(b, 64)
	return left, known, err == nil && known > 0 && left <= known
}
