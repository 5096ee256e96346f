package watchers

import (
	"path"
	"strings"
)

// readCopy reads cp and mv. mv copies only from one file system to another: within one it has no file open.
func readCopy(c call) (move, bool) {
	o := c.parse("tS", "target-directory suffix")
	target := o.value("-t", "--target-directory")
	sources := o.rest
	if target == "" {
		if len(sources) < 2 {
			return move{}, false
		}
		target, sources = sources[len(sources)-1], sources[:len(sources)-1]
	}
	if len(sources) == 0 || o.has("-l", "-s", "--link", "--symbolic-link") {
		return move{}, false
	}
	m := move{leader: true, sources: c.absAll(sources), target: c.abs(target), replaces: c.tool == "mv"}
	m.holes = o.value("--sparse") != "never"
	return m, true
}

// readDD reads dd, whose words are name=value.
func readDD(c call) (move, bool) {
	set := map[string]string{}
	last := ""
	for _, a := range c.args {
		name, value, ok := strings.Cut(a, "=")
		if !ok && last != "" { // a blank in a file's name
			set[last] += " " + a
			continue
		}
		set[name], last = value, name
	}
	m := move{leader: true, target: c.output()}
	source := c.input()
	if set["if"] != "" && c.abs(set["if"]) != "/dev/stdin" {
		source = c.abs(set["if"])
	}
	if set["of"] != "" && c.abs(set["of"]) != "/dev/stdout" {
		m.target = c.abs(set["of"])
	}
	if source != "" {
		m.sources = []string{source}
	}
	m.nodes = c.nodesOf(map[string]int{source: 0, m.target: 1})
	in, out := ddBlock(set["ibs"], set["bs"]), ddBlock(set["obs"], set["bs"])
	m.skip = ddBytes(firstOf(set["skip"], set["iseek"]), in, strings.Contains(set["iflag"], "skip_bytes"))
	m.seek = ddBytes(firstOf(set["seek"], set["oseek"]), out, strings.Contains(set["oflag"], "seek_bytes"))
	if n := ddBytes(set["count"], in, strings.Contains(set["iflag"], "count_bytes")); n > 0 {
		m.total, m.totalBy = n, "the count it was given"
	}
	m.leader = m.target != "" || storageName(source)
	return m, m.target != "" || source != "" && c.piped()
}

// storageName tells whether a path is that of something with an end.
func storageName(p string) bool { return dataFile(p) || blockDevice(p) }

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// ddBlock is the size of a block: 512 bytes where none is given.
func ddBlock(own, both string) int64 {
	if n, ok := byteCount(firstOf(both, own), true); ok && n > 0 {
		return n
	}
	return 512
}

// ddBytes reads a number of blocks, or of bytes where it says so.
func ddBytes(s string, block int64, bytes bool) int64 {
	if rest, ok := strings.CutSuffix(s, "B"); ok && !strings.HasSuffix(s, "iB") && strings.Trim(rest, "0123456789") == "" {
		s, bytes = rest, true // 10B are bytes; 10kB and 10KiB are so many blocks
	}
	n, ok := byteCount(s, true)
	switch {
	case !ok:
		return 0
	case bytes:
		return n
	case n > 0 && block > (1<<62)/n:
		return 0
	default:
		return n * block
	}
}

// readCat reads cat: the reader of a pipe, or one that joins files.
func readCat(c call) (move, bool) {
	o := c.parse("", "")
	m := move{target: c.output()}
	for _, f := range c.absAll(o.rest) {
		if storageName(f) {
			m.sources = append(m.sources, f)
		}
	}
	if len(o.rest) == 0 && c.input() != "" {
		m.sources = []string{c.input()}
	}
	m.leader = len(m.sources) > 0 || m.target != ""
	return m, m.target != "" || len(m.sources) > 0 && c.piped()
}

