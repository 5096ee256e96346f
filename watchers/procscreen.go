package watchers

import (
	"context"
	"regexp"
	"strings"
	"time"

	"ronda/internal/observe"
)

// What a process asks often stands on its terminal only. Where that terminal is a window of tmux, tmux tells
// what it shows: the line that the cursor stands in is the question. That is asked once for each wait, and
// changes nothing: a program that fills the screen is left out, and what is typed to a password prompt is not shown
// there. Only a tmux of our own user is asked: a client obeys its server.

// screenPatient is how long tmux is waited for, and screenAfter the samples after which a wait is worth the question.
const (
	screenPatient = 5 * time.Second
	screenAfter   = 2
)

// screenAsk prints the line of the cursor of the first window whose terminal is one of $ttys.
const screenAsk = `for s in $(sed -n 's,^.* \(/[^ ]*\)$,\1,p' /proc/net/unix 2>/dev/null | grep tmux | sort -u); do
	[ -S "$s" ] && [ -O "$s" ] || continue
	for t in $ttys; do
		w=$(env -i PATH="$PATH" tmux -S "$s" list-panes -a -F '#{pane_tty} #{pane_id} #{cursor_y} #{alternate_on}' 2>/dev/null </dev/null | grep "^/dev/$t ") || continue
		set -- $w
		[ "$4" = 0 ] && env -i PATH="$PATH" LC_ALL=C.UTF-8 tmux -S "$s" capture-pane -p -t "$2" -S "$3" -E "$3" 2>/dev/null </dev/null
		exit 0
	done
done`

var ttyWord = regexp.MustCompile(`^pts/\d+$`)

// lookScreen finds the question that a member asks on the screen of its window, and puts it into its words.
func (j *job) lookScreen(ctx context.Context, still []*member) error {
	for _, m := range still {
		w := &m.wait
		if w.blocker != observe.BlockerInput || m.idle < screenAfter || j.cfg.Runner == nil {
			continue
		}
		if w.asked == 0 {
			w.asked = j.tick
			w.question = j.question(ctx, j.terminals(m))
			if ctx.Err() != nil {
				return ctx.Err() //nolint:wrapcheck // the end of the watcher
			}
		}
		if w.question != "" {
			w.words += ": “" + w.question + "”"
		}
	}
	return nil
}

// terminals are those on which a member's question may stand: its own, and those of its ancestors: apt gives
// dpkg a terminal of its own, and repeats there what it says.
func (j *job) terminals(m *member) []string {
	var ttys []string
	for range 100 {
		if name := ttyName(m.stat.tty); ttyWord.MatchString(name) && (len(ttys) == 0 || ttys[len(ttys)-1] != name) {
			ttys = append(ttys, name)
		}
		parent := j.tree.members[m.stat.parent]
		if parent == nil {
			break
		}
		m = parent
	}
	return ttys
}

func (j *job) question(ctx context.Context, ttys []string) string {
	if len(ttys) == 0 {
		return ""
	}
	short, cancel := context.WithTimeout(ctx, screenPatient)
	defer cancel()
	out, _, code, err := j.cfg.Runner.Run(short, "ttys='"+strings.Join(ttys, " ")+"'\n"+screenAsk)
	if err != nil || code != 0 {
		return "" // without tmux the question is not known; that it is one is
	}
	return screenLine(string(out))
}

// screenLine is a line of a screen as it may be recorded.
func screenLine(text string) string {
	line := strings.TrimSpace(firstLine(text))
	return printable(observe.Redact(printable(line, 8<<10)), screenLimit)
}

// screenLimit bounds a question, in bytes.
const screenLimit = 160
