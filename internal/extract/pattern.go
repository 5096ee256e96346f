package extract

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// purpose is what it means when a pattern matches.
type purpose uint8

const (
	isDone purpose = iota
	isFail
	isPhase
	isProgress
	isPrompt
	isIgnore
)

// pattern is a compiled pattern with what a line must contain for it to be worth running.
type pattern struct {
	re       *regexp.Regexp
	purpose  purpose
	literals []string // one of them stands in every line that matches; empty: not known
	fold     bool     // they are in lower case and so must the line be
	shaped   bool     // whether one of them stands in a line follows from the line's shape
}

// patterns are a log's own patterns.
type patterns []*pattern

// compile compiles p; the error names the pattern.
func compile(p observe.Patterns) (patterns, error) {
	var ps patterns
	for _, group := range [...]struct {
		name    string
		list    []string
		purpose purpose
	}{
		{"ignore", p.Ignore, isIgnore},
		{"done", p.Done, isDone},
		{"fail", p.Fail, isFail},
		{"phase", p.Phase, isPhase},
		{"progress", p.Progress, isProgress},
		{"prompt", p.Prompt, isPrompt},
	} {
		for _, text := range group.list {
			re, err := regexp.Compile(text)
			if err != nil {
				return nil, fmt.Errorf("compile %s pattern %q: %w", group.name, text, err)
			}
			c := &pattern{re: re, purpose: group.purpose}
			c.literals, c.fold = literals(text)
			c.shaped = len(c.literals) > 0
			for _, l := range c.literals {
				c.shaped = c.shaped && shapeHolds(l)
			}
			ps = append(ps, c)
		}
	}
	return ps, nil
}

// masked are the units that are masked together with their number, and the words of time stamps, which are no
// part of a shape.
const masked = "kb kib mb mib gb gib tb tib pb pib bytes min ms us ns" +
	" jan feb mar apr may jun jul aug sep oct nov dec mon tue wed thu fri sat sun utc gmt"

// shapeHolds tells whether lines of one shape either all contain the literal or none does: letters are kept in
// a shape, numbers and their units are not. (Shapes that mask identifiers are opaque.)
func shapeHolds(l string) bool {
	if len(l) < 2 || strings.Contains(masked, strings.ToLower(l)) {
		return false
	}
	for i := range len(l) {
		if !letter(l[i]) || l[i] == '_' || l[i] == drawing {
			return false
		}
	}
	return true
}

// of returns the patterns that may match lines shaped like text; all of them when the shape is opaque.
func (ps patterns) of(text string, opaque bool) patterns {
	var out patterns
	for _, p := range ps {
		if opaque || !p.shaped || p.may(text) {
			out = append(out, p)
		}
	}
	return out
}

// may tells whether p is worth running on text.
func (p *pattern) may(text string) bool {
	if len(p.literals) == 0 {
		return true
	}
	if p.fold {
		text = strings.ToLower(text)
	}
	for _, l := range p.literals {
		if strings.Contains(text, l) {
			return true
		}
	}
	return false
}

// find returns the match in the whole line, or in what stands behind its time stamp, so that ^ may mean
// either; nil without one.
func (p *pattern) find(text, body string) (string, []int) {
	if !p.may(text) {
		return "", nil
	}
	if m := p.re.FindStringSubmatchIndex(text); m != nil {
		return text, m
	}
	if len(body) < len(text) {
		if m := p.re.FindStringSubmatchIndex(body); m != nil {
			return body, m
		}
	}
	return "", nil
}

// ignored tells whether one of the patterns says to pass over the line.
func ignored(list patterns, text, body string) bool {
	for _, p := range list {
		if p.purpose == isIgnore {
			if _, m := p.find(text, body); m != nil {
				return true
			}
		}
	}
	return false
}

