package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/user"
	"strings"
	"sync"

	"golang.org/x/term"

	"ronda/internal/host"
	"ronda/internal/vsphere"
	"ronda/tui"
)

// errNobody says that a question could not be put to anybody.
var errNobody = errors.New("nobody is there to answer")

// errTurnedAway says that the person would not answer.
var errTurnedAway = errors.New("not answered")

// asker brings the questions of hosts (host keys, passwords, one-time codes) to the person, one at a time:
// on the screen, or on the terminal when there is no screen. Safe for concurrent use.
type asker struct {
	terminal *os.File // where it may be asked without a screen

	mu    sync.Mutex
	next  uint64
	queue []*asked
	news  chan struct{}
}

// asked is a question that waits.
type asked struct {
	tui.Question
	answer chan answered
}

// answered is a person's answer, or why there is none.
type answered struct {
	tui.Answer
	err error
}

func newAsker() *asker { return &asker{news: make(chan struct{}, 1)} }

var _ host.Asker = (*asker)(nil)

// Secret asks for a password, a passphrase or a one-time code.
func (a *asker) Secret(ctx context.Context, prompt string) (string, error) {
	got, err := a.put(ctx, tui.Question{Title: "Sign in", Text: prompt, Secret: true})
	return got.Text, err
}

// Confirm asks whether an unknown host key is the right one.
func (a *asker) Confirm(ctx context.Context, q host.HostKeyQuestion) (bool, error) {
	text := fmt.Sprintf("%s is not known yet. It shows this %s key:\n%s\nCompare it with what the server's keeper told you.", q.Host, q.KeyType, q.Fingerprint)
	if q.File != "" {
		text += "\nYes writes it to " + q.File + "."
	}
	got, err := a.put(ctx, tui.Question{Title: "Host key of " + q.Host, Text: text, Confirm: true})
	if errors.Is(err, errTurnedAway) {
		return false, nil
	}
	return got.OK, err
}

// put queues a question and waits for its answer.
func (a *asker) put(ctx context.Context, q tui.Question) (tui.Answer, error) {
	a.mu.Lock()
	a.next++
	q.ID = a.next
	waiting := &asked{q, make(chan answered, 1)}
	a.queue = append(a.queue, waiting)
	a.mu.Unlock()
	defer a.drop(q.ID)
	select {
	case a.news <- struct{}{}:
	default:
	}
	select {
	case got := <-waiting.answer:
		if got.err == nil && !got.OK {
			got.err = errTurnedAway
		}
		return got.Answer, got.err
	case <-ctx.Done():
		return tui.Answer{}, ctx.Err()
	}
}

func (a *asker) drop(id uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for i, q := range a.queue {
		if q.ID == id {
			a.queue = append(a.queue[:i:i], a.queue[i+1:]...)
			return
		}
	}
}

// question is the one that waits for the person; nil when none does.
func (a *asker) question() *tui.Question {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.queue) == 0 {
		return nil
	}
	q := a.queue[0].Question
	return &q
}

func (a *asker) answer(id uint64, ok bool, text string) {
	a.settle(answered{Answer: tui.Answer{ID: id, OK: ok, Text: text}})
}

// settle gives a question its answer; the first one counts.
func (a *asker) settle(with answered) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, q := range a.queue {
		if q.ID == with.ID {
			select {
			case q.answer <- with:
			default: // answered already
			}
		}
	}
}

// answerOnTerminal asks on the terminal until ctx ends, where there is one; otherwise nobody answers.
func (a *asker) answerOnTerminal(ctx context.Context, out io.Writer) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-a.news:
		}
		for q := a.question(); q != nil && ctx.Err() == nil; q = a.question() {
			text, err := a.readAnswer(out, q)
			a.settle(answered{tui.Answer{ID: q.ID, OK: !q.Confirm || strings.EqualFold(text, "yes"), Text: text}, err})
			a.drop(q.ID)
		}
	}
}

func (a *asker) readAnswer(out io.Writer, q *tui.Question) (string, error) {
	if a.terminal == nil || !term.IsTerminal(int(a.terminal.Fd())) {
		return "", errNobody
	}
	if q.Secret {
		_, _ = fmt.Fprintf(out, "%s: ", q.Text)
		secret, err := term.ReadPassword(int(a.terminal.Fd()))
		_, _ = fmt.Fprintln(out)
		return string(secret), err
	}
	_, _ = fmt.Fprintf(out, "%s\nIs it the right one? Type yes or no: ", q.Text)
	line, err := bufio.NewReader(a.terminal).ReadString('\n')
	return strings.TrimSpace(line), err
}

// userName is who writes notes into the session.
func userName() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return ""
}

var _ vsphere.Asker = (*asker)(nil)

// ConfirmCertificate asks whether an unknown certificate of a vCenter is the right one.
func (a *asker) ConfirmCertificate(ctx context.Context, q vsphere.CertificateQuestion) (bool, error) {
	const day = "2006-01-02"
	shown := q.Fingerprint
	half := (len(shown) + 1) / 2 // a line each, on a narrow screen
	text := fmt.Sprintf("%s shows a certificate that this machine does not trust: %s.\nsubject  %s\nissuer   %s\nvalid    %s to %s\nSHA-256  %s\n         %s\n"+
		"Compare it with what the vCenter's keeper told you.",
		q.Server, q.Why, q.Subject, q.Issuer, q.From.Format(day), q.Until.Format(day), shown[:half], shown[half:])
	if q.File != "" {
		text += "\nYes writes it to " + q.File + "."
	}
	got, err := a.put(ctx, tui.Question{Title: "Certificate of " + q.Server, Text: text, Confirm: true})
	if errors.Is(err, errTurnedAway) {
		return false, nil
	}
	return got.OK, err
}
