package plan

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"ronda/internal/recipe"
)

// The leaves of a document: each knows where it stands and reads itself from a node.

type (
	// text is any scalar, as it is written.
	text struct {
		place
		text string
	}
	// whole is an integer.
	whole struct {
		place
		n  int
		ok bool // n could be read
	}
	// flag is true or false.
	flag struct {
		place
		on bool
	}
	// span is a duration above zero.
	span struct {
		place
		d time.Duration
	}
	// moment is a point in time as written; it is resolved when the window is known.
	moment struct{ text }
	// pattern is one regular expression.
	pattern struct{ text }
	// patterns is one regular expression or a list of them.
	patterns struct {
		place
		list []pattern
	}
	// events is a list of words that alerts are about.
	events struct {
		place
		list []string
	}
)

// raw returns a scalar as text; ok is false when n is none, which is noted.
func (w *walker) raw(n ast.Node, key, want string) (string, bool) {
	switch v := n.(type) {
	case *ast.StringNode:
		return v.Value, true
	case *ast.LiteralNode:
		return v.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode:
		return n.GetToken().Value, true
	case *ast.NullNode:
		w.problem(where(n), "give one, or remove the key", "%s has no value", key)
	case *ast.MappingNode:
		hint := ""
		if want == "a regular expression" {
			hint = "put it in single quotes"
		}
		if len(v.Values) == 1 && strings.HasPrefix(v.Values[0].Value.String(), "//") {
			hint = "put the URL in quotes: inside [ ] and { } its colon makes a key of it"
		}
		w.problem(where(n), hint, "%s is %s, not %s", key, want, kindOf(n))
	default:
		w.problem(where(n), "", "%s is %s, not %s", key, want, kindOf(n))
	}
	return "", false
}

func (t *text) read(w *walker, n ast.Node, key string) {
	t.place = where(n)
	s, ok := w.raw(n, key, "a text")
	if !ok {
		return
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\t' }) {
		w.problem(where(n), "write it without them", "%s holds control characters", key)
		return
	}
	t.text = strings.TrimRight(s, "\n")
	if strings.TrimSpace(s) == "" {
		w.problem(t.place, "give it a value, or remove the key", "%s is empty", key)
	}
}

func (i *whole) read(w *walker, n ast.Node, key string) {
	i.place = where(n)
	v, ok := n.(*ast.IntegerNode)
	if !ok {
		w.problem(where(n), "", "%s is a whole number, not %s", key, kindOf(n))
		return
	}
	i.ok = true
	switch x := v.Value.(type) {
	case int64:
		i.n = int(x)
	case uint64:
		i.n = int(min(x, 1<<31))
	}
}

func (f *flag) read(w *walker, n ast.Node, key string) {
	v, ok := n.(*ast.BoolNode)
	if !ok {
		w.problem(where(n), key+": true", "%s is true or false, not %s", key, kindOf(n))
		return
	}
	f.place, f.on = where(n), v.Value
}

func (s *span) read(w *walker, n ast.Node, key string) {
	s.place = where(n)
	raw, ok := w.raw(n, key, "a duration")
	if !ok {
		return
	}
	d, err := ParseSpan(raw)
	if err != nil {
		w.problem(s.place, SpanHint, "%s: %v", key, err)
	}
	s.d = d
}

// SpanHint says how a duration is written.
const SpanHint = "a number and a unit, such as 90s, 45m or 1h30m"

// maxSpan bounds durations: beyond it somebody has mistaken the unit.
const maxSpan = 365 * 24 * time.Hour

// ParseSpan reads a duration as it stands in a plan and after a flag: more than zero, at most a year, in the
// grammar of time.ParseDuration. The error quotes it and says in one clause what is wrong; SpanHint says what
// to try.
func ParseSpan(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is not a duration", s)
	case d <= 0:
		return 0, fmt.Errorf("%q must be more than zero", s)
	case d > maxSpan:
		return 0, fmt.Errorf("%q is longer than a year", s)
	}
	return d, nil
}

func (p *pattern) read(w *walker, n ast.Node, key string) {
	p.place = where(n)
	s, ok := w.raw(n, key, "a regular expression")
	if !ok {
		return
	}
	p.text.text = s
	if msg, hint := badPattern(s); msg != "" {
		w.problem(p.place, hint, "%s: %s", key, msg)
	}
}

// badPattern says what is wrong with a regular expression; empty when nothing is.
func badPattern(s string) (message, hint string) {
	re, err := regexp.Compile(s)
	if holdsSecret(s) && (err != nil || re.MatchString("")) {
		return "it is not a regular expression that can be used", "it seems to hold a password or token: write it without"
	}
	if err != nil {
		hint = "a backslash before ( ) [ ] { } . * + ? | ^ $ makes it an ordinary character"
		if e, ok := err.(*syntax.Error); ok { //nolint:errorlint // regexp promises the bare type
			if e.Code == syntax.ErrMissingRepeatArgument || strings.HasPrefix(e.Expr, "(?") {
				hint = "the syntax is RE2: no look-ahead, no look-behind, no back-references"
			}
			return fmt.Sprintf("%q is not a regular expression: %s: %s", s, e.Code, e.Expr), hint
		}
		return fmt.Sprintf("%q is not a regular expression: %v", s, err), hint
	}
	if re.MatchString("") {
		return fmt.Sprintf("%q matches every line", s), "say more of the line that is meant"
	}
	return "", ""
}

func (p *patterns) read(w *walker, n ast.Node, key string) {
	p.place = where(n)
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		var one pattern
		one.read(w, n, key)
		p.list = []pattern{one}
		return
	}
	for _, item := range seq.Values {
		if item = w.resolve(item); item != nil {
			var one pattern
			one.read(w, item, key)
			p.list = append(p.list, one)
		}
	}
}

func (p *patterns) strings() []string {
	var out []string
	for _, one := range p.list {
		out = append(out, one.text.text)
	}
	return out
}

// eventWords are what an alert can be about: the verdicts in lower case, and what happens around them.
func eventWords() []string {
	return []string{
		"progressing", "quiet", "slowing", "blocked", "looping", "stalled", "blind", "failed", "done",
		"link", "service", "deadline",
	}
}

func (e *events) read(w *walker, n ast.Node, key string) {
	e.place = where(n)
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		w.problem(where(n), "[blocked, stalled, failed, done]", "%s is a list, not %s", key, kindOf(n))
		return
	}
	for _, item := range seq.Values {
		if item = w.resolve(item); item == nil {
			continue
		}
		word, ok := w.raw(item, "an entry of "+key, "a word")
		if !ok {
			continue
		}
		if !slices.Contains(eventWords(), word) {
			w.problem(where(item), meant(word, eventWords()), "there is no event %q", word)
			continue
		}
		e.list = append(e.list, word)
	}
}

// meant hints at the nearest of the known words, or names them all.
func meant(word string, known []string) string {
	if near := recipe.Nearest(word, known); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if len(known) == 0 {
		return ""
	}
	return "known are: " + strings.Join(known, ", ")
}
