package judge

import (
	"time"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// Past is what an earlier run of the task, a rehearsal, tells of the phase in which it is now. What is zero is not
// known. Its times are of the observed clock.
type Past struct {
	Silence time.Duration // the longest without progress that ended by itself
	Rest    time.Duration // the longest without progress and work that ended by itself
}

// Remember says what an earlier run tells of the present moment; the zero Past is nothing.
func (c *Case) Remember(p Past) { c.past = p }

// Doubt says what speaks against a success: an end that came far too early. It stands in the reason of an end that is
// no failure; an empty text takes it back.
func (c *Case) Doubt(text string) { c.doubt = text }

// WorthSaying is the least time, and the least difference between two, that is spoken of when runs are compared.
const WorthSaying = 30 * time.Second

const (
	knownLimit  = 30 * time.Minute // a rest known from an earlier run excuses no longer one
	knownLonger = 1.5              // times what was known is longer than then
)

// excused is the rest that an earlier run makes credible: what it rested in the same phase, and a quarter more.
func (c *Case) excused() time.Duration { return min(c.past.Rest+c.past.Rest/4, knownLimit) }

// asThen says of a rest that the earlier run knew it too.
func (c *Case) asThen(rest time.Duration) string {
	if rest < WorthSaying || c.past.Rest < rest {
		return ""
	}
	return "; in the rehearsal for up to " + words.Exact(c.past.Rest)
}

// silentThen says of a silence that the earlier run knew it too.
func (c *Case) silentThen() string {
	if c.past.Silence < WorthSaying || c.clock-c.silent > c.past.Silence {
		return ""
	}
	return "; in the rehearsal silent for up to " + words.Exact(c.past.Silence)
}

// outlasts tells that a task is silent for longer than it was in the earlier run.
func (c *Case) outlasts() bool { return c.past.Silence > 0 && Longer(c.clock-c.silent, c.past.Silence) }

// Longer tells whether something took so much longer than it did in an earlier run that it is worth saying.
func Longer(now, then time.Duration) bool {
	return float64(now) > knownLonger*float64(then) && now-then >= WorthSaying
}

// Shorter tells whether something took so much less time than in an earlier run that it may not have been done.
func Shorter(now, then time.Duration) bool { return now < then/2 && then-now >= WorthSaying }

// Standing is how a task stands on its observed clock, for who keeps the course of a run.
type Standing struct {
	Begun    bool            // there was any news, work or process, and nothing holds it
	News     int             // how many there were
	What     string          // the newest in words
	At       time.Duration   // the clock at it
	Clock    time.Duration   // the clock now
	Silent   time.Duration   // without progress for so long; a hindrance that ended is no part of it
	Rest     time.Duration   // without progress and work for so long
	Hindered bool            // something concrete stands in the way
	Verdict  observe.Verdict // as last decided, or that of its end
}

// Standing tells how the task stands.
func (c *Case) Standing() Standing {
	verdict := c.verdict
	if c.end != nil {
		verdict = c.end.verdict
	}
	return Standing{
		Begun: c.begun && c.hold == "", News: c.news, What: c.what, At: c.progress.clock, Clock: c.clock,
		Silent: c.clock - c.silent, Rest: c.resting(), Hindered: c.blocker != nil || c.verdict == observe.Blocked, Verdict: verdict,
	}
}
