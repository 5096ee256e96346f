package extract

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ronda/internal/observe"
)

// annotate reads excerpts line by line and puts beside each what was understood. A line that begins with "##" begins
// another log; a line that begins with "|" has not ended. The columns are: * news; E, W or n for an error, a
// warning or a notice; + and - for a step that opens or closes; D or F for the end; the counter.
func annotate(t *testing.T, data string) string {
	t.Helper()
	var b strings.Builder
	l := newLog(t, observe.Patterns{})
	for line := range strings.SplitSeq(strings.TrimRight(data, "\n"), "\n") {
		if strings.HasPrefix(line, "## ") {
			stillOpen(&b, l)
			fmt.Fprintln(&b, line)
			l = newLog(t, observe.Patterns{})
			continue
		}
		text, partial := strings.CutPrefix(line, "|")
		r := l.Read(text, partial)
		marks := []byte("    ")
		if r.Novel {
			marks[0] = '*'
		}
		marks[1] = " nWE"[r.Severity]
		marks[2] = " +-"[r.Step]
		switch {
		case r.Done:
			marks[3] = 'D'
		case r.Fail:
			marks[3] = 'F'
		}
		count := ""
		if c := r.Count; c != nil {
			count = fmt.Sprintf("%.10g/%.10g %s", c.Done, c.Total, c.Unit)
			if c.FilesTotal > 0 {
				count += fmt.Sprintf(" %.0f/%.0f files", c.Files, c.FilesTotal)
			}
		}
		fmt.Fprintf(&b, "%s %-26s %s\n", marks, count, strings.ReplaceAll(line, "\x1b", "␛"))
		if r.Phase != "" {
			fmt.Fprintf(&b, "%32s>> phase: %s\n", "", r.Phase)
		}
		if q := r.Prompt + r.Asks; q != "" {
			fmt.Fprintf(&b, "%32s?? %s\n", "", q)
		}
	}
	stillOpen(&b, l)
	return b.String()
}

func stillOpen(b *strings.Builder, l *Log) {
	if open := l.Open(); open.ID != 0 {
		fmt.Fprintf(b, "%32s.. open: %s\n", "", open.Name)
	}
}

// TestToolsAreUnderstood reads excerpts of what many tools print. Each golden file says line by line what was
// understood; it was compared with what a person would say.
func TestToolsAreUnderstood(t *testing.T) {
	files, err := filepath.Glob("testdata/tools/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no excerpts: ", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(file, ".txt")+".golden", annotate(t, string(data)))
		})
	}
}
