package watchers

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// A folder may hold millions of files, and to count them reads every one's inode. So it is done at the lowest priority
// for processor and disk, and after a count that took a second not again for walkShare seconds.
const (
	walkShare    = 100              // of the time that a count took, until the next
	walkLast     = 10               // the same for a count at the end
	walkLeast    = 5 * time.Second  // from count to count at least
	walkQuick    = 30 * time.Second // counts that are no farther apart tell by themselves how it grows
	walkPatience = 2 * time.Hour
	walkRest     = 30 * time.Second // of rest after which a count is due, if walkLast lets it
	walkMost     = 30 * time.Minute // from count to count at most, while something changes
)

// walkScript counts a folder: bytes (in the mode that both ends of a copy have), the first folder that may not be read and
// how many there are, and files.
const walkScript = `ronda_walk() { N='nice -n 19'; ionice -c3 true 2>/dev/null && N="$N ionice -c3"
M=k; du -sb /dev/null >/dev/null 2>&1 && M=b
echo $M
$N du -Hxs$M -- "$1" 2>&1 | awk '/[Pp]ermission denied/ { if (!n++) print "denied " $0; next } { last = $0 } END { print n + 0; print last }'
echo ` + growthNext + `
$N du -Hxs --inodes -- "$1" 2>/dev/null; }`

// walk is one count of a folder.
type walk struct {
	bytes, files int64 // files 0: not known
	apparent     bool  // bytes as ls shows them, not as the disk holds them
	denied       string
	why          string        // why there is no count
	took         time.Duration // how long it took
	begun        time.Time
	used         int64 // bytes of the file system in use when it began
	inodes       int64 // files of the file system then
}

// folder is what is known of a folder.
type folder struct {
	walk         // the newest count
	known   bool // there was one
	running bool
	slow    bool    // counts are far apart
	anchor  int64   // bytes of the file system in use in the middle of the newest count
	files0  int64   // files of the file system then
	share   float64 // what part of the file system's growth was the folder's
	next    time.Time
	moved   bool // the file system changed since
	failed  int
}

// walk begins a count when one is due.
func (r *growthRun) walk(ctx context.Context) {
	t := &r.tree
	now := time.Now()
	if r.now.kind != kindFolder || r.cfg.Ref.Volume || t.running {
		return
	}
	due := !now.Add(r.step).Before(t.next) // the looks are a few steps apart
	rests := time.Duration(r.still)*r.step >= walkRest && t.moved
	if t.known && (r.final || rests) && now.Sub(t.begun) >= walkLast*t.took+walkLeast {
		due = true
	}
	if t.known && !t.moved && !r.final && now.Sub(t.begun) < walkMost {
		due = false // nothing on its file system has changed
	}
	if !due {
		return
	}
	t.running, r.final = true, false
	w := walk{begun: now, used: r.now.room.Used, inodes: r.now.room.Inodes - r.now.room.InodesFree}
	r.jobs.Go(func() {
		w.count(ctx, r.cfg.Runner, r.cfg.Ref.Path)
		select {
		case r.walked <- w:
		case <-ctx.Done():
		}
	})
}

// count counts.
func (w *walk) count(ctx context.Context, runner Runner, path string) {
	out, err := askAll(ctx, runner, walkPatience, walkScript, []string{"ronda_walk " + quoteShell(path)})
	w.took = time.Since(w.begun)
	switch {
	case err != nil:
		w.why = err.Error()
	case out.hung:
		w.why = "du did not come to an end in " + walkPatience.String()
	case len(out.answers) > 0:
		w.read(out.answers[0])
	}
}

var duLine = regexp.MustCompile(`^(\d+)\s`)

func (w *walk) read(answer string) {
	text, files, _ := strings.Cut(answer+"\n", growthNext+"\n")
	mode, text, _ := strings.Cut(text, "\n")
	if f := duLine.FindStringSubmatch(files); f != nil {
		w.files = count(f[1])
	}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if first, ok := strings.CutPrefix(lines[0], "denied "); ok && len(lines) > 1 {
		w.denied = deniedPath(first)
		if lines[1] != "1" {
			w.denied += fmt.Sprintf(" and %d more", count(lines[1])-1)
		}
	}
	f := duLine.FindStringSubmatch(lines[len(lines)-1])
	switch {
	case f == nil:
		w.why = printable(strings.TrimSpace(lines[len(lines)-1]), 160)
	case mode == "b":
		w.bytes, w.apparent = count(f[1]), true
	default:
		w.bytes = kibibytes(f[1])
	}
}

// deniedPath is the path in a complaint of du: "du: cannot read directory '/srv/x': Permission denied".
func deniedPath(line string) string {
	line = strings.TrimPrefix(line, "du: ")
	if i := strings.LastIndex(line, ": "); i >= 0 {
		line = line[:i]
	}
	if i := strings.IndexAny(line, "'/"); i >= 0 {
		line = line[i:]
	}
	return printable(strings.Trim(line, "'"), 256)
}

// count takes in a count.
func (r *growthRun) count(w walk) {
	t := &r.tree
	t.running = false
	t.next = w.begun.Add(w.took + max(walkShare*w.took, walkLeast))
	if w.why != "" {
		t.failed++
		t.next = t.next.Add(time.Duration(min(t.failed, 10)) * time.Minute)
		t.why = w.why
		return
	}
	t.failed = 0
	used, files := r.now.room.Used, r.now.room.Inodes-r.now.room.InodesFree
	anchor := w.used + (used-w.used)/2 // it grew while it was counted
	if grown := anchor - t.anchor; t.known && grown > volumesMuch {
		t.share = min(max(float64(w.bytes-t.bytes)/float64(grown), 0), 1.2)
	} else if !t.known {
		t.share = 1
	}
	t.slow = t.slow || walkShare*w.took > walkQuick
	t.walk, t.known, t.anchor, t.files0, t.moved = w, true, anchor, w.inodes+(files-w.inodes)/2, used != w.used
}

// between is how much the folder holds now, by the newest count and by what its file system grew since.
func (t *folder) between(used int64) float64 {
	return max(float64(t.bytes)+t.share*float64(used-t.anchor), 0)
}
