package tui

import (
	"math"
	"strings"
)

// steps are the heights of a sparkline's cell. The full block is left out: rows would grow together.
var steps = [...]string{"▁", "▂", "▃", "▄", "▅", "▆", "▇"}

// bar returns the filled and the empty part of a bar of w cells, drawn as a line, in steps of half a cell:
// blocks of neighbouring rows would run into one slab. A bar is only full when fraction is 1, and only
// empty when it is 0, however small w is.
func bar(fraction float64, w int) (filled, empty string) {
	if w <= 0 || math.IsNaN(fraction) {
		return "", repeat("─", w)
	}
	n := int(math.Floor(fraction * float64(2*w)))
	if fraction > 0 {
		n = max(n, 1)
	}
	if fraction < 1 {
		n = min(n, 2*w-1)
	}
	n = min(max(n, 0), 2*w)
	return strings.Repeat("━", n/2) + repeat("╸", n%2), strings.Repeat("─", w-(n+1)/2)
}

// spark draws the newest w values, each a cell high in eighths of the greatest. A value that was not
// observed is a gap, and a zero is the lowest step: standing still was seen.
func spark(values []float64, w int) string {
	if w <= 0 {
		return ""
	}
	values = values[max(len(values)-w, 0):]
	top := 0.0
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			top = max(top, v)
		}
	}
	var b strings.Builder
	b.WriteString(strings.Repeat(" ", w-len(values)))
	for _, v := range values {
		switch {
		case math.IsNaN(v):
			b.WriteByte(' ')
		case top <= 0 || v <= 0:
			b.WriteString(steps[0])
		default:
			b.WriteString(steps[min(int(min(v/top, 1)*float64(len(steps)-1)+0.5), len(steps)-1)])
		}
	}
	return b.String()
}