// match runs patterns on a line and adds what they say to r. It tells whether one of them named the phase, be
// it the one that runs already.
func (l *Log) match(r *Reading, list patterns, text, body string, partial bool) (named bool) {
	for _, p := range list {
		if p.purpose == isPrompt && !partial || p.purpose == isIgnore {
			continue
		}
		in, m := p.find(text, body)
		if m == nil {
			continue
		}
		switch p.purpose {
		case isDone:
			r.Done = r.Done || !partial
		case isFail:
			r.Fail = r.Fail || !partial
			r.Severity = Error
		case isPhase:
			named = true
			if !partial {
				l.enter(r, p.group(in, m, "phase", true))
			}
		case isProgress:
			l.progress(r, p, in, m)
		case isPrompt:
			r.Prompt = strings.TrimSpace(body)
		case isIgnore:
		}
	}
	return named
}

// enter begins the phase, unless it runs already.
func (l *Log) enter(r *Reading, phase string) {
	if phase = short(phase); phase != "" && phase != l.phase {
		l.phase, r.Phase = phase, phase
	}
}

// group returns the named group of a match; with whole it falls back to group 1 and to the whole match.
func (p *pattern) group(in string, m []int, name string, whole bool) string {
	if i := p.re.SubexpIndex(name); i > 0 && m[2*i] >= 0 {
		return in[m[2*i]:m[2*i+1]]
	}
	if !whole {
		return ""
	}
	if len(m) > 3 && m[2] >= 0 {
		return in[m[2]:m[3]]
	}
	return in[m[0]:m[1]]
}

// progress takes the reading of a progress pattern, which comes before whatever was elected.
func (l *Log) progress(r *Reading, p *pattern, in string, m []int) {
	if c, ok := p.count(in, m); ok {
		r.Count, l.given = &c, true
	}
	l.enter(r, p.group(in, m, "phase", false))
}

// count reads the groups "done", "total", "unit" and "percent" of a match.
func (p *pattern) count(in string, m []int) (c Count, ok bool) {
	if v, ok := amount(p.group(in, m, "percent", false)); ok {
		return Count{Done: v, Total: 100, Unit: "percent", Percent: true}, true
	}
	c.Done, ok = amount(p.group(in, m, "done", false))
	if !ok {
		return Count{}, false
	}
	c.Total, _ = amount(p.group(in, m, "total", false))
	c.Unit = p.group(in, m, "unit", false)
	return c, true
}

// amount reads a number as tools write it: 1,234, 12.5, 40.0MiB.
func amount(text string) (float64, bool) {
	text = strings.TrimSpace(text)
	if v, err := strconv.ParseFloat(text, 64); err == nil {
		if v >= 0 && v <= 1e300 {
			return v, true
		}
		return 0, false
	}
	var s scan
	s.read(text)
	if s.nnum == 0 {
		return 0, false
	}
	return s.nums[0].value, true
}

// literals returns strings of which at least one stands in whatever matches the expression, in lower case when
// fold is set; none when that is not known.
func literals(expr string) (out []string, fold bool) {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, false
	}
	out, fold = needed(re.Simplify())
	if fold {
		for i := range out {
			out[i] = strings.ToLower(out[i])
		}
	}
	return out, fold
}

func needed(re *syntax.Regexp) (best []string, fold bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return longestWord(string(re.Rune)), re.Flags&syntax.FoldCase != 0
	case syntax.OpCapture, syntax.OpPlus:
		return needed(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min > 0 {
			return needed(re.Sub[0])
		}
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			if l, f := needed(sub); shortest(l) > shortest(best) {
				best, fold = l, f
			}
		}
		return best, fold
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			l, f := needed(sub)
			if len(l) == 0 || len(best)+len(l) > 16 {
				return nil, false
			}
			best, fold = append(best, l...), fold || f
		}
		return best, fold
	default:
	}
	return nil, false
}

// longestWord keeps the longest run of letters of a literal, for a shape decides about those; without one of
// two letters the literal itself.
func longestWord(lit string) []string {
	best := ""
	for _, w := range strings.FieldsFunc(lit, func(r rune) bool { return r < 0x80 && (!letter(byte(r)) || r == '_') }) {
		if len(w) > len(best) {
			best = w
		}
	}
	if len(best) < 2 {
		best = lit
	}
	if best == "" {
		return nil
	}
	return []string{best}
}

func shortest(list []string) int {
	n := 0
	for i, l := range list {
		if i == 0 || len(l) < n {
			n = len(l)
		}
	}
	return n
}
