// Package rate turns readings of a counter into a rate, an expected end and a warning when it slows down.
//
// It is pure: it reads no clock, starts no goroutine and keeps everything in fixed memory. Times come from the
// caller: t is the observed clock of the task (it stands still while nobody can see), now is the wall clock
// that an end is named in. The same calls give the same answers. A Series or a Calm belongs to one goroutine.
//
// A rate is never negative, an end never lies in the past or more than ten years away, and no number that was
// not measured is made up: what is not known says so and why.
package rate
