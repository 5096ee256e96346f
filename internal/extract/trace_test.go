package extract

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

var update = flag.Bool("update", false, "write the golden files")

// replay reads a recorded log as a follower would pass it on: each state of a repainted line as a partial
// line, the last as the whole one.
func replay(l *Log, data string, each func(text string, partial bool, r Reading)) {
	for line := range strings.SplitSeq(data, "\n") {
		states := strings.Split(line, "\r")
		for i, text := range states {
			partial := i < len(states)-1
			each(text, partial, l.Read(text, partial))
		}
	}
}

// summary says in some lines what was understood of a log.
func summary(l *Log, data string) string {
	var b strings.Builder
	var lines, novel, fresh, counts, falls, last int
	var first, end *Count
	severities := map[Severity]int{}
	var phases []string
	replay(l, data, func(text string, partial bool, r Reading) {
		lines++
		severities[r.Severity]++
		if r.Novel {
			novel++
			last = lines
		}
		if r.Fresh {
			fresh++
		}
		if r.Phase != "" {
			phases = append(phases, r.Phase)
		}
		if r.Severity == Error {
			fmt.Fprintf(&b, "  error: %.100s\n", strings.TrimSpace(text))
		}
		if r.Prompt != "" {
			fmt.Fprintf(&b, "  prompt: %.100s\n", r.Prompt)
		}
		if r.Done || r.Fail {
			fmt.Fprintf(&b, "  done %v fail %v: %.100s\n", r.Done, r.Fail, text)
		}
		if r.Count != nil {
			if end != nil && r.Count.Done < end.Done && r.Count.Name == end.Name {
				falls++
			}
			if first == nil {
				first = r.Count
			}
			end = r.Count
			counts++
		}
	})
	fmt.Fprintf(&b, "  %d lines, %d templates, %d novel, the last %d lines before the end; %d notices, %d warnings, %d errors\n",
		lines, fresh, novel, lines-last, severities[Notice], severities[Warning], severities[Error])
	if counts > 0 {
		fmt.Fprintf(&b, "  counted in %d lines, fell %d times: %s … %s\n", counts, falls, show(first), show(end))
	}
	for _, p := range phases {
		fmt.Fprintf(&b, "  phase: %s\n", p)
	}
	return b.String()
}

func show(c *Count) string {
	return fmt.Sprintf("%s %.10g/%.10g %s", c.Name, c.Done, c.Total, c.Unit)
}

func TestRecordedLogs(t *testing.T) {
	files, err := filepath.Glob("testdata/traces/*.*")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, f := range files {
		if strings.HasSuffix(f, ".md") {
			continue
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s\n%s", filepath.Base(f), summary(newLog(t, observe.Patterns{}), string(data)))
	}
	golden(t, "testdata/traces.golden", b.String())
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); d != "" {
		t.Errorf("%s (-want +got; -update writes it anew):\n%s", path, d)
	}
}
