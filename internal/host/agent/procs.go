package agent

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// ReadFiles implements watchers.Procs. Files of the kernel, under /proc and /sys, are read with one process
// for all of them; "self" is that process. Of others at most 256 KiB are read, of regular ones only. The end of the last line is left
// off. A file that holds nothing is returned as such, but is absent where a pattern matched it.
func (a *Agent) ReadFiles(ctx context.Context, patterns ...string) (map[string]string, error) {
	var kernel, args, other group
	for _, p := range patterns {
		if err := checkPath(p); err != nil {
			return nil, fmt.Errorf("read %q: %w", p, err)
		}
		switch {
		case !KernelText(p):
			other.add(p)
		case nulSeparated(p):
			args.add(p)
		default:
			kernel.add(p)
		}
	}
	kernel.op, args.op = "r 0 "+strconv.Itoa(len(kernel.plain)), "r 1 "+strconv.Itoa(len(args.plain))
	other.op = "R " + strconv.Itoa(maxSmall)
	args.counted, other.counted = !a.hello.can("a"), true
	groups := slices.DeleteFunc([]*group{&kernel, &args, &other}, (*group).empty)
	for _, g := range groups {
		text := g.text()
		g.asked = &request{key: text, text: text}
		if err := a.enqueue(ctx, g.asked); err != nil {
			return nil, err
		}
	}
	files := make(map[string]string)
	for _, g := range groups {
		p, err := a.await(ctx, g.asked)
		if err != nil {
			return nil, err
		}
		if err := g.read(files, p.text); err != nil {
			return nil, fmt.Errorf("read files: %w", err)
		}
	}
	return files, nil
}

// maxSmall is how much is read of a file that is not the kernel's, in bytes.
const maxSmall = 256 << 10

// group are files that are read in the same way.
type group struct {
	op      string
	plain   []string
	globs   []string
	counted bool // the answer counts its bytes; else each of its lines carries its file's path
	asked   *request
}

func (g *group) add(p string) {
	if isPattern(p) {
		g.globs = append(g.globs, p)
	} else {
		g.plain = append(g.plain, p)
	}
}

func (g *group) empty() bool { return len(g.plain)+len(g.globs) == 0 }

// text is the request: the plain paths come first, for their number is told.
func (g *group) text() string {
	var b strings.Builder
	b.WriteString(g.op)
	for _, p := range g.plain {
		b.WriteString(" " + word(p))
	}
	for _, p := range g.globs {
		b.WriteString(" " + glob(p))
	}
	return b.String()
}

func (g *group) read(files map[string]string, text string) error {
	if g.counted {
		return lengths(files, text)
	}
	lines(files, text, g.plain, g.globs)
	return nil
}

// lines reads an answer of lines that carry their file's path: "path:line". The first line of the answer
// numbers those of the plain paths that may be read, also when they hold nothing.
func lines(files map[string]string, text string, plain, globs []string) {
	first, text, _ := strings.Cut(text, "\n")
	for num := range strings.FieldsSeq(strings.TrimPrefix(first, "+")) {
		if n, err := strconv.Atoi(num); err == nil && n >= 1 && n <= len(plain) {
			files[plain[n-1]] = ""
		}
	}
	var now string // the path of the lines being read, with its colon
	var body strings.Builder
	flush := func() {
		if now != "" {
			files[now[:len(now)-1]] = body.String()
		}
		body.Reset()
	}
	for line := range strings.SplitSeq(text, "\n") {
		if now != "" && strings.HasPrefix(line, now) {
			body.WriteString("\n" + line[len(now):])
			continue
		}
		p := owner(line, plain, globs)
		if p == "" {
			continue // no line of ours: the name of the file holds a line end
		}
		flush()
		now = p + ":"
		body.WriteString(line[len(now):])
	}
	flush()
}

// owner finds the path that a line begins with: one of those asked for, or one that a pattern matches.
func owner(line string, plain, globs []string) string {
	for _, p := range plain {
		if len(line) > len(p) && line[len(p)] == ':' && line[:len(p)] == p {
			return p
		}
	}
	end := 0
	for range maxColons {
		i := strings.IndexByte(line[end:], ':')
		if i < 0 || end+i > maxPath {
			break
		}
		end += i
		for _, p := range globs {
			if matches(p, line[:end]) {
				return line[:end]
			}
		}
		end++
	}
	return ""
}

// maxColons is how many colons a path may hold that a pattern found. It bounds the search in a line.
const maxColons = 16

// matches tells whether a shell's pattern matches a path. Only [!x] is written otherwise in Go.
func matches(pattern, name string) bool {
	ok, err := path.Match(strings.ReplaceAll(pattern, "[!", "[^"), name)
	return ok && err == nil
}

