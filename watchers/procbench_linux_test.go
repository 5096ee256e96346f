package watchers

import (
	"context"
	"fmt"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"

	"ronda/internal/observe"
)

// BenchmarkProcessSample takes samples of trees of 1 and 50 processes that do nothing, and of 50 of which
// some work. "cpu-ms/sample" is this process's own processor time: at one sample a second, 3 ms are 0.3 % of
// a core. Run it with go test -run - -bench ProcessSample.
func BenchmarkProcessSample(b *testing.B) {
	for _, bb := range []struct {
		procs int
		work  string
	}{{1, "sleep 600"}, {50, "sleep 600"}, {50, "while :; do sleep 0.1; done"}} {
		b.Run(fmt.Sprintf("%d procs, %s", bb.procs, bb.work), func(b *testing.B) {
			script := "exec sleep 600"
			if bb.procs > 1 {
				script = fmt.Sprintf("for i in $(seq %d); do sh -c '%s' & done; wait", bb.procs-1, bb.work)
			}
			c := exec.Command("sh", "-c", script) //nolint:noctx // ended by its process group
			c.SysProcAttr = &unix.SysProcAttr{Setpgid: true}
			if err := c.Start(); err != nil {
				b.Fatal(err)
			}
			defer func() {
				_ = unix.Kill(-c.Process.Pid, unix.SIGKILL)
				_ = c.Wait()
			}()

			r, err := newProcRun(ProcessConfig{Procs: &procTestHost{}, Ref: observe.ProcessRef{PID: c.Process.Pid}, Every: 1, Machine: "x86_64"}, func(...observe.Payload) {})
			if err != nil {
				b.Fatal(err)
			}
			for r.job == nil || len(r.job.tree.order) < bb.procs {
				if _, err := r.step(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
			for range 5 {
				_, _ = r.step(context.Background())
			}
			calls := r.cfg.Procs.(*procTestHost).calls
			before := procBenchCPU()
			b.ResetTimer()
			for b.Loop() {
				if _, err := r.step(context.Background()); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric((procBenchCPU()-before)/float64(b.N), "cpu-ms/sample")
			b.ReportMetric(float64(r.cfg.Procs.(*procTestHost).calls-calls)/float64(b.N), "calls/sample")
		})
	}
}

// procBenchCPU is this process's processor time in milliseconds.
func procBenchCPU() float64 {
	var u unix.Rusage
	_ = unix.Getrusage(unix.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e6
}
