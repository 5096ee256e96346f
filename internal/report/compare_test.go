package report

import (
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"ronda/internal/observe"
)

func TestCompare(t *testing.T) {
	say := func(at time.Duration, task string, v observe.Verdict, reason string) Said {
		return Said{after(at), task, observe.Ruling{Verdict: v, Since: after(at - 90*time.Second), Reason: reason}}
	}
	common := []Said{
		say(2*time.Minute, "schema", observe.Progressing, "step 1"),
		say(3*time.Minute, "sync", observe.Progressing, "mailbox 1"),
		say(4*time.Minute, "copy", observe.Progressing, "1 of 9 files"),
	}
	common[1].Evidence = []observe.Evidence{{For: true, Text: "mailbox 1", At: after(2 * time.Minute)}, {Text: "hardly any \x1b]0;x\a work"}}
	common[1].Sure, common[1].Next = observe.Certain, &observe.Escalation{Verdict: observe.Quiet, At: after(4 * time.Minute), If: "nothing new comes"}
	then := append(common[:3:3],
		say(10*time.Minute, "schema", observe.Quiet, "its processes work"),
		say(15*time.Minute, "sync", observe.Looping, "40 lines without anything new"),
		say(47*time.Minute, "schema", observe.Stalled, "no progress and no work"),
		say(58*time.Minute, "schema", observe.Progressing, "step 2 \x1b[2J"),
		say(70*time.Minute, "sync", observe.Progressing, "mailbox 2"),
		say(70*time.Minute, "copy", observe.Done, "ended with exit code 0"),
		say(80*time.Minute, "schema", observe.Blocked, "waits for input"),
		say(80*time.Minute+9*time.Second, "schema", observe.Progressing, "step 3"),
	)
	now := append(common[:3:3],
		say(10*time.Minute+2*time.Second, "schema", observe.Quiet, "its processes work"),
		say(25*time.Minute, "sync", observe.Looping, "90 lines without anything new"),
		say(30*time.Minute, "copy", observe.Slowing, "slowed"),
		say(31*time.Minute, "copy", observe.Progressing, "5 of 9 files"),
		say(58*time.Minute, "schema", observe.Progressing, "step 2"),
		say(70*time.Minute, "sync", observe.Progressing, "mailbox 2"),
		say(70*time.Minute, "copy", observe.Done, "ended with exit code 0"),
		say(85*time.Minute, "schema", observe.Stalled, "no progress and no work"),
	)
	until := after(90 * time.Minute)
	golden.RequireEqual(t, strings.Join(compareIn(then, now, until, true, bangkok), "\n")+"\n")

	same := compareIn(then, then, until, false, bangkok)
	for _, line := range same[1:] {
		if strings.HasPrefix(line, "+") || strings.HasPrefix(line, "−") || strings.Contains(line, "would") {
			t.Errorf("the same night differs from itself: %s", line)
		}
	}
	if alone := compareIn(nil, now, until, false, bangkok); len(alone) != 1+len(now) || !strings.Contains(alone[0], "no verdicts") {
		t.Errorf("without verdicts of that night: %q", alone)
	}
}
