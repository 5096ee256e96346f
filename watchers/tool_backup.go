package watchers

import (
	"path"
	"strings"
)

// rcloneValued are the options of rclone that a copy is often given and that take the next word.
const rcloneValued = "bwlimit transfers checkers config stats log-file log-level exclude include filter exclude-from include-from filter-from " +
	"files-from max-age min-age max-size min-size retries low-level-retries tpslimit buffer-size multi-thread-streams multi-thread-cutoff " +
	"backup-dir suffix compare-dest copy-dest timeout contimeout user-agent s3-chunk-size drive-chunk-size max-transfer max-duration " +
	"stats-one-line-date-format password-command rc-addr order-by max-depth modify-window syslog-facility"

// readRclone reads rclone's commands that copy.
func readRclone(c call) (move, bool) {
	o := c.parse("", rcloneValued)
	if len(o.rest) < 3 {
		return move{}, false
	}
	switch o.rest[0] {
	case "copy", "sync", "move", "copyto", "moveto", "bisync":
	default:
		return move{}, false
	}
	m := move{leader: true, sources: []string{c.abs(o.rest[1])}, target: c.abs(o.rest[2]), updates: true}
	m.replaces = strings.HasPrefix(o.rest[0], "move")
	m.chosen = o.has("--exclude", "--include", "--filter", "--exclude-from", "--include-from", "--filter-from", "--files-from", "--max-age",
		"--min-age", "--max-size", "--min-size")
	m.unknown = farSize(m.sources)
	return m, true
}

// readRestic reads restic's commands that move data.
func readRestic(c call) (move, bool) {
	o := c.parse("roHpte", "repo repository-file password-file password-command exclude exclude-file iexclude iexclude-file files-from "+
		"files-from-verbatim files-from-raw host tag parent option limit-upload limit-download cache-dir target include iinclude path "+
		"time read-concurrency pack-size compression exclude-larger-than exclude-if-present key-hint cacert tls-client-cert from-repo repo2")
	if len(o.rest) == 0 {
		return move{}, false
	}
	repo := c.abs(o.value("-r", "--repo"))
	m := move{leader: true}
	switch o.rest[0] {
	case "backup":
		m.sources, m.target, m.way, m.packs, m.updates = c.absAll(o.rest[1:]), repo, wayRead, true, true
		m.chosen = o.has("--exclude", "--exclude-file", "--iexclude", "--files-from", "-e", "--exclude-if-present", "--exclude-larger-than")
		if !o.has("-n", "--dry-run", "--skip-if-unchanged") {
			m.saves = "snapshots"
		}
	case "restore":
		m.target, m.way = c.abs(o.value("-t", "--target")), wayGrow
		m.sources = nonEmpty(repo)
		m.unknown = "how much restic restores stands in its repository"
	case "copy":
		m.target, m.way = repo, wayGrow
		m.sources = nonEmpty(c.abs(o.value("--from-repo")))
		m.unknown = "how much there is to copy stands in the repository"
	default:
		return move{}, false
	}
	return m, true
}

func nonEmpty(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// readBorg reads borg 1's "create REPO::ARCHIVE PATH…" and "extract REPO::ARCHIVE".
func readBorg(c call) (move, bool) {
	o := c.parse("ePmCsr", "exclude exclude-from pattern patterns-from compression comment timestamp checkpoint-interval chunker-params files-cache "+
		"exclude-if-present remote-path upload-ratelimit upload-buffer stdin-name paths-from-command remote-ratelimit umask rsh lock-wait debug-topic repo strip-components")
	if len(o.rest) < 2 {
		return move{}, false
	}
	archive := c.abs(o.rest[1])
	m := move{leader: true}
	switch o.rest[0] {
	case "create":
		m.sources, m.target, m.way, m.packs, m.updates = c.absAll(o.rest[2:]), archive, wayRead, true, true
		m.chosen = o.has("--exclude", "--exclude-from", "-e", "--pattern", "--patterns-from", "--exclude-caches", "--exclude-if-present", "--one-file-system", "-x")
	case "extract":
		m.sources, m.target, m.way = []string{archive}, c.cwd, wayGrow
		m.unknown = "how much borg extracts stands in its repository"
	default:
		return move{}, false
	}
	return m, true
}

// readQemuImg reads "qemu-img convert": the last operand is written.
func readQemuImg(c call) (move, bool) {
	if len(c.args) == 0 || c.args[0] != "convert" {
		return move{}, false
	}
	c.args = c.args[1:]
	o := c.parse("fFOBobsStTmrl", "object snapshot rate-limit target-image-opts")
	if len(o.rest) < 2 || o.has("--image-opts") {
		m := move{leader: true, way: wayImage}
		return m, m.byFiles(c)
	}
	last := len(o.rest) - 1
	m := move{leader: true, way: wayImage, sources: c.absAll(o.rest[:last]), target: c.abs(o.rest[last]), packs: o.has("-c")}
	return m, true
}

// readZFS reads "zfs send" and "zfs receive".
func readZFS(c call) (move, bool) {
	if len(c.args) == 0 {
		return move{}, false
	}
	verb := c.args[0]
	c.args = c.args[1:]
	o := c.parse("iIotdxX", "exclude redact")
	m := move{leader: true, way: wayGrow, unknown: "the kernel sends it and counts nowhere: only zfs send -v says how far it is"}
	switch verb {
	case "send":
		if len(o.rest) == 0 && !o.has("-t") || o.has("-n") {
			return move{}, false
		}
		m.sources, m.target = o.rest, c.output() // names of data sets, not paths
	case "recv", "receive":
		if len(o.rest) == 0 || o.has("-A", "-n") {
			return move{}, false
		}
		m.target = o.rest[len(o.rest)-1]
		m.sources = nonEmpty(c.input())
		if len(m.sources) > 0 {
			m.way, m.unknown = wayRead, ""
		}
	default:
		return move{}, false
	}
	return m, true
}

// readXtraBackup reads mariabackup and xtrabackup: --backup, and --copy-back.
func readXtraBackup(c call) (move, bool) {
	o := c.parse("uhHPSp", "target-dir datadir user host port socket defaults-file defaults-extra-file parallel databases tables incremental-basedir stream "+
		"extra-lsndir ftwrl-wait-timeout throttle compress-threads innodb-log-group-home-dir innodb-data-home-dir")
	data, backup := c.abs(o.value("--datadir", "-h")), c.abs(o.value("--target-dir"))
	m := move{leader: true}
	switch {
	case o.has("--backup"):
		if data == "" {
			data = dataDir(c)
		}
		m.sources, m.target, m.updates = nonEmpty(data), backup, false
		m.chosen = o.has("--databases", "--tables", "--incremental-basedir", "--databases-file", "--tables-file")
		m.roughly, m.leaves = true, []string{"ib_logfile*", "#ib_redo*", "ibtmp*"} // of the redo log it takes what is new
		if o.has("--stream") {
			m.target = c.output()
		}
		if o.has("--stream", "--compress") {
			m.way, m.packs = wayRead, true
		} else {
			m.signs = []string{"xtrabackup_info"}
		}
	case o.has("--copy-back"), o.has("--move-back"):
		m.sources, m.target, m.replaces = nonEmpty(backup), data, o.has("--move-back")
	default: // --prepare changes its files in place
		return move{}, false
	}
	return m, true
}

// dataDir is the folder that InnoDB's own files are open in.
func dataDir(c call) string {
	for _, f := range c.files {
		if name := path.Base(f.Path); !f.Write && (name == "ibdata1" || name == "ib_logfile0") {
			return path.Dir(f.Path)
		}
	}
	return ""
}
