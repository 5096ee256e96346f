package extract

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

// FuzzRead reads the lines of an input twice: the readings are the same, nothing in them is a number that is
// none, and no text in them would be obeyed by a terminal.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob("testdata/traces/*.*")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(data[:min(len(data), 1500)]))
	}
	for _, m := range mix {
		f.Add(m)
	}
	f.Add("\x1b[")
	f.Add(strings.Repeat("a b ", 30) + "5 of 12 c 7 % d 8 rows e")
	f.Add("1.2.3.4.5/6-7:8 9% 10 % 11MB/s\r\b\b\n99999999999999999999999999999999 of 9e9 \u009b31m [Y/n] ")
	p := observe.Patterns{Progress: []string{`(?P<done>\S+) of (?P<total>\S+)`}, Phase: []string{`phase (.*)`}, Prompt: []string{`\?$`}}
	f.Fuzz(func(t *testing.T, data string) {
		a, b := newLog(t, p), newLog(t, p)
		for i, text := range strings.Split(data, "\n") {
			partial := i%3 == 1
			x, y := a.Read(text, partial), b.Read(text, partial)
			if d := cmp.Diff(x, y); d != "" {
				t.Fatalf("two readings of %q differ:\n%s", text, d)
			}
			check(t, text, x, utf8.ValidString(data))
			safe(t, text, a.Open().Name, utf8.ValidString(data))
		}
	})
}

func check(t *testing.T, text string, r Reading, valid bool) {
	t.Helper()
	if c := r.Count; c != nil {
		for _, v := range []float64{c.Done, c.Total} {
			if math.IsNaN(v) || math.IsInf(v, 0) || v < 0 {
				t.Errorf("%q is counted as %+v", text, *c)
			}
		}
		safe(t, text, c.Name, valid)
		safe(t, text, c.Unit, valid)
	}
	safe(t, text, r.Phase, valid)
	safe(t, text, r.Prompt, valid)
	safe(t, text, r.Asks, valid)
}

func safe(t *testing.T, text, s string, valid bool) {
	t.Helper()
	for _, r := range s {
		if unicode.IsControl(r) && r != '\t' {
			t.Errorf("%q of %q holds a control character", s, text)
		}
	}
	if valid && !utf8.ValidString(s) && len(text) < longest {
		t.Errorf("%q of %q is no UTF-8", s, text)
	}
}
