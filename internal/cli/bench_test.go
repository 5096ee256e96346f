package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ronda/internal/fold"
	"ronda/internal/host"
	"ronda/internal/journal"
	"ronda/internal/observe"
	"ronda/internal/session"
	"ronda/watchers"
)

// upgradeLog writes a log of n lines as upgrades write them: steps, packages, counters, some warnings, with
// time stamps; about 100 bytes a line.
func upgradeLog(b *testing.B, n int) string {
	b.Helper()
	path := filepath.Join(b.TempDir(), "upgrade.log")
	f, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	w := bufio.NewWriterSize(f, 1<<20)
	at := time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)
	for i := range n {
		at = at.Add(7 * time.Millisecond)
		stamp := at.Format("2006-01-02 15:04:05.000")
		switch i % 7 {
		case 0:
			_, _ = fmt.Fprintf(w, "%s INFO  [migrate-%d] Migrating mboxgroup%d.mail_item, row %d of %d in this group\n", stamp, i%16, i%100, i, n)
		case 1:
			_, _ = fmt.Fprintf(w, "%s INFO  [main] Setting up package libservice-%d (8.8.15-%d) over (8.7.11-%d) ...\n", stamp, i%900, i%40, i%30)
		case 2:
			_, _ = fmt.Fprintf(w, "%s DEBUG [pool-%d] connection 10.0.%d.%d:5432 checked out after %d ms, %d idle\n", stamp, i%8, i%250, i%199, i%90, i%12)
		case 3:
			_, _ = fmt.Fprintf(w, "%s INFO  [index] built 0x%08x for segment /opt/store/%d/%d.idx in %d.%03d s\n", stamp, i*2654435761&0xffffffff, i%64, i, i%9, i%1000)
		case 4:
			_, _ = fmt.Fprintf(w, "%s WARN  [ldap] slow search base=dc=example,dc=com filter=(uid=user%d) took %d ms\n", stamp, i, i%4000)
		case 5:
			_, _ = fmt.Fprintf(w, "%s INFO  [copy] %d of %d blocks copied, %d errors\n", stamp, i, n, 0)
		default:
			_, _ = fmt.Fprintf(w, "%s INFO  [mta] queue run %d finished: nothing to deliver for domain example%d.org\n", stamp, i, i%17)
		}
	}
	if err := errors.Join(w.Flush(), f.Close()); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkWholePath reads an existing log through the real watcher, records every line in a real session
// file and folds it. Run it with -cpu 1; lines/s is what one core does.
func BenchmarkWholePath(b *testing.B) {
	const lines = 500_000
	log := upgradeLog(b, lines)
	for b.Loop() {
		b.StopTimer()
		file, err := journal.Create(filepath.Join(b.TempDir(), fmt.Sprint(time.Now().UnixNano(), ".jsonl")))
		if err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
		ctx, cancel := context.WithCancel(context.Background())
		var last *fold.Snapshot
		_, err = session.Run(ctx, session.Config{
			Head:   observe.Session{Format: observe.Format, Plan: observe.Plan{Tasks: []observe.Task{{Name: "t", Log: log}}}},
			State:  fold.New(fold.Options{}),
			Record: file,
			Entries: []session.Entry{{
				Origin: observe.Origin{Task: "t", Source: "log"},
				Source: watchers.NewLog(watchers.LogConfig{Path: log, Files: host.NewLocal(), Wake: watchers.NewNotify(log)}),
			}},
			Publish: func(s *fold.Snapshot) {
				if last = s; s.Tasks[0].Log.End() >= lines {
					cancel()
				}
			},
		})
		cancel()
		if err := errors.Join(err, file.Close()); err != nil {
			b.Fatal(err)
		}
		if n := last.Tasks[0].Log.End(); n != lines {
			b.Fatalf("%d of %d lines", n, lines)
		}
	}
	b.ReportMetric(float64(lines*b.N)/b.Elapsed().Seconds(), "lines/s")
}