// readPV reads pv. One that watches another process moves nothing itself.
func readPV(c call) (move, bool) {
	o := c.parse("sDiNwHFLBdPQ", "size delta-start interval name width height format rate-limit buffer-size watchfd remote pidfile last-written")
	if o.has("-d", "--watchfd", "-R", "--remote") {
		return move{}, false
	}
	m := move{target: c.output()}
	for _, f := range c.absAll(o.rest) {
		if storageName(f) {
			m.sources = append(m.sources, f)
		}
	}
	if len(o.rest) == 0 && c.input() != "" {
		m.sources = []string{c.input()}
	}
	if n, ok := byteCount(o.value("-s", "--size"), false); ok && n > 0 && !o.has("-l", "--line-mode") {
		m.total, m.totalBy, m.estimate = n, "the size that pv was given", true
	}
	m.leader = len(m.sources) > 0 || m.target != ""
	return m, true
}

// readSCP reads scp, on this side, and on the far side of one that speaks its old protocol ("scp -t", "scp -f").
func readSCP(c call) (move, bool) {
	o := c.parse("cDFiJloPSX", "")
	if o.has("-t", "-f") {
		m := move{leader: true}
		m.byFiles(c)
		if o.has("-f") {
			m.sources = append(m.sources, c.absAll(o.rest)...)[:min(1, len(o.rest)+len(m.sources))]
		} else if len(o.rest) > 0 && m.target == "" {
			m.target = c.abs(o.rest[0])
		}
		return m, true
	}
	if len(o.rest) < 2 {
		return move{}, false
	}
	last := len(o.rest) - 1
	m := move{leader: true, sources: c.absAll(o.rest[:last]), target: c.abs(o.rest[last])}
	m.unknown = farSize(m.sources)
	return m, true
}

// farSize says what cannot be known of sources on another machine.
func farSize(sources []string) string {
	for _, s := range sources {
		if remote(s) {
			return "how large " + presentable(s) + " is, is known only there"
		}
	}
	return ""
}

// readSFTP reads sftp and its server: the command line names the far side at most, the open files tell what is moved.
func readSFTP(c call) (move, bool) {
	o := c.parse("BbcDFiJlmoPRSsX", "")
	m := move{leader: true}
	if !m.byFiles(c) {
		return move{}, false
	}
	far := ""
	if len(o.rest) > 0 && c.tool == "sftp" {
		far = strings.TrimSuffix(o.rest[0], ":")
		if !strings.Contains(far, ":") {
			far += ":"
		}
	}
	switch {
	case far == "":
	case len(m.sources) == 0:
		m.sources = []string{far}
		m.unknown = "how large the file is, is known only on the far side"
	case m.target == "":
		m.target = far
	}
	if c.tool == "sftp-server" && len(m.sources) == 0 {
		m.unknown = "how large the file is, is known only to who sends it"
	}
	return m, true
}

// readFetch reads curl and wget.
func readFetch(c call) (move, bool) {
	o := c.parse("oOPeTUdHbuXxmw", "output output-document directory-prefix user-agent header data user proxy upload-file limit-rate max-time")
	m := move{leader: true, way: wayGrow, unknown: "how large it is, is known only to the server"}
	m.byFiles(c)
	for _, a := range o.rest {
		if strings.Contains(a, "://") {
			m.sources = []string{a}
		}
	}
	return m, m.target != ""
}

// byFiles takes the largest file that is read and the largest that is written for source and target, and reports
// whether there was one.
func (m *move) byFiles(c call) bool {
	if f, ok := largest(c.files, false); ok {
		m.sources = []string{f.Path}
	}
	if f, ok := largest(c.files, true); ok {
		m.target = f.Path
	}
	return m.target != "" || len(m.sources) > 0
}

// within returns where files lie in the target.
func (m move) within(names []string) []string {
	var paths []string
	for _, n := range names {
		if m.target != "" {
			paths = append(paths, path.Join(m.target, n))
		}
	}
	return paths
}

// inside is where a source comes to lie when the target is a folder.
func (m move) inside() string {
	if len(m.sources) != 1 || m.target == "" {
		return ""
	}
	name := m.sources[0]
	if remote(name) {
		name = name[strings.LastIndexByte(name, ':')+1:]
	}
	if name = path.Base(name); name == "." || name == "/" {
		return ""
	}
	return path.Join(m.target, name)
}