// lengths reads an answer in which each file comes as "3 5:/a/hello": the lengths of path and text, then
// both.
func lengths(files map[string]string, text string) error {
	text = strings.TrimPrefix(text, "+")
	for text != "" {
		head, rest, ok := strings.Cut(text[1:], ":")
		name, size, _ := strings.Cut(head, " ")
		n, errN := strconv.Atoi(name)
		m, errM := strconv.Atoi(size)
		if !ok || errN != nil || errM != nil || n < 0 || m < 0 || n > len(rest) || m > len(rest)-n {
			return fmt.Errorf("the host's answer is not understood: %q", clip([]byte(text), 80))
		}
		files[rest[:n]] = strings.TrimSuffix(rest[n:n+m], "\n")
		text = rest[n+m:]
	}
	return nil
}

// ReadLinks implements watchers.Procs. Names are returned as they are where the host's ls can escape them
// (GNU); elsewhere unprintable bytes may stand as "?".
func (a *Agent) ReadLinks(ctx context.Context, dirs ...string) (map[string]string, error) {
	links := make(map[string]string)
	if len(dirs) == 0 {
		return links, nil
	}
	g := group{op: "k"}
	for _, d := range dirs {
		if err := checkPath(d); err != nil {
			return nil, fmt.Errorf("read the links in %q: %w", d, err)
		}
		g.add(d)
	}
	text := g.text()
	p, err := a.ask(ctx, &request{key: text, text: text})
	if err != nil {
		return nil, err
	}
	escaped := a.hello.can("b")
	dir := ""
	for line := range strings.SplitSeq(p.text, "\n") {
		if head, ok := strings.CutSuffix(line, ":"); ok {
			if escaped {
				head = unescape(head)
			}
			if slices.ContainsFunc(dirs, func(d string) bool { return d == head || isPattern(d) && matches(d, head) }) {
				dir = head
				continue
			}
		}
		name, target, ok := link(line)
		if !ok || dir == "" {
			continue
		}
		if escaped {
			name, target = unescape(name), unescape(target)
		}
		links[path.Join(dir, name)] = target
	}
	return links, nil
}

// link reads a line of ls -l that describes a symbolic link: eight columns, then name and target.
func link(line string) (name, target string, ok bool) {
	if !strings.HasPrefix(line, "l") {
		return "", "", false
	}
	for range 8 {
		i := strings.IndexByte(line, ' ')
		if i < 0 {
			return "", "", false
		}
		line = strings.TrimLeft(line[i:], " ")
	}
	return strings.Cut(line, " -> ")
}

// unescape undoes the escapes of GNU ls -b: C's, octal ones, and an escaped space.
func unescape(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		if s[i] >= '0' && s[i] <= '3' && i+2 < len(s) {
			if n, err := strconv.ParseUint(s[i:i+3], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 2
				continue
			}
		}
		if k := strings.IndexByte("abfnrtv", s[i]); k >= 0 {
			b.WriteByte("\a\b\f\n\r\t\v"[k])
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// Holders implements watchers.Procs. The agent's own shell is left out.
func (a *Agent) Holders(ctx context.Context, path string) ([]int, error) {
	if err := checkPath(path); err != nil {
		return nil, fmt.Errorf("find who holds %q: %w", path, err)
	}
	text := "w " + word(path)
	p, err := a.ask(ctx, &request{key: text, text: text})
	if err != nil {
		return nil, err
	}
	var pids []int
	for line := range strings.SplitSeq(p.text, "\n") {
		num, _, _ := strings.Cut(strings.TrimPrefix(line, "/proc/"), "/")
		if pid, err := strconv.Atoi(num); err == nil && pid != a.hello.pid {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return slices.Compact(pids), nil
}

// StatFiles implements watchers.Procs. Only the given paths are looked at, and what they point to; one on a
// dead network file system blocks the agent, so give none that may be.
func (a *Agent) StatFiles(ctx context.Context, paths ...string) (map[string]observe.FileInfo, error) {
	files := make(map[string]observe.FileInfo)
	if len(paths) == 0 {
		return files, nil
	}
	for _, p := range paths {
		if err := checkPath(p); err != nil {
			return nil, fmt.Errorf("look at %q: %w", p, err)
		}
	}
	text := (&group{op: "s", plain: paths}).text()
	for range vanishing {
		p, err := a.ask(ctx, &request{key: text, text: text})
		if err != nil {
			return nil, err
		}
		first, rest, _ := strings.Cut(strings.TrimPrefix(p.text, "+"), "\n")
		var there []string
		for num := range strings.FieldsSeq(first) {
			if n, err := strconv.Atoi(num); err == nil && n >= 1 && n <= len(paths) {
				there = append(there, paths[n-1])
			}
		}
		if list, ok := infos(there, rest); ok {
			for _, f := range list {
				files[f.Path] = f
			}
			return files, nil
		}
	}
	return nil, fmt.Errorf("look at %q and %d more: they change too fast", paths[0], len(paths)-1)
}
