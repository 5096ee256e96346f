package fold

import (
	"strconv"
	"strings"

	"ronda/internal/words"
)

// rsyncStats is the block that rsync --stats writes at its end. A file that vanishes or becomes smaller after it was
// listed counts as transferred, and --info=progress2 shows 100 %: only what was really moved tells of it.
type rsyncStats struct {
	transferred float64 // bytes of the files that it went through, as they were listed
	literal     float64 // bytes that were sent
	matched     float64 // bytes that the target had already
	whole       bool    // the three of them are known
}

// read takes a line of the log.
func (r *rsyncStats) read(text string) {
	head, ok := strings.CutSuffix(strings.TrimRight(text, " "), " bytes")
	if !ok {
		return
	}
	at := strings.LastIndex(head, ": ")
	if at < 0 {
		return
	}
	v, ok := rsyncNumber(head[at+2:])
	if !ok {
		return
	}
	switch what := head[:at]; {
	case strings.HasSuffix(what, "Total transferred file size"):
		*r = rsyncStats{transferred: v}
	case strings.HasSuffix(what, "Literal data"):
		r.literal = v
	case strings.HasSuffix(what, "Matched data"):
		r.matched, r.whole = v, true
	}
}

// short says that clearly less was moved than the files had that it went through; empty where that is not so. A dry run
// moves nothing at all.
func (r *rsyncStats) short() string {
	moved := r.literal + r.matched
	if !r.whole || moved == 0 || moved >= clearlyLess*r.transferred {
		return ""
	}
	return "rsync moved only " + words.Bytes(moved) + " of the " + words.Bytes(r.transferred) +
		" in the files that it went through: some vanished or became smaller (or it was told to --append)"
}

// rsyncNumber reads "5,637,972", "5.637.972", "5637972" and, of rsync -h, "5.64M", which is in powers of 1000.
func rsyncNumber(s string) (float64, bool) {
	scale := 1.0
	if n := len(s) - 1; n > 0 {
		if power := strings.IndexByte("KMGTP", s[n]); power >= 0 {
			for range power + 1 {
				scale *= 1000
			}
			s = strings.Replace(s[:n], ",", ".", 1)
			v, err := strconv.ParseFloat(s, 64)
			return v * scale, err == nil
		}
	}
	v, err := strconv.ParseFloat(strings.NewReplacer(",", "", ".", "", "'", "").Replace(s), 64)
	return v, err == nil
}
