// Package tui is what a person sees and presses: the screen of the night watch. It shows the newest
// snapshot and returns what the person wants as an [Intent]; it watches nothing and decides nothing.
//
// The root model is the only tea.Model. Every pane is a function of a snapshot, the moment and a size, that
// returns exactly so many rows of at most so many cells. Neither Update nor View does I/O or asks a clock.
// Whatever came from outside (log lines, paths, reasons, names) passes through [words.Clean] before it
// is drawn: no byte of a log reaches the terminal as something the terminal obeys.
package tui

import (
	"io"
	"time"

	"ronda/internal/fold"
)

// Config is what the screen needs of the rest of the program. Snapshot, Do and Now must be set.
type Config struct {
	// Snapshot returns the newest snapshot, nil before the first. It must not block: it is asked up to
	// ten times a second by the goroutine that draws.
	Snapshot func() *fold.Snapshot
	// Do carries out what the person wants. It is called from a goroutine of its own for each intent and
	// may block; it must be safe for concurrent use.
	Do func(Intent)
	// Now returns the moment that the screen speaks of: the clock, or in a replay the moment replayed. It
	// must not block.
	Now func() time.Time
	// Location is the time zone for wall-clock times; nil is the local one.
	Location *time.Location
	// Playback returns how a replay stands. It is nil when the session is live: then there are no time
	// controls. It must not block.
	Playback func() Playback
	// Question returns the question that waits for the person, nil when there is none. It may be nil, and
	// it must not block. A question is shown until it was answered or is no longer returned.
	Question func() *Question

	Color   Color
	Slow    bool   // for thin lines: at most two frames a second
	Version string // shown in the help; may be empty

	// Input and Output are the terminal; nil is standard input and output. Environ is its environment;
	// nil is the process's own.
	Input   io.Reader
	Output  io.Writer
	Environ []string
}

// Color says how much colour the screen may use. Nothing is ever said by colour alone.
type Color int

// The zero value follows the terminal and the NO_COLOR and COLORTERM variables.
const (
	ColorAuto Color = iota
	ColorNone
)

// Playback is how a replay stands.
type Playback struct {
	Paused bool
	Speed  float64   // seconds of the session that pass in a second
	Start  time.Time // first moment of the session
	End    time.Time // last moment of the session
}

// Question is something only the person can answer, such as a host key to confirm or a password.
type Question struct {
	ID      uint64 // from 1: tells it from every other question; an answer carries it back
	Title   string // a few words: "host key of mail1"
	Text    string // what is asked, with all that is needed to answer it; may have several lines
	Confirm bool   // answered by yes or no; otherwise by text
	Secret  bool   // the text is neither shown nor kept
}
