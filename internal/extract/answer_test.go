package extract

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

func TestAnswers(t *testing.T) {
	for _, c := range []struct {
		name  string
		ref   observe.ProgressRef
		raw   string
		want  Count
		phase string
		ok    bool
	}{
		{"pair", observe.ProgressRef{}, "12 of 240 files\n", Count{Done: 12, Total: 240, Unit: "files"}, "", true},
		{"percent", observe.ProgressRef{}, "copying: 37.5 % done\n", Count{Done: 37.5, Total: 100, Unit: "percent", Percent: true, Name: "copying"}, "", true},
		{"number and total", observe.ProgressRef{Total: "5000", Unit: "mails"}, "1234\n", Count{Done: 1234, Total: 5000, Unit: "mails"}, "", true},
		{"last line counts", observe.ProgressRef{}, "1/9\n2/9\n\n", Count{Done: 2, Total: 9}, "", true},
		{"nothing", observe.ProgressRef{}, "no such job\n", Count{}, "", false},
		{
			"pattern",
			observe.ProgressRef{Pattern: `(?P<phase>\w+): (?P<done>\d+)/(?P<total>\d+) (?P<unit>\w+)`},
			"scan: 5/10 blocks\nload: 7/10 rows\n",
			Count{Done: 7, Total: 10, Unit: "rows"},
			"load", true,
		},
		{"group without a name", observe.ProgressRef{Pattern: `rows=(\d+)`, Total: "100"}, "rows=42", Count{Done: 42, Total: 100}, "", true},
		{"anchored", observe.ProgressRef{Pattern: `^(?P<done>\d+)$`, Unit: "bytes"}, "393900000\n", Count{Done: 393900000, Unit: "bytes"}, "", true},
		{"anchored in a line", observe.ProgressRef{Pattern: `^rows (\d+)$`}, "job 7\nrows 41\nrows 42\nok\n", Count{Done: 42}, "", true},
		{"no match", observe.ProgressRef{Pattern: `rows=(?P<done>\d+)`}, "oops", Count{}, "", false},
		{
			"json",
			observe.ProgressRef{Done: "job.items[1].done", Total: "job.total", Phase: "job.state", Unit: "rows"},
			`{"job":{"state":"copy","total":"200","items":[{"done":1},{"done":50}]}}`,
			Count{Done: 50, Total: 200, Unit: "rows"},
			"copy", true,
		},
		{"json, fixed total", observe.ProgressRef{Done: "n", Total: "10"}, `{"n": 3}`, Count{Done: 3, Total: 10}, "", true},
		{"json, null", observe.ProgressRef{Done: "n", Phase: "p"}, `{"n": null, "p": "wait"}`, Count{}, "wait", false},
		{"json, torn", observe.ProgressRef{Done: "n"}, `{"n": `, Count{}, "", false},
		{"json, list at the top", observe.ProgressRef{Done: "[0].n"}, `[{"n": 4}]`, Count{Done: 4}, "", true},
	} {
		r, err := Answer(c.ref)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		got, phase, ok := r.Read(c.raw)
		if d := cmp.Diff(c.want, got); d != "" || phase != c.phase || ok != c.ok {
			t.Errorf("%s: phase %q, ok %v (-want +got):\n%s", c.name, phase, ok, d)
		}
	}
	for _, ref := range []observe.ProgressRef{{Pattern: "("}, {Done: "a[x]"}, {Done: "a..b"}, {Total: "a]"}, {Phase: "a[1"}} {
		if _, err := Answer(ref); err == nil {
			t.Errorf("%+v is accepted", ref)
		}
	}
}
