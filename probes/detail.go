package probes

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ronda/internal/observe"
)

// detailLimit bounds a detail, in bytes: about two lines on a screen.
const detailLimit = 200

// answer is what came of one question.
type answer struct {
	ok      bool
	detail  string
	expires time.Time // of the certificate shown; zero without one
}

// check makes the observation of an answer that came after took.
func (a answer) check(name string, took time.Duration) observe.Check {
	ms := float64(took) / float64(time.Millisecond)
	return observe.Check{
		Name:    name,
		OK:      a.ok,
		MS:      math.Round(ms*10) / 10,
		Detail:  detail(a.detail),
		Expires: a.expires,
	}
}

// detail makes text fit to be recorded and shown: no secret, no control character, no more than detailLimit.
func detail(text string) string {
	return limit(blot(oneLine(text)), detailLimit)
}

var terminalCode = regexp.MustCompile(`\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)`)

// oneLine removes colours and makes every other control character, and every run of blanks, one blank.
func oneLine(text string) string {
	text = terminalCode.ReplaceAllString(strings.ToValidUTF8(text, "\ufffd"), "")
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r)
	}), " ")
}

// limit cuts text to at most n bytes, at a character, and marks the cut.
func limit(text string, n int) string {
	const mark = "…"
	if len(text) <= n {
		return text
	}
	return head(text, n-len(mark)) + mark
}

// head is the first n bytes of text, at most, and no half character.
func head(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

// What stands in the place of a secret, and where secrets stand: before the @ of a URL, in its query, after
// a telling name, in an Authorization header.
const blotted = "…"

var secrets = []struct {
	re   *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^\s/"']+@`), "${1}" + blotted + "@"},
	{regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://[^\s?#"']*\?)[^\s"']+`), "${1}" + blotted},
	{regexp.MustCompile(`(?i)(authorization"?\s*[:=]\s*"?(?:(?:basic|bearer|digest)\s+)?)[^\s"',]+`), "${1}" + blotted},
	{regexp.MustCompile(`(?i)((?:password|passwd|pwd|passphrase|token|secret|api[_-]?key|access[_-]?key|signature|credential)"?\s*[:=]\s*"?)[^\s&;"',}]+`), "${1}" + blotted},
}

// blot puts out the secrets that it can recognise in text.
func blot(text string) string {
	for _, s := range secrets {
		text = s.re.ReplaceAllString(text, s.with)
	}
	return text
}

// pattern compiles an expectation; an empty one is nil and asks nothing.
func pattern(name, expr string) (*regexp.Regexp, error) {
	if expr == "" {
		return nil, nil
	}
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("pattern for %s: %w", name, err)
	}
	return re, nil
}
