package watchers

import (
	"context"
	"errors"
	"strings"
	"testing"

	"ronda/internal/observe"
)

// TestParseTotal reads what commands print. The statistics are those of rsync 3.2.7 and 3.4: rsync -a --dry-run
// --stats, with -h, and in a locale with points between thousands.
func TestParseTotal(t *testing.T) {
	stats := func(files, size string) string {
		return "\nNumber of files: " + files + " (reg: 2, dir: 1)\nNumber of created files: 3\nTotal file size: " + size +
			" bytes\nTotal transferred file size: 5 bytes\nLiteral data: 0 bytes\nsent 90 bytes  received 20 bytes\n"
	}
	for out, want := range map[string]total{
		stats("1,234,567", "9,876,543,210"): {bytes: 9876543210, files: 1234567, by: "dry run"},
		stats("3", "120.50M"):               {bytes: 120500000, files: 3, by: "dry run", estimate: true},
		stats("1.234", "9.876.543"):         {bytes: 9876543, files: 1234, by: "dry run"},
		"4711\n":                            {bytes: 4711, by: "a command"},
		"100\t/srv/mail\n200\ttotal\n":      {bytes: 200, by: "a command"},
		" 12.0 \n":                          {bytes: 12, by: "a command"},
		"warning: x\n88\n":                  {bytes: 88, by: "a command"},
	} {
		if got, ok := parseTotal([]byte(out)); !ok || got != want {
			t.Errorf("%q: %+v %v, want %+v", out, got, ok, want)
		}
	}
	for _, out := range []string{"", "0\n", "12G\t/srv\n", "-5", "NULL\n", "1.5\n", "Total file size: many bytes", stats("0", "0")} {
		if got, ok := parseTotal([]byte(out)); ok {
			t.Errorf("%q is taken for %+v", out, got)
		}
	}
}

type answers struct {
	out, errs string
	code      int
	err       error
}

func (a answers) Run(context.Context, string) (stdout, stderr []byte, code int, err error) {
	return []byte(a.out), []byte(a.errs), a.code, a.err
}

// TestTotalUnknown: why a total cannot be had is said without a secret, and it is asked for again.
func TestTotalUnknown(t *testing.T) {
	for want, a := range map[string]answers{
		"failed: psql: connection refused":  {errs: "psql: connection refused\nmore", code: 2},
		"failed: it said nothing":           {code: 1},
		"could not be run: no link":         {err: errors.New("no link")},
		"printed no number of bytes: hello": {out: "hello\n"},
		"printed no number of bytes: it":    {},
		"failed: password=":                 {errs: "password=hunter22 is wrong", code: 1},
	} {
		r := &growthRun{Growth: NewGrowth(GrowthConfig{Total: a, Ref: observe.TransferRef{TotalCommand: "x"}})}
		got, ok := r.askTotal(t.Context())
		if ok || got.bytes != 0 || !strings.HasPrefix(got.why, "the total is not known: the total's command "+want) || strings.Contains(got.why, "hunter22") {
			t.Errorf("%q, %v, want %q", got.why, ok, want)
		}
	}
}

// TestRatio: what is compressed on the way has an end that is an estimate.
func TestRatio(t *testing.T) {
	r := &growthRun{Growth: NewGrowth(GrowthConfig{Ref: observe.TransferRef{Ratio: 0.25}}), total: total{bytes: 1000, by: "size of /x"}}
	want := observe.Amount{
		Of: observe.AmountTarget, What: "t", Done: 5, Total: 250, Unit: "bytes", Estimate: true, By: "size of /x, times the ratio of the plan",
	}
	if got := r.amount(observe.AmountTarget, "t", 5); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
