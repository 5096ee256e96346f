//go:build unix

package watchers

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ronda/internal/observe"
)

func TestLogResume(t *testing.T) {
	const before = "one\ntwo\r\n 1%\r 2%\n\nfive"
	huge := strings.Repeat("x", MaxText+100)
	tests := map[string]struct {
		last   observe.Line
		rotate string // what happened to the log since
		want   []string
		missed bool // a Skip must say that the place was not found
	}{
		"after a line":         {observe.Line{Offset: 0, Text: "one"}, "", []string{"two", " 2%", "", "five", "six"}, false},
		"after crlf":           {observe.Line{Offset: 4, Text: "two"}, "", []string{" 2%", "", "five", "six"}, false},
		"after repainted":      {observe.Line{Offset: 13, Text: " 2%"}, "", []string{"", "five", "six"}, false},
		"after empty":          {observe.Line{Offset: 17, Text: ""}, "", []string{"five", "six"}, false},
		"at a partial line":    {observe.Line{Offset: 18, Text: "fi", Partial: true}, "", []string{"five", "six"}, false},
		"rotated by renaming":  {observe.Line{Offset: 17, Text: ""}, "mv x.log x.log.1; echo seven > x.log", []string{"five", "six", "seven"}, false},
		"rotated twice":        {observe.Line{Offset: 17, Text: ""}, "mv x.log x.log.2; echo seven > x.log.1; echo eight > x.log", []string{"five", "six", "seven", "eight"}, false},
		"rotated by copying":   {observe.Line{Offset: 17, Text: ""}, "cp x.log x.log.1; echo seven > x.log", []string{"five", "six", "seven"}, false},
		"another file":         {observe.Line{Offset: 4, Text: "2"}, "", []string{"one", "two", " 2%", "", "five", "six"}, true},
		"shorter file":         {observe.Line{Offset: 400, Text: "2"}, "", []string{"one", "two", " 2%", "", "five", "six"}, true},
		"in the middle of one": {observe.Line{Offset: 5, Text: "w"}, "", []string{"one", "two", " 2%", "", "five", "six"}, true},
		"after a huge line":    {observe.Line{Offset: 0, Text: huge[:MaxText], Truncated: true}, "echo " + huge + " > x.log; echo eight >> x.log", []string{"eight"}, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			log := filepath.Join(dir, "x.log")
			logtestWrite(t, log, before+"\nsix\n")
			if test.rotate != "" {
				logtestShell(t, dir, test.rotate)
			}
			r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles(), Resume: &test.last})
			r.want(test.want...)
			if missed := len(r.skips()) > 0; missed != test.missed {
				t.Errorf("skips %+v", r.skips())
			}
			for _, p := range r.all() {
				if l, ok := p.(observe.Line); ok && !l.Backlog {
					t.Errorf("was there before we looked: %+v", l)
				}
			}
			logtestWrite(t, log, "news\n")
			r.want(append(slices.Clone(test.want), "news")...)
		})
	}
}

func TestLogResumeOverLostLink(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestWrite(t, log, "one\ntwo\n")
	files := newLogtestFiles()
	n := 0
	files.loses = func() bool { n++; return n < 5 }
	r := logtestFollow(t, LogConfig{Path: log, Files: files, Resume: &observe.Line{Offset: 0, Text: "one"}})
	r.want("two")
	if r.skips() != nil {
		t.Errorf("skips %+v", r.skips())
	}
}

func TestLogFrom(t *testing.T) {
	const text = "one\ntwo\nthree\nContinue? "
	tests := map[string]struct {
		from From
		want []string
		skip []observe.Skip
	}{
		"start":           {From{}, []string{"one", "two", "three", "Continue? yes", "four"}, nil},
		"end":             {From{End: true}, []string{"Continue? yes", "four"}, []observe.Skip{{From: 0, To: 14}}},
		"a line's start":  {From{Byte: 4}, []string{"two", "three", "Continue? yes", "four"}, []observe.Skip{{From: 0, To: 4}}},
		"within a line":   {From{Byte: 5}, []string{"three", "Continue? yes", "four"}, []observe.Skip{{From: 0, To: 8}}},
		"beyond its end":  {From{Byte: 5000}, []string{"four"}, []observe.Skip{{From: 0, To: 28}}},
		"its first bytes": {From{Byte: 1}, []string{"two", "three", "Continue? yes", "four"}, []observe.Skip{{From: 0, To: 4}}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			log := filepath.Join(t.TempDir(), "x.log")
			logtestWrite(t, log, text)
			r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles(), From: test.from})
			r.untilSource(observe.SourceUp, "")
			logtestWrite(t, log, "yes\nfour\n")
			r.want(test.want...)
			got := r.skips()
			for i := range got {
				got[i].File, got[i].Why = "", ""
			}
			if !slices.Equal(got, test.skip) {
				t.Errorf("skips %+v, want %+v", got, test.skip)
			}
		})
	}
}

func TestLogFromStartOfLongLog(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestWrite(t, log, "first\n")
	logtestMust(t, os.Truncate(log, MaxBacklog+10)) // a hole
	logtestWrite(t, log, "\nlast\n")
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.want("last")
	if s := r.skips(); len(s) != 1 || s[0].From != 0 || s[0].To != MaxBacklog+11 || !strings.Contains(s[0].Why, "64 MiB") {
		t.Errorf("skips %+v", s)
	}
}

func TestParseFrom(t *testing.T) {
	for in, want := range map[string]From{"start": {}, "end": {End: true}, "0": {}, "1234": {Byte: 1234}} {
		if got, err := ParseFrom(in); err != nil || got != want {
			t.Errorf("ParseFrom(%q) = %+v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "-1", "middle", "1k"} {
		if got, err := ParseFrom(in); err == nil {
			t.Errorf("ParseFrom(%q) = %+v, want an error", in, got)
		}
	}
}
