package plan_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
	"ronda/internal/plan"
)

func TestParseSize(t *testing.T) {
	for s, want := range map[string]int64{
		"1": 1, "1048576": 1 << 20, "120GB": 120e9, "120 GB": 120e9, "1.5TiB": 3 << 39, "64kb": 64000, "64KiB": 64 << 10,
		"512B": 512, "2PiB": 2 << 50, "1.0000000001MB": 1e6, "1e3": 1000,
	} {
		if got, err := plan.ParseSize(s); err != nil || got != want {
			t.Errorf("ParseSize(%q) = %d, %v, want %d", s, got, err, want)
		}
	}
	for s, want := range map[string]string{
		"": "not a size", "GB": "not a size", "12GBit": "not a size", "1GBB": "not a size", "-1GB": "at least one byte", "0": "at least one byte",
		"0.4B": "at least one byte", "12 G": "two ways", "9EiB": "more than can be stored", "1e999": "more than can be stored", "NaN": "not a size",
		"Inf": "not a size", "0x1p4": "not a size", "1_000": "not a size", "1,5GB": "not a size", "i": "not a size", "5i": "not a size",
	} {
		if got, err := plan.ParseSize(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("ParseSize(%q) = %d, %v, want %s", s, got, err, want)
		}
	}
}

// TestTransferAlone: a transfer, or somewhere to look for them, is enough to watch; nothing is said of it.
func TestTransferAlone(t *testing.T) {
	for src, want := range map[string]observe.Plan{
		"tasks: [{name: a, transfer: {path: /x, volume: true, total: 3GB}}]": {Tasks: []observe.Task{{
			Name: "a", Transfer: &observe.TransferRef{Path: "/x", Volume: true, Total: 3e9},
		}}},
		"hosts: {m1: }\ntasks: [{name: a, host: m1, transfer: {path: 'local:/x', total_command: rsync -a --dry-run --stats /a/ /x/}}]": {
			Hosts: []observe.Host{{Name: "m1", Address: "m1"}},
			Tasks: []observe.Task{{
				Name: "a", Host: "m1",
				Transfer: &observe.TransferRef{Path: "/x", TotalHost: "m1", TotalCommand: "rsync -a --dry-run --stats /a/ /x/"},
			}},
		},
		"transfers: [{host: local}, {}, {name: transfers on this machine (2)}]": {Finders: []observe.Finder{
			{Name: "transfers on this machine"}, {Name: "transfers on this machine (3)"}, {Name: "transfers on this machine (2)"},
		}},
	} {
		p, conn, err := plan.Decode("p", []byte(src), options(t))
		if err != nil || len(conn.Notices) > 0 {
			t.Errorf("%s: %v, notices %v", src, err, conn.Notices)
			continue
		}
		if diff := cmp.Diff(want, p); diff != "" {
			t.Errorf("%s (-want +got):\n%s", src, diff)
		}
	}
}

// TestTransferNeedsPath: without a path nothing would be looked at, whatever process the task names.
func TestTransferNeedsPath(t *testing.T) {
	for _, src := range []string{"tasks: [{name: a, transfer: {total: 3GB}}]", "tasks: [{name: a, process: {pid: 7}, transfer: {total: 3GB}}]"} {
		_, _, err := plan.Decode("p", []byte(src), options(t))
		var list *plan.ProblemList
		if !errors.As(err, &list) || list.Problems()[0].Message != "transfer has no path" {
			t.Errorf("%s: err = %v", src, err)
		}
	}
}

// TestTotalDatabase: the command asks with patience and in ronda's name, and holds no password.
func TestTotalDatabase(t *testing.T) {
	for database, want := range map[string][]string{
		"{postgres: 'unix:/run/pg', name: my shop, password_env: PW}": {
			"PGAPPNAME=ronda ", "lock_timeout=1s", "statement_timeout=20s", "psql -X -w ", "-d 'my shop'", "-h /run/pg", "pg_database_size(current_database())",
		},
		"{postgres: 'db.example.com:5433', user: -x, password_command: cat /root/pw}": {
			"-h db.example.com -p 5433 -U '-x'", "sum(pg_database_size(oid))",
		},
		"{mysql: 'unix:/run/my.sock', user: root, name: shop}": {
			"lock_wait_timeout = 1", "max_statement_time = 20", "--socket=/run/my.sock --user=root", `table_schema = '\''shop'\''`,
		},
		`{mysql: 'db:3306', name: "it's"}`: {"--host=db --port=3306", "convert(x'\\''69742773'\\'' using utf8)"},
	} {
		p, conn := mustDecode(t, "tasks: [{name: a, database: "+database+", transfer: {path: /x, total_database: true}}]")
		got := p.Tasks[0].Transfer.TotalDatabase
		for _, part := range want {
			if !strings.Contains(got, part) {
				t.Errorf("%s: no %s in\n%s", database, part, got)
			}
		}
		if strings.Contains(got, "PW") || strings.Contains(got, "/root/pw") {
			t.Errorf("%s: %s", database, got)
		}
		if slices.ContainsFunc(conn.Notices, func(n plan.Problem) bool { return strings.Contains(n.Message, "nothing else to watch") }) {
			t.Errorf("notices %v", conn.Notices)
		}
	}
}
