package extract

import "strings"

// phaseForm is how a line names the phase that begins with it.
type phaseForm uint8

const (
	phaseNone    phaseForm = iota
	phaseBanner            // == text ==
	phaseNumber            // Phase 2/8: text, STEP 3: text
	phaseCount             // step 17 of 400
	phaseStep              // Starting mysql...
	phaseUpgrade           // Running upgrade a -> b, text; Migrating schema "public" to version "2"; see announced
	phaseTask              // TASK [text] ***, Recipe: text, ==> text
)

// maxOpened is how many lines of one template may open a phase by their dots alone: more are items of a list.
const maxOpened = 8

// opened counts, and tells whether a line of t may still open a phase.
func (t *template) opened(f phaseForm) bool {
	if f != phaseStep {
		return true
	}
	t.steps++
	return t.steps <= maxOpened
}

// phaseOf recognizes the form by a line's words.
func phaseOf(s *scan, body string, sh *shape) phaseForm {
	text := strings.TrimSpace(body)
	switch {
	case sh.base >= Error && !sh.calm:
		return phaseNone
	case banner(text) != "":
		return phaseBanner
	case numbered(text) >= 0:
		if len(sh.refs) > 0 && endsWithPair(s, sh.refs[0].found) {
			return phaseCount
		}
		return phaseNumber
	case announced(text) >= 0:
		return phaseUpgrade
	case taskName(body) != "":
		return phaseTask
	case sh.step == StepOpens && !sh.waits && opener(s, body):
		return phaseStep
	}
	return phaseNone
}

// counts tells whether a line that could open a phase is the task's counter and says nothing more, as "step 17
// of 400" does: it would be said twice. The same words are a phase beside another counter.
func (l *Log) counts(sh *shape, c *Count) bool {
	return sh.phase == phaseCount && (c != nil || l.election.elected == nil && !l.given)
}

// name takes the phase's name from a line of this form.
func (f phaseForm) name(body string) string {
	text := strings.TrimSpace(body)
	switch f {
	case phaseBanner:
		return short(banner(text))
	case phaseNumber, phaseCount:
		return short(text[max(numbered(text), 0):])
	case phaseUpgrade:
		return short(text[max(announced(text), 0):])
	case phaseTask:
		return short(taskName(body))
	case phaseStep:
		return short(sentence(strings.TrimRight(strings.TrimPrefix(text, "-- "), ". …")))
	case phaseNone:
	}
	return ""
}

// announced returns where the announcement of a step begins that alembic, Flyway, Liquibase or Oracle's Data Pump
// runs; -1: nowhere.
func announced(text string) int {
	for _, a := range [...]struct{ start, rest string }{
		{"Running upgrade ", "->"}, {"Migrating schema ", " to version "}, {"Running Changeset: ", ""}, {"Processing object type ", ""},
	} {
		if i := strings.Index(text, a.start); i >= 0 && strings.Contains(text[i:], a.rest) {
			return i
		}
	}
	return -1
}

// sentence returns the first sentence of text: the rest of an open step's line is talk ("This can take long").
func sentence(text string) string {
	if i := strings.Index(text, ". "); i >= 8 {
		return text[:i]
	}
	return text
}

// short bounds a phase's name to what a screen can show.
func short(s string) string {
	s = strings.TrimSpace(s)
	if len(s) > 100 {
		s = strings.ToValidUTF8(s[:100], "") + "…"
	}
	return s
}

// banner returns the text between rules of the same character, three or more before it or two on both sides.
func banner(text string) string {
	if len(text) < 6 {
		return ""
	}
	c := text[0]
	if c != '=' && c != '-' && c != '#' && c != '*' {
		return ""
	}
	mid := strings.TrimLeft(text, string(c))
	left := len(text) - len(mid)
	inner := strings.TrimRight(mid, string(c))
	right := len(mid) - len(inner)
	if left < 2 || right < 2 || !strings.HasPrefix(mid, " ") {
		return ""
	}
	if strings.Contains(inner, ": migrated (") { // Rails: the end of one
		return ""
	}
	return strings.TrimSpace(inner)
}

// numbered returns where "Phase 2", "STEP 3", "Stage 1" or "Step 4/10" begins in the first words; -1: nowhere.
func numbered(text string) int {
	head := text[:min(len(text), 48)]
	for _, w := range [...]string{"phase ", "step ", "stage ", "pass "} {
		i := indexFold(head, w)
		if i < 0 || i > 0 && text[i-1] != ' ' || i+len(w) >= len(text) || !digit(text[i+len(w)]) {
			continue
		}
		rest := strings.TrimLeft(text[i+len(w):], "0123456789")
		rest = strings.TrimLeft(strings.TrimPrefix(strings.TrimPrefix(rest, "/"), " of "), "0123456789 ")
		if strings.HasPrefix(rest, ":") || strings.HasPrefix(rest, "-") || rest == "" || i == 0 && strings.HasPrefix(rest, ".") {
			return i
		}
	}
	return -1
}

// endsWithPair tells whether nothing but the pair f of numbers is left of the line where it begins.
func endsWithPair(s *scan, f found) bool {
	return f.form == formPair && int(s.nums[f.b].token) == s.ntok-1
}

// indexFold is strings.Index without regard to case. (Lower case may have another length.)
func indexFold(s, word string) int {
	for i := 0; i+len(word) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(word)], word) {
			return i
		}
	}
	return -1
}

// taskName reads Ansible's "TASK [name] ***", Chef's "Recipe: name" and "==> name".
func taskName(text string) string {
	for _, p := range [...]string{"TASK [", "PLAY [", "RUNNING HANDLER ["} {
		if rest, ok := strings.CutPrefix(text, p); ok {
			name, _, closed := strings.Cut(rest, "]")
			if closed {
				return name
			}
		}
	}
	for _, p := range [...]string{"Recipe: ", "==> "} {
		if rest, ok := strings.CutPrefix(text, p); ok {
			return rest
		}
	}
	return ""
}

// opener tells whether an open step is a phase of the task and not an item of a list: it begins with a
// capital, stands at the line's start, names nothing in brackets and has no blank before its dots, as dpkg's
// items have.
func opener(s *scan, body string) bool {
	text := strings.TrimPrefix(body, "-- ")
	return s.ntok >= 2 && len(text) > 5 && !strings.HasSuffix(strings.TrimSpace(text), " ...") && text[0] >= 'A' && text[0] <= 'Z' && !strings.ContainsAny(text, "()[]{}%/")
}

// heading returns the line before a rule ("-----") when the rule is as long as the line: a heading.
func heading(previous, rule string) string {
	rule = strings.TrimSpace(rule)
	previous = strings.TrimSpace(previous)
	if len(rule) < 5 || rule[0] != '-' && rule[0] != '=' || strings.Trim(rule, rule[:1]) != "" {
		return ""
	}
	if d := len(rule) - len(previous); d < -2 || d > 2 || !letter(previous[0]) {
		return ""
	}
	return short(previous)
}
