package watchers

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// A file system whose server or disk is gone lets whoever asks it wait, at times so that not even a signal ends him.
// So what asks a file system is a command line of its own, which is given up after a while: what hangs then is a
// small program of the host that is ended already and goes as soon as it may, never ronda.

// The marks between the answers. They hold what no tool prints.
const (
	askBegins = "@ronda begins@"
	askAnswer = "@ronda answers@" // and the number of the question, at its end
)

// asked is what came of some questions.
type asked struct {
	answers []string // by question; only the first ones where one did not answer
	hung    bool     // the question after the last answer was reached, and did not answer in time
	partial string   // what that one had printed
}

// askAll puts questions to a host one after the other, in one command: each is a line of shell, and what it prints on
// both streams is the answer. An error is about the host, not about a question.
//
// A child of the shell does it all, and the shell only waits: it can always be ended.
func askAll(ctx context.Context, runner Runner, patience time.Duration, preamble string, questions []string) (asked, error) {
	var script strings.Builder
	script.WriteString("LC_ALL=C; export LC_ALL\n(\n" + preamble + "\necho " + quoteShell(askBegins) + "\n")
	for i, q := range questions {
		fmt.Fprintf(&script, "{ %s\n} 2>&1; echo; echo %s\n", q, quoteShell(askAnswer+strconv.Itoa(i)))
	}
	script.WriteString(") & wait $!\nexit 0\n")
	once, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	stdout, _, _, err := runner.Run(once, script.String())
	out := asked{}
	_, text, began := strings.Cut(string(stdout), askBegins+"\n")
	for i := range questions {
		answer, rest, ok := strings.Cut(text, "\n"+askAnswer+strconv.Itoa(i)+"\n")
		if !ok {
			break
		}
		out.answers = append(out.answers, answer)
		text = rest
	}
	switch {
	case ctx.Err() != nil:
		return out, ctx.Err()
	case err != nil && errors.Is(once.Err(), context.DeadlineExceeded) && began && len(out.answers) < len(questions):
		out.hung, out.partial = true, text
		return out, nil
	case err != nil && errors.Is(once.Err(), context.DeadlineExceeded):
		return out, errNoWord
	case err != nil:
		return out, fmt.Errorf("ask for file systems: %w", err)
	case len(out.answers) < len(questions) && len(stdout) < maxAnswer:
		return out, fmt.Errorf("ask for file systems: the shell gave up after %d of %d answers", len(out.answers), len(questions))
	}
	return out, nil
}

// errNoWord is the error of a host that did not get as far as the first question: the link is down, or it is very busy.
var errNoWord = errors.New("the host does not answer in time when it is asked for its file systems")

// maxAnswer is where a Runner cuts what a command prints, in bytes.
const maxAnswer = 64 << 10
