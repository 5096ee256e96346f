//go:build unix

package watchers

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

func TestStdin(t *testing.T) {
	in, out, err := os.Pipe()
	logtestMust(t, err)
	defer in.Close()
	r := logtestStart(t, NewStdin(in).Run)
	_, err = out.WriteString("one\ntwo\r\nPassword: ")
	logtestMust(t, err)
	r.until("the prompt", func(seen []observe.Payload) bool {
		return len(seen) > 0 && seen[len(seen)-1] == observe.Line{File: "-", Offset: 9, Text: "Password: ", Partial: true}
	})
	_, err = out.WriteString("\nlast")
	logtestMust(t, err, out.Close())
	if err := <-r.done; err != nil {
		t.Fatal(err)
	}
	r.done = nil
	want := []observe.Payload{
		observe.Source{State: observe.SourceUp},
		observe.Line{File: "-", Text: "one"},
		observe.Line{File: "-", Offset: 4, Text: "two"},
		observe.Line{File: "-", Offset: 9, Text: "Password: ", Partial: true},
		observe.Line{File: "-", Offset: 9, Text: "Password: "},
		observe.Line{File: "-", Offset: 20, Text: "last"},
		observe.Source{State: observe.SourceWaiting, Why: "standard input has ended"},
	}
	if diff := cmp.Diff(want, r.all()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestStdinStopsWhileNothingComes(t *testing.T) {
	in, out, err := os.Pipe()
	logtestMust(t, err)
	defer in.Close()
	defer out.Close()
	r := logtestStart(t, NewStdin(in).Run)
	r.untilSource(observe.SourceUp, "")
	r.stop() // would wait for ever if the reader could not be interrupted
}

func TestStdinOfRegularFile(t *testing.T) {
	path := t.TempDir() + "/in"
	logtestWrite(t, path, strings.Repeat("a line\n", 10_000))
	in, err := os.Open(path)
	logtestMust(t, err)
	defer in.Close()
	r := &logtestRun{t: t, more: make(chan struct{}, 1)}
	if err := NewStdin(in).Run(context.Background(), r.emit); err != nil {
		t.Fatal(err)
	}
	if n := len(r.lines()); n != 10_000 {
		t.Errorf("%d lines", n)
	}
}
