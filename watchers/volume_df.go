package watchers

import (
	"regexp"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// dfLine is a line of df -P: what is mounted and where may hold blanks, the numbers between them may be missing.
// BSD's -i adds three columns to those of -k.
var dfLine = regexp.MustCompile(`^(.*?)\s+(\d+|-)\s+(\d+|-)\s+(-?\d+|-)\s+(\d+%|-)(?:\s+(\d+)\s+(\d+)\s+(?:\d+%|-))?\s+(\S.*)$`)

// parseDF reads the answers of "df -Pk" and of "df -Pi" for one file system; the second may be empty. It reads those
// of GNU, busybox and BSD, also where a long name stands on a line of its own. ok is false where the first is none.
func parseDF(blocks, inodes string) (v observe.Volume, ok bool) {
	f := dfFields(blocks)
	if f == nil || f[2] == "-" || !strings.HasPrefix(f[8], "/") {
		return v, false
	}
	v.Device, v.Mount = printable(strings.TrimSpace(f[1]), 256), printable(strings.TrimRight(f[8], " \t\r"), 1024)
	v.Size, v.Used, v.Avail = kibibytes(f[2]), kibibytes(f[3]), kibibytes(f[4])
	if i := dfFields(inodes); i != nil {
		v.Inodes, v.InodesFree = count(i[2]), count(i[4])
		if i[6] != "" { // BSD: used and free, behind the blocks
			v.InodesFree = count(i[7])
			v.Inodes = v.InodesFree + count(i[6])
		}
		if v.InodesFree > v.Inodes {
			v.InodesFree = v.Inodes
		}
	}
	return v, true
}

// dfFields returns the columns of the last line that tells of a file system; nil where there is none. Warnings may
// stand before it.
func dfFields(text string) []string {
	var found []string
	before := ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		f := dfLine.FindStringSubmatch(line)
		if f == nil || f[1] == "" {
			f = dfLine.FindStringSubmatch(before + line) // the name was too long for the column
		}
		if f != nil && f[1] != "" {
			found = f
		}
		before = line
	}
	return found
}

func kibibytes(s string) int64 { return count(s) << 10 }

// count is a number that cannot be less than none and is no more than can be multiplied; "-" is none.
func count(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return min(n, 1<<52)
}

// complaint is what df or another tool said instead of an answer, without its name: "Permission denied".
func complaint(text string) string {
	line := strings.TrimSpace(lastLine(text))
	if i := strings.LastIndex(line, ": "); i >= 0 {
		line = line[i+2:]
	}
	return printable(line, 120)
}

func lastLine(s string) string {
	s = strings.TrimRight(s, "\n")
	return s[strings.LastIndexByte(s, '\n')+1:]
}
