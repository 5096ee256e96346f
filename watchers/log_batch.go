package watchers

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"ronda/internal/observe"
)

// batch gathers the observations of one read of a log, so that they are emitted at once and in order.
type batch struct {
	file string
	out  []observe.Payload
	text arena
}

// line adds one line.
func (b *batch) line(p piece, partial, backlog bool) {
	b.out = append(b.out, observe.Line{
		File:      b.file,
		Offset:    p.off,
		Text:      b.text.keep(p.text, p.truncated),
		Truncated: p.truncated,
		Partial:   partial,
		Backlog:   backlog,
	})
}

// skip adds a range of bytes that was not read.
func (b *batch) skip(from, to int64, why string) {
	b.out = append(b.out, observe.Skip{File: b.file, From: from, To: to, Why: why})
}

// emit hands everything gathered to the session.
func (b *batch) emit(emit Emit) {
	if len(b.out) == 0 {
		return
	}
	emit(b.out...)
	b.out = nil // the session may keep the slice
}

// arena turns bytes into strings with few allocations. Strings share blocks that are small, so that one
// that is kept for the whole night does not hold much else in memory.
type arena struct{ b strings.Builder }

// Of short texts an arena block holds some dozens; a longer text has its own memory.
const (
	arenaBlock = 4 << 10
	arenaShort = 512
)

// keep returns text as a string of valid UTF-8. A rune that truncated text ends in the middle of is left out.
func (a *arena) keep(text []byte, truncated bool) string {
	if truncated {
		text = wholeRunes(text)
	}
	if !utf8.Valid(text) {
		return string(bytes.ToValidUTF8(text, []byte("\uFFFD")))
	}
	if len(text) > arenaShort {
		return string(text)
	}
	if a.b.Cap()-a.b.Len() < len(text) {
		a.b = strings.Builder{}
		a.b.Grow(arenaBlock)
	}
	from := a.b.Len()
	a.b.Write(text)
	return a.b.String()[from:]
}

// wholeRunes leaves out the first bytes of a rune at the end of text whose other bytes were cut off.
func wholeRunes(text []byte) []byte {
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if last := text[len(text)-n:]; utf8.RuneStart(last[0]) {
			if !utf8.FullRune(last) {
				return text[:len(text)-n]
			}
			break
		}
	}
	return text
}
