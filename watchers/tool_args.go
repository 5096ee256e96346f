package watchers

import (
	"path"
	"strconv"
	"strings"
)

// options are a command line taken apart: what was set, by its name with its dashes, and what is left.
type options struct {
	set  map[string]string
	rest []string
}

// parse takes a command line apart as getopt_long does. short are the letters, long the names, parted by blanks, that
// take the next word for their value where none is joined to them; letters with "::" behind take only what is joined.
func (c call) parse(short, long string) options {
	o := options{set: map[string]string{}}
	valued := map[string]bool{}
	for name := range strings.FieldsSeq(long) {
		valued["--"+name] = true
	}
	for i := 0; i < len(c.args); i++ {
		a := c.args[i]
		switch {
		case a == "--":
			o.rest = append(o.rest, c.args[i+1:]...)
			i = len(c.args)
		case strings.HasPrefix(a, "--"):
			name, value, joined := strings.Cut(a, "=")
			if !joined && (valued[name] || secretOption(name)) && i+1 < len(c.args) {
				i++
				value = c.args[i]
			}
			o.set[name] = value
		case len(a) > 1 && a[0] == '-':
			i += o.bundle(a[1:], c.args[i+1:], short)
		default:
			o.rest = append(o.rest, a)
		}
	}
	o.rest = c.mend(o.rest)
	return o
}

// secretOption tells whether an option that we do not know is given a secret: the word behind it is none of the copy's
// names then.
func secretOption(name string) bool {
	if strings.Contains(name, "no-pass") || strings.Contains(name, "ask-pass") || strings.HasSuffix(name, "-file") || strings.HasSuffix(name, "-command") {
		return false
	}
	for _, part := range []string{"pass", "secret", "token", "-key", "credential"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// bundle takes in short options that stand together, and returns how many of the words behind them it used.
func (o *options) bundle(letters string, next []string, short string) int {
	for i := range len(letters) {
		name := "-" + letters[i:i+1]
		switch {
		case strings.Contains(short, letters[i:i+1]+"::"):
			o.set[name] = letters[i+1:]
			return 0
		case !strings.Contains(short, letters[i:i+1]):
			o.set[name] = ""
			continue
		}
		if value := letters[i+1:]; value != "" || len(next) == 0 {
			o.set[name] = value
			return 0
		}
		o.set[name] = next[0]
		return 1
	}
	return 0
}

// has tells whether one of the names was set.
func (o options) has(names ...string) bool {
	for _, n := range names {
		if _, ok := o.set[n]; ok {
			return true
		}
	}
	return false
}

// value returns the value of the first of the names that has one.
func (o options) value(names ...string) string {
	for _, n := range names {
		if v := o.set[n]; v != "" {
			return v
		}
	}
	return ""
}

// maxBlanks bounds how many blanks a name is believed to hold.
const maxBlanks = 6

// mend puts together what the kernel's command line shows as several words and is one: the name of an open file, or of
// a folder that holds one, that has blanks in it.
func (c call) mend(words []string) []string {
	var out []string
	for i := 0; i < len(words); i++ {
		joined, used := words[i], 0
		for k := 1; k <= maxBlanks && i+k < len(words); k++ {
			if name := strings.Join(words[i:i+k+1], " "); c.opened(c.abs(name)) {
				joined, used = name, k
			}
		}
		out = append(out, joined)
		i += used
	}
	return out
}

// opened tells whether a path is that of an open file, or of a folder above one.
func (c call) opened(p string) bool {
	for _, link := range c.links {
		if link == p || strings.HasPrefix(link, p+"/") {
			return true
		}
	}
	return false
}

// abs returns a path as seen from the root; HOST:path and an address with a scheme stay as they are.
func (c call) abs(p string) string {
	switch {
	case p == "" || p == "-" || remote(p):
		return p
	case strings.HasPrefix(p, "/"):
		return path.Clean(p)
	case c.cwd == "":
		return p
	default:
		return path.Join(c.cwd, p)
	}
}

func (c call) absAll(words []string) []string {
	out := make([]string, 0, len(words))
	for _, w := range words {
		out = append(out, c.abs(w))
	}
	return out
}

// remote tells whether a word names something on another machine: HOST:path, host::module, scheme://.
func remote(p string) bool {
	at := strings.IndexByte(p, ':') // rclone's :s3: has no name
	return at >= 0 && !strings.Contains(p[:at], "/")
}

// local tells whether a path is one of this host's.
func localPath(p string) bool { return strings.HasPrefix(p, "/") }

// byteCount reads a number of bytes as dd, pv and the like take them: 4M, 1G, 2kB, 3x512. It is powers of 1024 but for
// kB, MB and so on where decimal holds.
func byteCount(s string, decimal bool) (int64, bool) {
	total := int64(1)
	for part := range strings.SplitSeq(s, "x") {
		end := strings.IndexFunc(part, func(r rune) bool { return r < '0' || r > '9' })
		if end < 0 {
			end = len(part)
		}
		n, err := strconv.ParseInt(part[:end], 10, 64)
		if err != nil {
			return 0, false
		}
		unit, ok := multiplier(part[end:], decimal)
		if !ok || n > 0 && unit > (1<<62)/n || total > 0 && n*unit > (1<<62)/max(total, 1) {
			return 0, false
		}
		total *= n * unit
	}
	return total, true
}

// multiplier reads the letters behind a number.
func multiplier(s string, decimal bool) (int64, bool) {
	switch s {
	case "", "c", "B":
		return 1, true
	case "w":
		return 2, true
	case "b":
		return 512, true
	}
	power := strings.IndexByte("KMGTPE", s[0]&^0x20) + 1
	base := int64(1024)
	switch rest := s[1:]; {
	case power == 0:
		return 0, false
	case rest == "B" && decimal:
		base = 1000
	case rest != "" && rest != "B" && rest != "iB" && rest != "i":
		return 0, false
	}
	n := int64(1)
	for range power {
		n *= base
	}
	return n, true
}
