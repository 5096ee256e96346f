package plan

import (
	"cmp"
	"net"
	"strings"
)

// How long a database may be asked for its size: what waits for a lock then says so, and the transfer goes on
// without a total.
const (
	sizePatience = "20"
	lockPatience = "1"
)

// sizeCommand is the command line that prints how many bytes a database holds, for the shell of a host that has its
// client; all databases of the server where none is named. It takes no lock that a table's user waits for, is given
// up after 20 s, and holds no password: the clients take that from PGPASSWORD and MYSQL_PWD, or from their own files.
func sizeCommand(d Database) string {
	if d.Kind == "postgres" {
		return postgresSize(d)
	}
	return mysqlSize(d)
}

func postgresSize(d Database) string {
	words := []string{"psql", "-X", "-w", "-q", "-A", "-t", "-d", shellWord(cmp.Or(d.Name, "postgres"))}
	host, port := d.Socket, ""
	if d.Address != "" {
		host, port, _ = net.SplitHostPort(d.Address) // checked when it was read
	}
	for _, o := range [][2]string{{"-h", host}, {"-p", port}, {"-U", d.User}} {
		if o[1] != "" {
			words = append(words, o[0], shellWord(o[1]))
		}
	}
	sql := "select pg_database_size(current_database())"
	if d.Name == "" {
		sql = "select sum(pg_database_size(oid)) from pg_database where has_database_privilege(oid, 'connect')"
	}
	return "PGAPPNAME=ronda PGCONNECT_TIMEOUT=5 PGOPTIONS='-c statement_timeout=" + sizePatience + "s -c lock_timeout=" + lockPatience + "s' " +
		strings.Join(append(words, "-c", shellWord(sql)), " ")
}

// mysqlSize asks for what a dump takes: the tables without their indexes.
func mysqlSize(d Database) string {
	words := []string{`"$(command -v mariadb || echo mysql)"`, "-N", "-B", "--connect-timeout=5"}
	host, port := "", ""
	if d.Address != "" {
		host, port, _ = net.SplitHostPort(d.Address)
	}
	for _, o := range [][2]string{{"--socket=", d.Socket}, {"--host=", host}, {"--port=", port}, {"--user=", d.User}} {
		if o[1] != "" {
			words = append(words, o[0]+shellWord(o[1]))
		}
	}
	which := "table_schema not in ('information_schema', 'performance_schema', 'sys')"
	if d.Name != "" {
		which = "table_schema = " + sqlText(d.Name)
	}
	// The time is bounded in the words of MariaDB, and in those of MySQL: to either the other's is a comment.
	sql := "set session lock_wait_timeout = " + lockPatience + "; /*M!100101 set statement max_statement_time = " + sizePatience +
		" for */ select /*+ max_execution_time(" + sizePatience + "000) */ coalesce(sum(data_length), 0) from information_schema.tables where " + which
	return strings.Join(append(words, "--comments", "-e", shellWord(sql)), " ")
}

// shellWord makes s one word of a POSIX shell.
func shellWord(s string) string {
	if plainPath.MatchString(s) && s[0] != '-' {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// sqlText makes s a text of MariaDB and MySQL, whatever their sql_mode: a backslash may or may not be one there.
func sqlText(s string) string {
	if strings.ContainsAny(s, `\'`) {
		const digits = "0123456789abcdef"
		hex := make([]byte, 0, 2*len(s))
		for i := range len(s) {
			hex = append(hex, digits[s[i]>>4], digits[s[i]&15])
		}
		return "convert(x'" + string(hex) + "' using utf8)"
	}
	return "'" + s + "'"
}
