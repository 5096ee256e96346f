//go:build unix

package watchers

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

func TestLogText(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestWrite(t, log, "plain\ncrlf\r\n\n\x1b[31mred\x1b[0m\nnul\x00l\nbad \xff\xfe utf8 \xc3\xa9\n 1%\r 50%\r100%\nlast\n")
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.until("all", func([]observe.Payload) bool { return len(r.lines()) == 8 })
	line := func(off int64, text string) observe.Payload {
		return observe.Line{File: log, Offset: off, Text: text, Backlog: true}
	}
	want := []observe.Payload{
		observe.Source{State: observe.SourceUp},
		line(0, "plain"), line(6, "crlf"), line(12, ""), line(13, "\x1b[31mred\x1b[0m"),
		line(26, "nul\x00l"), line(32, "bad \uFFFD utf8 é"), line(56, "100%"), line(61, "last"),
	}
	if diff := cmp.Diff(want, r.all()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestLogPartialLine(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestWrite(t, log, "one\nContinue? [y/N] ")
	files := newLogtestFiles()
	r := logtestFollow(t, LogConfig{Path: log, Files: files})
	partial := func(text string, backlog bool) func(observe.Line) bool {
		return func(l observe.Line) bool { return l.Partial && l.Text == text && l.Backlog == backlog }
	}
	r.untilLine("the prompt", partial("Continue? [y/N] ", true))
	files.untilReads(t, 20)
	logtestWrite(t, log, "y")
	r.untilLine("the answer", partial("Continue? [y/N] y", false))
	logtestWrite(t, log, "es\ntwo\n")
	r.want("one", "Continue? [y/N] yes", "two")
	if seen := r.all(); len(seen) != 6 {
		t.Errorf("each state is shown once, but seen:\n%s", r.dump())
	}
}

func TestLogRepaintedLine(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestWrite(t, log, "")
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.untilSource(observe.SourceUp, "")
	logtestWrite(t, log, "copy\n  1%\r  2%\r  3%")
	r.untilLine("the newest state", func(l observe.Line) bool {
		return l.Partial && l.Text == "  3%" && l.Offset == 15
	})
	logtestWrite(t, log, "\r100%\r\ndone\n")
	r.want("copy", "100%", "done")
}

func TestLogHugeLine(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	f, err := os.Create(log)
	logtestMust(t, err)
	defer f.Close()
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.untilSource(observe.SourceUp, "")
	part := []byte(strings.Repeat("ä", 512<<10))
	for range 10 {
		_, err := f.Write(part)
		logtestMust(t, err)
	}
	_, err = f.WriteString("\nshort\n")
	logtestMust(t, err)
	r.until("both lines", func([]observe.Payload) bool { return len(r.lines()) == 2 })
	var got []observe.Line
	for _, p := range r.all() {
		if l, ok := p.(observe.Line); ok && !l.Partial {
			got = append(got, l)
		}
	}
	if l := got[0]; !l.Truncated || l.Offset != 0 || l.Text != strings.Repeat("ä", MaxText/2) {
		t.Errorf("huge line: truncated %v, offset %d, %d bytes", l.Truncated, l.Offset, len(l.Text))
	}
	if l := got[1]; l.Text != "short" || l.Offset != int64(10*len(part)+1) {
		t.Errorf("the line after it: %+v", l)
	}
}

func TestArenaPinsLittle(t *testing.T) {
	var a arena
	var kept []string
	text := []byte(strings.Repeat("x", 100))
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range 100_000 {
		if s := a.keep(text, false); i%100 == 0 { // one of a hundred is kept
			kept = append(kept, s)
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if held := int64(after.HeapAlloc) - int64(before.HeapAlloc); held > int64(len(kept))*2*arenaBlock {
		t.Errorf("%d strings of 100 bytes hold %d bytes", len(kept), held)
	}
	runtime.KeepAlive(kept)
}

func TestWholeRunes(t *testing.T) {
	for in, want := range map[string]string{"a": "a", "é": "é", "a\xc3": "a", "a\xe2\x82": "a", "\xff": "\xff", "": "", "\xf0\x9f\x98": ""} {
		if got := string(wholeRunes([]byte(in))); got != want {
			t.Errorf("wholeRunes(%q) = %q, want %q", in, got, want)
		}
	}
}
