package watchers

import (
	"path"
	"slices"
	"strings"
)

// tarValued are tar's long options that may take the next word for their value.
const tarValued = "file directory exclude exclude-from files-from use-compress-program blocking-factor record-size checkpoint-action " +
	"listed-incremental newer after-date newer-mtime transform xform owner group mode mtime format label volno-file starting-file " +
	"strip-components to-command suffix rsh-command rmt-command tape-length index-file quoting-style sort"

// readTar reads tar, also with its options in the old style: tar czf /b/x.tgz /srv.
func readTar(c call) (move, bool) {
	if len(c.args) > 0 && !strings.HasPrefix(c.args[0], "-") {
		c.args = oldStyle(c.args)
	}
	o := c.parse("fCXTIbLgNHKFVMs", tarValued)
	archive := o.value("-f", "--file")
	m := move{leader: true}
	switch {
	case o.has("-c", "--create", "-r", "--append", "-u", "--update"):
		m.target = archive
		m.packTree(c, o)
	case o.has("-x", "--extract", "--get"):
		m.way = wayRead
		m.target = firstOf(c.abs(o.value("-C", "--directory")), c.cwd)
		if archive != "" && archive != "-" {
			m.sources = []string{c.abs(archive)}
		} else if in := c.input(); in != "" {
			m.sources = []string{in}
		}
		m.leader = len(m.sources) > 0 || m.target != ""
		return m, true
	default: // it lists, or compares
		return move{}, false
	}
	if !o.has("-z", "-j", "-J", "-Z", "-a", "-I", "--gzip", "--bzip2", "--xz", "--zstd", "--lzma", "--lzop", "--compress", "--auto-compress", "--use-compress-program", "-H") {
		m.closing = tarMark
	}
	if m.target == "" || m.target == "-" {
		m.target = c.output()
	} else {
		m.target = c.abs(m.target)
	}
	return m, true
}

// packTree takes the operands of an archiver for its sources.
func (m *move) packTree(c call, o options) {
	m.way, m.packs = wayRead, true
	m.chosen = o.has("--exclude", "--exclude-from", "-X", "-T", "--files-from", "--exclude-vcs", "--exclude-caches", "-g", "--listed-incremental", "-N", "--newer")
	if dir := o.value("-C", "--directory"); dir != "" {
		c.cwd = c.abs(dir)
	}
	m.holes = o.has("-S", "--sparse")
	m.sources = c.absAll(o.rest)
	if len(m.sources) == 0 {
		m.unknown = "which files it packs stands in a list, not on its command line"
	}
}

// oldStyle turns "czf x.tar a" into "-c -z -f x.tar a": letters that take a value take the words behind in their order.
func oldStyle(args []string) []string {
	var out []string
	rest := args[1:]
	for _, letter := range args[0] {
		out = append(out, "-"+string(letter))
		if strings.ContainsRune("fCXTIbLgNHKFV", letter) && len(rest) > 0 {
			out, rest = append(out, rest[0]), rest[1:]
		}
	}
	return append(out, rest...)
}

// packers says of each compressor what it puts behind a name.
func packers(tool string) []string {
	switch tool {
	case "gzip", "gunzip", "zcat", "pigz", "unpigz":
		return []string{".gz", ".zz", ".tgz"}
	case "bzip2", "bunzip2", "bzcat", "pbzip2", "lbzip2":
		return []string{".bz2", ".tbz2"}
	case "xz", "unxz", "xzcat", "pixz":
		return []string{".xz", ".lzma", ".txz"}
	case "zstd", "unzstd", "zstdmt", "zstdcat", "pzstd":
		return []string{".zst", ".tzst"}
	case "lz4", "unlz4", "lz4cat":
		return []string{".lz4"}
	default:
		return []string{".lzo"}
	}
}

// readPacker reads a compressor: in place, from one file to another, or within a pipe.
func readPacker(c call) (move, bool) {
	o := c.parse("STMobpCFD", "suffix threads memlimit format keyword block-size blocksize processes")
	if o.has("-l", "--list", "-t", "--test") {
		return move{}, false
	}
	m := move{way: wayRead}
	files := slices.DeleteFunc(c.absAll(o.rest), func(f string) bool { return f == "-" })
	zstd := slices.Contains(packers(c.tool), ".zst")
	lz4 := slices.Contains(packers(c.tool), ".lz4")
	out := o.has("-c", "--stdout", "--to-stdout") || strings.HasSuffix(c.tool, "cat")
	unpacks := o.has("-d", "--decompress", "--uncompress") || strings.HasPrefix(c.tool, "un") || strings.Contains(c.tool, "unz") || strings.HasSuffix(c.tool, "cat")
	switch {
	case len(files) == 0:
		if in := c.input(); in != "" {
			m.sources = []string{in}
		}
		m.target = c.output()
	case out:
		m.sources, m.target = files, c.output()
	case zstd && o.value("-o") != "":
		m.sources, m.target = files, c.abs(o.value("-o"))
	case lz4 && len(files) == 2:
		m.sources, m.target = files[:1], files[1]
	default:
		m.sources = files
		m.replaces = !o.has("-k", "--keep") && !zstd && !lz4 || o.has("--rm")
		m.stamps = true
		if len(files) == 1 {
			m.target = packedName(files[0], c.tool, unpacks)
		}
	}
	if m.target == "" && len(m.sources) > 0 {
		if f, ok := largest(c.files, true); ok && !c.piped() {
			m.target = f.Path
		}
	}
	m.leader = len(m.sources) > 0 || m.target != ""
	return m, true
}

// packedName is where a compressor writes to by itself.
func packedName(file, tool string, unpacks bool) string {
	endings := packers(tool)
	if !unpacks {
		return file + endings[0]
	}
	for _, e := range endings {
		if rest, ok := strings.CutSuffix(file, e); ok {
			if strings.HasPrefix(e, ".t") {
				rest += ".tar"
			}
			return rest
		}
	}
	return strings.TrimSuffix(file, path.Ext(file))
}
