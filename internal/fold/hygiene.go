package fold

import (
	"math"

	"ronda/internal/extract"
)

// sane makes a reading one that can be counted with; false when there is nothing to count: not a number, or less
// than nothing. A total that is none is not known.
func sane(c extract.Count) (extract.Count, bool) {
	if !countable(c.Done) {
		return c, false
	}
	if !countable(c.Total) {
		c.Total = 0
	}
	if !countable(c.Files) || !countable(c.FilesTotal) {
		c.Files, c.FilesTotal = 0, 0
	}
	return c, true
}

// countable tells whether v is a number of things, of which there are not more than anything real has, and so few
// that no rate of them overflows.
func countable(v float64) bool { return v >= 0 && v < 1e24 && !math.IsNaN(v) }
