//go:build linux

package watchers

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"ronda/internal/faults"
	"ronda/internal/observe"
)

// TestGrowthFull: a file that is not whole, on a full file system, has failed when nobody has it open any more, and not
// before; and it goes on when it grows again.
func TestGrowthFull(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	target := filepath.Join(dir, "target")
	fill(t, target, 600<<10)
	const script = `exec 3>>"$1"; read -r x; head -c 1048576 /dev/zero >&3 2>/dev/null; read -r x; exec 3>&-; read -r x`
	writer := exec.CommandContext(t.Context(), "sh", "-c", script, "sh", target)
	in, err := writer.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = writer.Wait() })
	goOn := func() {
		if _, err := in.Write([]byte("\n")); err != nil {
			t.Fatal(err)
		}
	}
	g := growthOf(t, GrowthConfig{Ref: observe.TransferRef{Path: target, Total: 3 << 20}})
	counted := &countedHolders{Procs: g.cfg.Procs}
	g.cfg.Procs = counted
	g.completeAsk = 200 * time.Millisecond
	k := keep(t, g)
	faults.Poll(t, "what is there", func() bool { return k.amount(observe.AmountTarget).Done == 600<<10 })
	goOn()
	faults.Poll(t, "who has it open was asked", func() bool { return counted.n.Load() >= 2 })
	if got := k.transfer(); got.State != "" {
		t.Errorf("it is told to be %s while it is open", got.State)
	}
	goOn()
	faults.Poll(t, "that it failed", func() bool {
		got := k.transfer()
		return got.State == observe.TransferFailed && got.Detail == "it holds 1.0 MB of 3.1 MB, and nobody has it open"
	})
	if err := os.Truncate(target, 100<<10); err != nil {
		t.Fatal(err)
	}
	faults.Poll(t, "that it begins anew", func() bool { return k.transfer().State == observe.TransferRunning })
}
