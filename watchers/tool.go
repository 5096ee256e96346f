package watchers

import (
	"path"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// way says what tells how far a copy is.
type way uint8

const (
	// wayFile: what is written becomes as large as what is read. Of several files, or a tree of them, what its
	// processes moved is compared with all of them added up.
	wayFile way = iota
	// wayRead: what is written has another size than what is read: compressed, packed, loaded into a database. Only how
	// much was read tells.
	wayRead
	// wayImage: an image of a disk, of which only what holds data is copied, in any order.
	wayImage
	// wayGrow: nothing says how large it will be; only what was written tells.
	wayGrow
)

// call is a process that is asked what it moves, with its command line taken apart.
type call struct {
	procFacts
	tool string
	args []string // without the program's own name
}

// recognize tells what a process moves. It reports false for one that moves nothing: a daemon, a shell, a tool that
// only lists.
func recognize(p procFacts) (move, bool) {
	c, read := callOf(p)
	if read == nil {
		return move{}, false
	}
	m, ok := read(c)
	if !ok {
		return move{}, false
	}
	if m.tool == "" {
		m.tool = c.tool
	}
	for i, s := range m.sources {
		m.sources[i] = presentable(s)
	}
	m.target = presentable(m.target)
	return m, true
}

// callOf finds the tool behind a process: by its program, or, of an interpreter, by the script that it runs.
func callOf(p procFacts) (call, reader) {
	words := strings.Fields(p.command)
	if len(words) == 0 {
		return call{}, nil
	}
	exe := strings.TrimSuffix(p.exe, " (deleted)")
	if exe == "" {
		exe = path.Base(words[0])
	}
	args := words[1:]
	switch {
	case strings.HasPrefix(exe, "python"), exe == "perl":
		args = args[min(len(args), countOptions(args)):]
		if len(args) == 0 {
			return call{}, nil
		}
		exe, args = path.Base(args[0]), args[1:]
	case exe == "busybox", exe == "coreutils":
		exe = path.Base(words[0])
		if exe == p.exe && len(args) > 0 {
			exe, args = args[0], args[1:]
		}
	}
	return call{procFacts: p, tool: exe, args: args}, readerOf(exe)
}

// countOptions is how many options an interpreter was given in front of its script.
func countOptions(args []string) int {
	n := slices.IndexFunc(args, func(a string) bool { return !strings.HasPrefix(a, "-") })
	if n < 0 {
		return len(args)
	}
	return n
}

// reader reads the command line of one tool.
type reader func(call) (move, bool)

// readerOf returns who knows the command line of a tool; nil: nobody does.
func readerOf(tool string) reader {
	switch tool {
	case "cp", "mv":
		return readCopy
	case "dd":
		return readDD
	case "cat":
		return readCat
	case "pv":
		return readPV
	case "rsync":
		return readRsync
	case "scp":
		return readSCP
	case "sftp", "sftp-server":
		return readSFTP
	case "curl", "wget":
		return readFetch
	case "tar", "bsdtar":
		return readTar
	case "gzip", "gunzip", "zcat", "pigz", "unpigz", "bzip2", "bunzip2", "bzcat", "pbzip2", "lbzip2", "xz", "unxz", "xzcat", "pixz", "zstd",
		"unzstd", "zstdmt", "zstdcat", "pzstd", "lz4", "unlz4", "lz4cat", "lzop":
		return readPacker
	case "rclone":
		return readRclone
	case "restic":
		return readRestic
	case "borg", "borgmatic":
		return readBorg
	default:
		return databaseReader(tool)
	}
}

// databaseReader returns who knows the command line of a tool for databases, images and file systems.
func databaseReader(tool string) reader {
	switch tool {
	case "mysqldump", "mariadb-dump":
		return readMySQLDump
	case "mysql", "mariadb":
		return readMySQL
	case "mydumper", "myloader":
		return readMyDumper
	case "xtrabackup", "mariabackup", "mariadb-backup", "innobackupex":
		return readXtraBackup
	case "pg_dump", "pg_dumpall":
		return readPgDump
	case "pg_restore":
		return readPgRestore
	case "psql":
		return readPsql
	case "pg_basebackup":
		return readPgBaseBackup
	case "qemu-img":
		return readQemuImg
	case "zfs":
		return readZFS
	default:
		return nil
	}
}

// input returns the file or device that standard input comes from; empty: a pipe, a terminal, not known.
func (c call) input() string { return storage(c.links[0]) }

// output returns the file or device that standard output goes to.
func (c call) output() string { return storage(c.links[1]) }

// piped tells whether standard output goes into a pipe: what is behind it belongs to this copy.
func (c call) piped() bool { return strings.HasPrefix(c.links[1], "pipe:") }

// storage keeps what a descriptor is where that can hold data.
func storage(link string) string {
	if dataFile(link) || blockDevice(link) {
		return strings.TrimSuffix(link, " (deleted)")
	}
	return ""
}

// blockDevice tells whether a path may be that of a disk or a part of one.
func blockDevice(p string) bool {
	if !strings.HasPrefix(p, "/dev/") || strings.HasPrefix(p, "/dev/shm/") {
		return false
	}
	switch name := strings.TrimPrefix(p, "/dev/"); {
	case name == "null", name == "zero", name == "full", name == "random", name == "urandom", name == "console", name == "ptmx",
		name == "fuse", name == "tty":
		return false
	case strings.HasPrefix(name, "pts/"), strings.HasPrefix(name, "tty"), strings.HasPrefix(name, "fd/"), strings.HasPrefix(name, "std"):
		return false
	default:
		return true
	}
}

// presentable returns a path or an address as it may be shown: without a password in it and without control characters.
func presentable(s string) string {
	s = secretAssign.ReplaceAllString(s, "${1}"+hidden) // :s3,secret_access_key=…:bucket
	return observe.Redact(printable(secretURL.ReplaceAllStringFunc(s, hideURL), 512))
}
