package watchers

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"ronda/internal/observe"
)

// total is how much there is to move.
type total struct {
	bytes, files int64 // 0: not known
	allocated    int64 // bytes that the source takes on its disk; 0: not known
	estimate     bool
	by           string
	why          string // why it is not known, or not the whole of it
}

// How long to wait for a total, and when to try again to get one.
const (
	totalPatience = 10 * time.Minute // for a command
	totalSoon     = 5 * time.Second  // where the host could not be asked at all
	totalAgain    = time.Minute      // after the first failure; four times as long after each more
	totalTries    = 6
)

// findTotal asks for the total until it has one, a few times at most, and hands in what came of it.
func (r *growthRun) findTotal(ctx context.Context) {
	pause := totalAgain
	for tries := 0; tries < totalTries; tries++ {
		t, ok := r.askTotal(ctx)
		if !ok && t == (total{}) {
			select {
			case <-time.After(totalSoon):
			case <-ctx.Done():
				return
			}
			tries--
			continue
		}
		select {
		case r.totals <- t:
		case <-ctx.Done():
			return
		}
		if ok {
			return
		}
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		pause *= 4
	}
}

// askTotal asks once. ok is false where it is worth to ask again.
func (r *growthRun) askTotal(ctx context.Context) (t total, ok bool) {
	ref := r.cfg.Ref
	switch {
	case ref.Total > 0:
		return total{bytes: ref.Total, by: "the plan"}, true
	case ref.TotalPath != "":
		return sizeOf(ctx, r.cfg.Total, ref.TotalPath, cmp.Or(r.cfg.Source, ref.TotalPath))
	case ref.TotalCommand != "":
		return r.askCommand(ctx, r.cfg.Total, ref.TotalCommand, "the total's command")
	case ref.TotalDatabase != "":
		t, ok = r.askCommand(ctx, r.cfg.Database, ref.TotalDatabase, "the database's client")
		if t.bytes > 0 {
			t.by, t.estimate = "size of the database", true
		}
		return t, ok
	}
	return total{}, true
}

// sizeOf counts a path: a file as it is shown and as it is stored, a folder with du.
func sizeOf(ctx context.Context, runner Runner, path, name string) (total, bool) {
	unknown := func(why string) (total, bool) {
		return total{why: "the size of " + name + " is not known: " + why}, false
	}
	out, err := askAll(ctx, runner, volumesProbe, "", []string{"ls -Lldsink -- " + quoteShell(path)})
	switch {
	case errors.Is(err, errNoWord):
		return total{}, false // the link is not up yet: its own source tells
	case err != nil:
		return unknown(err.Error())
	case out.hung || len(out.answers) == 0:
		return unknown("its file system does not answer")
	}
	list, _ := parseLS(out.answers[0])
	switch {
	case len(list) == 0:
		return unknown(cmp.Or(complaint(out.answers[0]), "ls says nothing of it"))
	case list[0].kind == kindFile:
		return total{bytes: list[0].size, allocated: list[0].allocated, by: "size of " + name}, true
	case list[0].kind == kindOther:
		return deviceSize(ctx, runner, path, name)
	}
	w := walk{begun: time.Now()}
	w.count(ctx, runner, path)
	if w.why != "" {
		return unknown(w.why)
	}
	t := total{bytes: w.bytes, files: w.files, estimate: true, by: "du of " + name}
	if w.denied != "" {
		t.by = "du of what may be read of " + name
		t.why = "the size of " + name + " is not known: permission denied at " + w.denied
	}
	return t, true
}

// deviceSize is the size of a block device.
func deviceSize(ctx context.Context, runner Runner, path, name string) (total, bool) {
	out, err := askAll(ctx, runner, volumesProbe, "", []string{"blockdev --getsize64 " + quoteShell(path) + " || lsblk -bdno SIZE " + quoteShell(path)})
	if err == nil && len(out.answers) > 0 {
		if n := count(strings.TrimSpace(lastLine(strings.TrimSpace(out.answers[0])))); n > 0 {
			return total{bytes: n, by: "size of " + name}, true
		}
	}
	return total{why: "the size of " + name + " is not known: it is neither a file nor a folder"}, true
}

// askCommand runs a command that prints the total.
func (r *growthRun) askCommand(ctx context.Context, runner Runner, command, who string) (total, bool) {
	ctx, cancel := context.WithTimeout(ctx, totalPatience)
	defer cancel()
	unknown := func(why string) (total, bool) {
		return total{why: "the total is not known: " + who + " " + observe.Redact(printable(why, 160))}, false
	}
	if runner == nil {
		return unknown("cannot be run")
	}
	stdout, stderr, code, err := runner.Run(ctx, command)
	switch {
	case err != nil && ctx.Err() != nil:
		return unknown("gave no answer in " + totalPatience.String())
	case err != nil:
		return unknown("could not be run: " + err.Error())
	case code != 0:
		return unknown("failed: " + cmp.Or(firstLine(string(stderr)), firstLine(string(stdout)), "it said nothing"))
	}
	t, ok := parseTotal(stdout)
	if !ok {
		return unknown("printed no number of bytes: " + cmp.Or(firstLine(string(stdout)), "it printed nothing"))
	}
	return t, true
}

var (
	rsyncSize  = regexp.MustCompile(`(?m)^Total file size: ([\d.,]+)([KMGTP]?) bytes`)
	rsyncFiles = regexp.MustCompile(`(?m)^Number of files: ([\d.,]+)`)
	plainCount = regexp.MustCompile(`^\s*(\d+)(?:[.]0*)?(?:\s|$)`)
)

// parseTotal reads what a command printed: the statistics of an rsync --dry-run --stats, or a number of bytes at the
// beginning of its last line, as du -sb prints it.
func parseTotal(out []byte) (total, bool) {
	if m := rsyncSize.FindSubmatch(out); m != nil {
		t := total{by: "dry run", bytes: grouped(string(m[1]))}
		if unit := string(m[2]); unit != "" { // -h: 120.00M, in thousands
			f := decimal(string(m[1]))
			for range strings.Index("KMGTP", unit) + 1 {
				f *= 1000
			}
			t.bytes, t.estimate = int64(f), true
		}
		if m := rsyncFiles.FindSubmatch(out); m != nil {
			t.files = grouped(string(m[1]))
		}
		return t, t.bytes > 0
	}
	m := plainCount.FindSubmatch([]byte(lastLine(string(bytes.TrimSpace(out)))))
	if m == nil {
		return total{}, false
	}
	n := count(string(m[1]))
	return total{bytes: n, by: "a command"}, n > 0
}

// grouped reads a whole number with signs between its thousands, in any locale.
func grouped(s string) int64 {
	return count(strings.NewReplacer(",", "", ".", "").Replace(s))
}

// decimal reads a number whose last sign parts off the fraction.
func decimal(s string) float64 {
	whole, part := s, ""
	if i := strings.LastIndexAny(s, ".,"); i >= 0 {
		whole, part = s[:i], s[i+1:]
	}
	f := float64(grouped(whole))
	scale := 1.0
	for _, c := range part {
		scale /= 10
		f += float64(c-'0') * scale
	}
	return f
}
