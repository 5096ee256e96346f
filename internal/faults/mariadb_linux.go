package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
)

// MariaDB is a MariaDB server of its own, reached by a unix socket as user root without a password.
type MariaDB struct{ Dir, Socket string }

// NewMariaDB starts one.
func NewMariaDB(tb testing.TB) MariaDB {
	tb.Helper()
	m := MariaDB{Dir: tb.TempDir()}
	m.Socket = filepath.Join(m.Dir, "s") // the name of a socket must be short
	args := []string{
		"--no-defaults", "--datadir=" + m.Dir + "/data", "--socket=" + m.Socket, "--skip-networking", "--pid-file=" + m.Dir + "/pid",
		"--innodb-buffer-pool-size=16M", "--innodb-flush-log-at-trx-commit=0",
	}
	if os.Getuid() == 0 {
		args = append(args, "--user=root")
	}
	Sh(tb, `mariadb-install-db --no-defaults --datadir="$1" --auth-root-authentication-method=normal --skip-test-db --user="$(id -un)" >/dev/null`, m.Dir+"/data")
	server := exec.Command("/usr/sbin/mariadbd", args...) //nolint:noctx // ended below
	server.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := server.Start(); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		_ = server.Process.Signal(syscall.SIGKILL)
		_ = server.Wait()
	})
	Poll(tb, "MariaDB answers", func() bool {
		return sh(`exec mariadb --no-defaults -S "$1" -u root -e "select 1"`, m.Socket).Run() == nil
	})
	return m
}

// Ask runs statements and returns what they printed.
func (m MariaDB) Ask(tb testing.TB, sql string) string {
	tb.Helper()
	return Sh(tb, `exec mariadb --no-defaults -S "$1" -u root -N -B -e "$2"`, m.Socket, sql)
}

// Hold runs a statement in a session that stays open until the test ends, or end is called.
func (m MariaDB) Hold(tb testing.TB, sql string) (end func()) {
	tb.Helper()
	c := sh(`exec mariadb --no-defaults -S "$1" -u root -e "$2; select sleep($3)"`, m.Socket, sql, strconv.Itoa(600))
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	if err := c.Start(); err != nil {
		tb.Fatal(err)
	}
	end = func() {
		_ = c.Process.Kill()
		_ = c.Wait()
	}
	tb.Cleanup(end)
	return end
}
