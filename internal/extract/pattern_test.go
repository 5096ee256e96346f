package extract

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

// plainly finds a pattern in a line as one would without knowing shapes: in the line or behind its time stamp.
func plainly(re *regexp.Regexp, text string) bool {
	text, _ = clean(text)
	return re.MatchString(text) || re.MatchString(text[stamp(text):])
}

// Whatever is cached by shape: a pattern matches exactly the lines that it matches when tried on each.
func TestPatternsMatchAsIfTriedOnEveryLine(t *testing.T) {
	exprs := []string{
		`done`, `(?i)DONE\.?$`, `to-chk=0/`, `to-chk=\d{2}/`, `MB/s`, `\d+ kB`, `(?i)mib`, `bytes`, `^Phase 6`, `part 1[0-9]`,
		`OK$`, `(error|failed|aborted)`, `deadbeef`, `upgrade .* -> [0-9a-f]+, step [23]`, `\d+%`, `3[0-9]%`, `100%`, `[Cc]ompleted`,
		`schema version 10[89]`, `x+`, `(?:)`, `.*`, `^$`, `a|b`, `0:00:0[0-3]`, `min`, `beta`, `v1beta2rc3x`, `ms\b`, `Thread 2`,
	}
	lines := []string{
		"id v1beta2rc3x", "id v1gamma2rc3x", "job deadbeef1234 x", "job feedface1234 x", "took 12 ms", "took 12 us", "took 12min", "took 12s",
		"12 KiB sent", "12 MB sent", "12 bytes sent", "error 1", "x", "\x1b[31mfailed\x1b[0m 3",
	}
	files, err := filepath.Glob("testdata/traces/*.*")
	if err != nil || len(files) < 20 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.FieldsFunc(string(data), func(r rune) bool { return r == '\n' || r == '\r' })...)
	}
	for _, expr := range exprs {
		l := newLog(t, observe.Patterns{Fail: []string{expr}})
		re, bad := regexp.MustCompile(expr), 0
		for _, text := range lines {
			if !strings.ContainsFunc(text, func(r rune) bool { return letter(byte(r)) || digit(byte(r)) }) {
				continue // a line without a word says nothing, whatever the pattern
			}
			if got, want := l.Read(text, false).Fail, plainly(re, text); got != want && bad < 3 {
				t.Errorf("%q on %q: %v, want %v", expr, text, got, want)
				bad++
			}
		}
	}
}

func TestWhatPatternsSay(t *testing.T) {
	l, err := NewLog(observe.Patterns{
		Done:     []string{`^all done$`},
		Fail:     []string{`exit status [1-9]`},
		Phase:    []string{`Running /\S+/(?P<phase>migrate\d+-\w+)\.pl`, `^entering (\w+)`, `COMMIT`},
		Progress: []string{`chunk (?P<done>[\d,]+) of (?P<total>\d+) (?P<unit>\w+)`},
		Prompt:   []string{`really`},
		Ignore:   []string{`noise [0-4]`},
	}, `at (?P<percent>\d+) per cent in (?P<phase>\w+)`)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text    string
		partial bool
		want    Reading
	}{
		{"2026-11-22 01:00:00 all done", false, Reading{Done: true, Severity: Notice}},
		{"not all done", false, Reading{}},
		{"exit status 0", false, Reading{}},
		{"exit status 2", false, Reading{Fail: true, Severity: Error}},
		{"Running /opt/zimbra/libexec/scripts/migrate20180301-ZimbraChat.pl", false, Reading{Phase: "migrate20180301-ZimbraChat", Severity: Notice}},
		{"Running /opt/zimbra/libexec/scripts/migrate20180301-ZimbraChat.pl", false, Reading{}},
		{"entering copy", false, Reading{Phase: "copy", Severity: Notice}},
		{"COMMIT", false, Reading{Phase: "COMMIT", Severity: Notice}},
		{"chunk 1,200 of 5000 rows", false, Reading{Count: &Count{Done: 1200, Total: 5000, Unit: "rows"}}},
		{"at 12 per cent in sort", false, Reading{Count: &Count{Done: 12, Total: 100, Unit: "percent", Percent: true}, Phase: "sort", Severity: Notice}},
		{"do you really", true, Reading{Prompt: "do you really"}},
		{"do you really", false, Reading{}},
		{"noise 3 here", false, Reading{}},
		{"noise 7 here", false, Reading{}},
	} {
		got := l.Read(c.text, c.partial)
		if strings.HasPrefix(c.text, "noise") {
			if ignored := got.Template == 0; ignored != (c.text[6] < '5') {
				t.Errorf("%q: ignored %v", c.text, ignored)
			}
		}
		got.Novel, got.Fresh, got.Waits, got.Again, got.Template = false, false, false, false, 0
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, d)
		}
	}
}

// A pattern that names a phase has the word over what would be taken for one.
func TestAPatternNamesThePhaseAlone(t *testing.T) {
	l := newLog(t, observe.Patterns{Phase: []string{`Starting (?P<phase>\w+)`}})
	for i, want := range []string{"mysql", "", "ldap", "mysql"} {
		text := []string{"Starting mysql...", "Starting mysql...", "Starting ldap...", "Starting mysql..."}[i]
		if got := l.Read(text, false).Phase; got != want {
			t.Errorf("line %d, %q: phase %q, want %q", i, text, got, want)
		}
	}
}
