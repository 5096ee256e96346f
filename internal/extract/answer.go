package extract

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// AnswerReader reads the answers of a progress command. It keeps nothing between them and may be shared.
type AnswerReader struct {
	ref         observe.ProgressRef
	pattern     *pattern
	done, total []string // JSON paths taken apart
	phase       []string
	fixed       float64 // a total that was given as a number
}

// Answer returns a reader by the reference's pattern, by its JSON paths, or, with neither, by numbers as they
// stand in a log line. The error names what does not compile.
func Answer(ref observe.ProgressRef) (*AnswerReader, error) {
	r := &AnswerReader{ref: ref}
	if ref.Pattern != "" {
		// Answers end with a line end, and may have several lines: anchors are those of a line.
		re, err := regexp.Compile("(?m)" + ref.Pattern)
		if err != nil {
			return nil, fmt.Errorf("compile progress pattern %q: %w", ref.Pattern, err)
		}
		r.pattern = &pattern{re: re}
	}
	if v, err := strconv.ParseFloat(ref.Total, 64); err == nil {
		r.fixed = v
	} else if ref.Total != "" {
		if r.total, err = jsonPath(ref.Total); err != nil {
			return nil, fmt.Errorf("read total: %w", err)
		}
	}
	var err error
	if r.done, err = jsonPath(ref.Done); err != nil {
		return nil, fmt.Errorf("read done: %w", err)
	}
	if r.phase, err = jsonPath(ref.Phase); err != nil {
		return nil, fmt.Errorf("read phase: %w", err)
	}
	return r, nil
}

// Read returns what an answer says; ok is false when it holds no count. The phase may be known without one.
func (r *AnswerReader) Read(raw string) (c Count, phase string, ok bool) {
	switch {
	case r.pattern != nil:
		c, phase, ok = r.byPattern(raw)
	case r.done != nil:
		c, phase, ok = r.byPath(raw)
	default:
		c, ok = byNumbers(raw)
	}
	if ok && c.Total == 0 && r.fixed > 0 {
		c.Total = r.fixed
	}
	if ok && r.ref.Unit != "" && !c.Percent {
		c.Unit = r.ref.Unit
	}
	return c, short(phase), ok
}

// byPattern takes the last match: a command may print its whole history.
func (r *AnswerReader) byPattern(raw string) (c Count, phase string, ok bool) {
	all := r.pattern.re.FindAllStringSubmatchIndex(raw, -1)
	for _, m := range slices.Backward(all) {
		if phase == "" {
			phase = r.pattern.group(raw, m, "phase", false)
		}
		if c, ok = r.pattern.count(raw, m); ok {
			return c, phase, true
		}
	}
	if len(all) > 0 && r.pattern.re.NumSubexp() > 0 && r.pattern.re.SubexpIndex("phase") < 0 {
		m := all[len(all)-1] // groups without names: the first is what is done
		if v, ok := amount(r.pattern.group(raw, m, "", true)); ok {
			return Count{Done: v}, phase, true
		}
	}
	return Count{}, phase, false
}

func (r *AnswerReader) byPath(raw string) (c Count, phase string, ok bool) {
	var v any
	d := json.NewDecoder(strings.NewReader(raw))
	d.UseNumber()
	if d.Decode(&v) != nil {
		return Count{}, "", false
	}
	if s, found := at(v, r.phase); found {
		phase = fmt.Sprint(s)
	}
	x, found := at(v, r.done)
	if !found {
		return Count{}, phase, false
	}
	c.Done, ok = amount(fmt.Sprint(x))
	if x, found = at(v, r.total); found && ok {
		c.Total, _ = amount(fmt.Sprint(x))
	}
	return c, phase, ok
}

// byNumbers takes the best counter of the last line that holds one.
func byNumbers(raw string) (Count, bool) {
	lines := strings.FieldsFunc(raw, func(r rune) bool { return r == '\n' || r == '\r' })
	var s scan
	for _, line := range slices.Backward(lines) {
		text, garbage := clean(line)
		if garbage {
			continue
		}
		s.read(text[stamp(text):])
		best := found{form: formNone}
		for _, f := range counters(&s) {
			if v, total := f.value(&s); !f.sound(v, total) {
				continue
			}
			if best.form == formNone || f.form.weight() > best.form.weight() {
				best = f
			}
		}
		if best.form == formNone {
			continue
		}
		c := newCandidate(best, 0)
		v, total := best.value(&s)
		c.take(v, total, &election{})
		if best.form == formLeft && best.b < 0 {
			continue // what is left of how much is not known
		}
		return *c.reading(), true
	}
	return Count{}, false
}

// jsonPath takes "job.items[0].done" apart; nil for an empty path.
func jsonPath(path string) ([]string, error) {
	if path == "" {
		return nil, nil
	}
	var out []string
	for part := range strings.SplitSeq(strings.ReplaceAll(path, "[", ".["), ".") {
		if i, ok := strings.CutPrefix(part, "["); ok {
			n, closed := strings.CutSuffix(i, "]")
			if _, err := strconv.ParseUint(n, 10, 31); err != nil || !closed {
				return nil, fmt.Errorf("path %q: %q is not an index such as [0]", path, part)
			}
			out = append(out, n)
			continue
		}
		if part == "" && len(out) > 0 || strings.HasSuffix(part, "]") {
			return nil, fmt.Errorf("path %q: write it as in job.items[0].done", path)
		}
		if part != "" {
			out = append(out, part)
		}
	}
	return out, nil
}

// at walks a decoded JSON value along a path; false when it is nil or leads nowhere.
func at(v any, path []string) (any, bool) {
	if path == nil {
		return nil, false
	}
	for _, p := range path {
		switch x := v.(type) {
		case map[string]any:
			v = x[p]
		case []any:
			i, err := strconv.Atoi(p)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	switch v.(type) {
	case json.Number, string, bool:
		return v, true
	default:
		return nil, false
	}
}
