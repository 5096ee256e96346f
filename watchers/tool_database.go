package watchers

import (
	"path"
	"strings"
)

// noDumpSize is why a dump has no total.
const noDumpSize = "how large a dump will be is not known before it is written"

// mysqlValued are the options of MySQL's programs that take the next word.
const mysqlValued = "user host port socket protocol databases-from where result-file tab default-character-set max-allowed-packet net-buffer-length " +
	"ignore-table defaults-file defaults-extra-file defaults-group-suffix ssl-ca ssl-cert ssl-key set-gtid-purged execute database " +
	"init-command plugin-dir"

// readMySQLDump reads mysqldump and mariadb-dump: operands are a database and its tables, or with --databases only
// databases.
func readMySQLDump(c call) (move, bool) {
	o := c.parse("uhPSrTwp::", mysqlValued)
	m := move{leader: true, way: wayGrow, unknown: noDumpSize, closing: "-- Dump completed"}
	m.target = firstOf(c.abs(o.value("-r", "--result-file", "-T", "--tab")), c.output())
	host := o.value("-h", "--host")
	switch {
	case o.has("-A", "--all-databases"):
		m.sources = []string{onHost(host, "all databases")}
	case len(o.rest) == 0:
		return move{}, false
	case o.has("-B", "--databases"):
		for _, d := range o.rest {
			m.sources = append(m.sources, onHost(host, "database "+d))
		}
	default:
		m.sources = []string{onHost(host, "database "+o.rest[0])}
	}
	if o.has("--skip-comments", "--compact", "-T", "--tab") {
		m.closing = ""
	}
	return m, true
}

// onHost names what lies on another host.
func onHost(host, what string) string {
	if host == "" || host == "localhost" || host == "127.0.0.1" || strings.HasPrefix(host, "/") {
		return what
	}
	return what + " on " + host
}

// readMySQL reads the client that is given a dump on its standard input.
func readMySQL(c call) (move, bool) {
	o := c.parse("uhPSeDp::", mysqlValued)
	in := c.input()
	if in == "" || o.has("-e", "--execute") {
		return move{}, false
	}
	db := firstOf(o.value("-D", "--database"), strings.Join(o.rest[:min(1, len(o.rest))], ""))
	m := move{leader: true, way: wayRead, sources: []string{in}, target: onHost(o.value("-h", "--host"), strings.TrimSpace("database "+db))}
	return m, true
}

// readMyDumper reads mydumper, which writes a folder, and myloader, which reads one.
func readMyDumper(c call) (move, bool) {
	o := c.parse("uhPSBTOodtrFscVvLpxiGEe", "user host port socket database tables-list omit-from-file outputdir directory threads rows chunk-filesize "+
		"statement-size verbose logfile password regex queries-per-transaction source-db long-query-guard compress-protocol")
	host := o.value("-h", "--host")
	db := onHost(host, firstOf(strings.TrimSuffix("database "+o.value("-B", "--database"), "database "), "all databases"))
	if c.tool == "myloader" {
		dir := c.abs(o.value("-d", "--directory"))
		return move{leader: true, way: wayRead, sources: nonEmpty(dir), target: db, packs: true}, dir != ""
	}
	m := move{leader: true, way: wayGrow, sources: []string{db}, unknown: noDumpSize}
	if m.target = c.abs(o.value("-o", "--outputdir")); m.target == "" {
		if f, ok := largest(c.files, true); ok {
			m.target = path.Dir(f.Path)
		}
	}
	m.signs, m.partial = []string{"metadata"}, []string{"metadata.partial"}
	return m, true
}

// pgValued are the options of PostgreSQL's programs that take the next word.
const pgValued = "file format jobs host port username dbname table schema exclude-table exclude-schema exclude-table-data encoding role superuser " +
	"compress lock-wait-timeout section snapshot pgdata max-rate checkpoint label wal-method waldir tablespace-mapping use-list index " +
	"function trigger command set variable output log-file"

// readPgDump reads pg_dump and pg_dumpall.
func readPgDump(c call) (move, bool) {
	o := c.parse("fFjhpUdtTnNEZSl", pgValued)
	db := firstOf(o.value("-d", "--dbname"), strings.Join(o.rest[:min(1, len(o.rest))], ""))
	m := move{leader: true, way: wayGrow, unknown: noDumpSize}
	what := "database " + pgName(db)
	if c.tool == "pg_dumpall" || db == "" {
		what = "all databases"
	}
	if format := o.value("-F", "--format"); format == "" || strings.HasPrefix(format, "p") {
		m.closing = "-- PostgreSQL database .*dump complete"
	}
	m.sources = []string{onHost(o.value("-h", "--host"), what)}
	m.target = firstOf(c.abs(o.value("-f", "--file")), c.output())
	return m, true
}

// pgName takes the database's name out of a connection string or an address, which may hold a password.
func pgName(db string) string {
	if strings.Contains(db, "://") {
		db, _, _ = strings.Cut(db, "?")
		return db[strings.LastIndexByte(db, '/')+1:]
	}
	if !strings.Contains(db, "=") {
		return db
	}
	for word := range strings.FieldsSeq(db) {
		if name, ok := strings.CutPrefix(word, "dbname="); ok {
			return name
		}
	}
	return ""
}

// readPgRestore reads pg_restore with a database to restore into.
func readPgRestore(c call) (move, bool) {
	o := c.parse("fFjhpUdtTnNLSPI", pgValued)
	if o.has("-l", "--list") {
		return move{}, false
	}
	m := move{leader: true, way: wayRead, packs: true}
	if len(o.rest) > 0 {
		m.sources = []string{c.abs(o.rest[0])}
	} else if in := c.input(); in != "" {
		m.sources = []string{in}
	}
	if db := o.value("-d", "--dbname"); db != "" {
		m.target = onHost(o.value("-h", "--host"), "database "+pgName(db))
		m.ahead = "it has read all before the server has built the indexes"
	} else {
		m.target = firstOf(c.abs(o.value("-f", "--file")), c.output())
	}
	return m, len(m.sources) > 0
}

// readPsql reads psql that runs a file.
func readPsql(c call) (move, bool) {
	o := c.parse("cdfhpUvLoPRTF", pgValued)
	file := c.abs(o.value("-f", "--file"))
	if file == "" || file == "-" {
		file = c.input()
	}
	db := firstOf(o.value("-d", "--dbname"), strings.Join(o.rest[:min(1, len(o.rest))], ""))
	m := move{leader: true, way: wayRead, sources: nonEmpty(file), target: onHost(o.value("-h", "--host"), strings.TrimSpace("database "+pgName(db)))}
	return m, file != ""
}

// readPgBaseBackup reads pg_basebackup.
func readPgBaseBackup(c call) (move, bool) {
	o := c.parse("DFrRTXClcdhpsUZS", pgValued)
	m := move{leader: true, way: wayGrow, unknown: "how large the cluster is, is known only to the server: pg_basebackup -P shows it"}
	m.sources = []string{onHost(o.value("-h", "--host"), "the PostgreSQL cluster")}
	m.target = firstOf(c.abs(o.value("-D", "--pgdata")), c.output())
	if !o.has("--no-manifest") {
		m.signs, m.partial = []string{"backup_manifest"}, []string{"backup_manifest.tmp"}
	}
	return m, m.target != ""
}
