package main

import (
	"bytes"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// display is the end that a tool shows: the newest word of it.
type display struct {
	read func(line string) (left string, ok bool) // of a line that tells something of it

	mu   sync.Mutex
	left string // seconds; empty: it names no end
}

// now is what it shows at this moment.
func (d *display) now() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.left
}

func (d *display) show(left string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.left = left
}

// follow reads what the tool writes to its screen until it ends, and writes it to log as well.
func (d *display) follow(from io.Reader, log io.Writer) {
	defer d.show("") // it is gone
	buf := make([]byte, 16<<10)
	var rest []byte
	for {
		n, err := from.Read(buf)
		if n > 0 {
			_, _ = log.Write(buf[:n])
			rest = append(rest, buf[:n]...)
			for {
				i := bytes.IndexAny(rest, "\r\n")
				if i < 0 {
					break
				}
				d.line(string(rest[:i]))
				rest = rest[i+1:]
			}
			d.line(string(rest)) // the newest may stand without an end
		}
		if err != nil {
			return
		}
	}
}

func (d *display) line(text string) {
	if left, ok := d.read(text); ok {
		d.show(left)
	}
}

// rsyncLine reads a line of rsync --info=progress2. Behind a finished file it shows the time that has passed in the
// place of the time that is left: that is no end. With a rate of 0 it shows 0 s; that is none either.
func rsyncLine(text string) (string, bool) {
	m := regexp.MustCompile(`^\s*[\d,]+\s+\d+%\s+([\d.]+)[kMGT]?B/s\s+([\d:]+)(.*)$`).FindStringSubmatch(text)
	switch {
	case m == nil:
		return "", false
	case strings.Contains(m[3], "xfr#") || strings.Trim(m[1], "0.") == "":
		return "", true
	}
	return clock(m[2]), true
}

// pvLine reads a line of pv, of its own or of pv -d. With a rate of 0 it shows 0 s; that is no end.
func pvLine(text string) (string, bool) {
	if m := regexp.MustCompile(`\[\s*([\d.]+)\s*[kKMGT]?i?B/s\].*ETA ([\d:]+)`).FindStringSubmatch(text); m != nil {
		if strings.Trim(m[1], "0.") == "" {
			return "", true
		}
		return clock(m[2]), true
	}
	return "", false
}

// progressLine reads a line of progress -m.
func progressLine(text string) (string, bool) {
	if m := regexp.MustCompile(`remaining ([\d:]+)`).FindAllStringSubmatch(text, -1); m != nil {
		return clock(m[len(m)-1][1]), true
	}
	return "", strings.Contains(text, "% (")
}

// clock turns H:MM:SS, or D:HH:MM:SS, into seconds.
func clock(text string) string {
	parts := strings.Split(text, ":")
	units := []int{1, 60, 3600, 86400}
	sum := 0
	for i := range parts {
		n, err := strconv.Atoi(parts[len(parts)-1-i])
		if err != nil || i >= len(units) {
			return ""
		}
		sum += n * units[i]
	}
	return strconv.Itoa(sum)
}
