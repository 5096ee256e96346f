// Package faults makes real faults for tests: file systems of their own that can be frozen, filled or broken,
// control groups with limits, a network cable that can be pulled, a PostgreSQL server, a MariaDB server. It needs Linux
// and root. All that it makes is gone when the test ends; its servers end also when the test is killed. Only tests may
// import it.
package faults
