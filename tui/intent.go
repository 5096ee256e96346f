package tui

import "time"

// Intent is what a person wants, as the screen tells it to the rest of the program: one of the types of
// this package, and no other.
type Intent interface{ intent() }

type (
	// Quit ends the watch. The screen closes as soon as Do has returned.
	Quit struct{}

	// Mark writes a note into the session.
	Mark struct{ Text string }

	// Retry asks for the next attempt to reach a host to be made now.
	Retry struct{ Host string }

	// Answer is the answer to the question with this ID. OK is false when the person said no or turned the
	// question away; Text is what was typed. It may be a secret: it must not be stored.
	Answer struct {
		ID   uint64
		OK   bool
		Text string
	}

	// Seek moves a replay, forwards or (negative) backwards in the session's time.
	Seek struct{ By time.Duration }

	// Pause stops a replay, or lets it go on.
	Pause struct{}

	// Speed makes a replay faster (2) or slower (0.5) by a factor.
	Speed struct{ Factor float64 }
)

func (Quit) intent()   {}
func (Mark) intent()   {}
func (Retry) intent()  {}
func (Answer) intent() {}
func (Seek) intent()   {}
func (Pause) intent()  {}
func (Speed) intent()  {}
