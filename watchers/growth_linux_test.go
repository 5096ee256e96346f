package watchers

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ronda/internal/faults"
	"ronda/internal/host"
	"ronda/internal/observe"
)

func growthOf(t *testing.T, cfg GrowthConfig) *Growth {
	t.Helper()
	local := host.NewLocal()
	t.Cleanup(func() { _ = local.Close() })
	if cfg.Runner == nil {
		cfg.Runner = local
	}
	cfg.Procs = local
	if cfg.Total == nil {
		cfg.Total = local
	}
	if cfg.Target == "" {
		cfg.Target = cfg.Ref.Path
	}
	cfg.Source = cfg.Ref.TotalPath
	g := NewGrowth(cfg)
	g.step, g.completeRest = 50*time.Millisecond, 500*time.Millisecond
	return g
}

func (k *kept) transfer() (last observe.Transfer) {
	for _, p := range k.all() {
		if t, ok := p.(observe.Transfer); ok {
			last = t
		}
	}
	return last
}

// amount is the one of a kind in the last sample; its Unit is empty where there is none.
func (k *kept) amount(of observe.AmountOf) observe.Amount {
	for _, a := range k.transfer().Amounts {
		if a.Of == of {
			return a
		}
	}
	return observe.Amount{}
}

func fill(t *testing.T, file string, bytes int) {
	t.Helper()
	if err := os.WriteFile(file, make([]byte, bytes), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestGrowthFile: a file that is not there, comes, grows, is cut, is replaced and goes.
func TestGrowthFile(t *testing.T) {
	dir := t.TempDir()
	source, target := filepath.Join(dir, "source"), filepath.Join(dir, "it's a target")
	fill(t, source, 3000)
	k := keep(t, growthOf(t, GrowthConfig{Ref: observe.TransferRef{Path: target, TotalPath: source}}))
	faults.Poll(t, "that it is not there", func() bool {
		return k.source() == observe.Source{State: observe.SourceWaiting, Why: target + " is not there yet"}
	})
	done := func(want float64) func() bool {
		return func() bool { return k.amount(observe.AmountTarget).Done == want }
	}
	fill(t, target, 1000)
	faults.Poll(t, "the first bytes", done(1000))
	fill(t, target, 2500)
	faults.Poll(t, "more", done(2500))
	want := observe.Amount{Of: observe.AmountTarget, What: target, Done: 2500, Total: 3000, Unit: "bytes", By: "size of " + source}
	faults.Poll(t, "the total", func() bool { return k.amount(observe.AmountTarget) == want })
	if got := k.transfer(); got.Target != target || got.Source != source || got.Unknown != "" || got.Detail != "" || got.State != "" {
		t.Errorf("transfer %+v", got)
	}
	if err := os.Truncate(target, 700); err != nil {
		t.Fatal(err)
	}
	faults.Poll(t, "that it was cut", func() bool { return k.transfer().Detail == "the target was cut from 2.5 kB to 700 B" })
	fill(t, target+".new", 600)
	if err := os.Rename(target+".new", target); err != nil {
		t.Fatal(err)
	}
	faults.Poll(t, "that it was replaced", func() bool {
		return k.transfer().Detail == "another file took the place of the target, which held 700 B" && done(600)()
	})
	if err := os.Remove(target); err != nil {
		t.Fatal(err)
	}
	faults.Poll(t, "that it is gone", func() bool {
		got := k.transfer()
		return got.Unknown == target+" is not there any more" && len(got.Amounts) == 0 && k.source().State == observe.SourceWaiting
	})
	if err := os.Symlink(source, target); err != nil {
		t.Fatal(err)
	}
	faults.Poll(t, "what the link leads to", done(3000))
}

// TestGrowthHeld: what an earlier run left is not taken for this one.
func TestGrowthHeld(t *testing.T) {
	target := filepath.Join(t.TempDir(), "dump.sql")
	fill(t, target, 5000)
	k := keep(t, growthOf(t, GrowthConfig{Ref: observe.TransferRef{Path: target}, Hold: true}))
	faults.Poll(t, "that it is old", func() bool { return strings.Contains(k.source().Why, "is of an earlier run") })
	fill(t, target, 100)
	faults.Poll(t, "the new one", func() bool { return k.amount(observe.AmountTarget).Done == 100 })
	for _, p := range k.all() {
		if p, ok := p.(observe.Transfer); ok && len(p.Amounts) > 0 && p.Amounts[0].Done == 5000 {
			t.Errorf("the old one was told: %+v", p)
		}
	}
}

// TestGrowthSparse: of a file with holes it is told what was written, beside how large it looks.
func TestGrowthSparse(t *testing.T) {
	target := filepath.Join(t.TempDir(), "disk.img")
	f, err := os.Create(target)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := f.Truncate(64 << 20); err != nil {
		t.Fatal(err)
	}
	if _, err := f.WriteAt(make([]byte, 4<<20), 8<<20); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	k := keep(t, growthOf(t, GrowthConfig{Ref: observe.TransferRef{Path: target, Total: 64 << 20}}))
	faults.Poll(t, "both sizes", func() bool {
		a := k.transfer().Amounts
		return len(a) == 2 && a[0].Done == 4<<20 && a[0].Estimate && a[1].Done == 64<<20 && a[1].Total == 64<<20 && !a[1].Estimate
	})
}

// TestGrowthRsync: a real rsync, whose target has another name until it is whole; the total is its own dry run's.
func TestGrowthRsync(t *testing.T) {
	dir := t.TempDir()
	source, target := filepath.Join(dir, "a.img"), filepath.Join(dir, "to", "a.img")
	fill(t, source, 3<<20)
	if err := os.Mkdir(filepath.Dir(target), 0o755); err != nil {
		t.Fatal(err)
	}
	k := keep(t, growthOf(t, GrowthConfig{Ref: observe.TransferRef{
		Path: target, TotalCommand: "rsync -a --dry-run --stats " + source + " " + target,
	}}))
	faults.Poll(t, "that it is not there", func() bool { return k.source().State == observe.SourceWaiting })
	rsync := exec.CommandContext(t.Context(), "rsync", "--bwlimit=1500", source, target)
	if err := rsync.Start(); err != nil {
		t.Fatal(err)
	}
	part := false
	faults.Poll(t, "the whole file", func() bool {
		a := k.amount(observe.AmountTarget)
		part = part || a.Done > 0 && a.Done < 3<<20
		return a.Done == 3<<20 && a.Total == 3<<20 && a.By == "dry run" && a.What == target
	})
	if err := rsync.Wait(); err != nil {
		t.Fatal(err)
	}
	if !part {
		t.Error("its growth was not seen")
	}
	if got := k.transfer().Detail; got != "" {
		t.Errorf("its new name is told as %q", got)
	}
}

// TestGrowthTree: a folder that grows, with its files counted, against another one.
func TestGrowthTree(t *testing.T) {
	dir := t.TempDir()
	source, target := filepath.Join(dir, "source"), filepath.Join(dir, "target")
	faults.Sh(t, `mkdir "$1"; for i in 1 2 3 4; do mkdir "$1/$i"; head -c 500000 /dev/zero >"$1/$i/f"; done`, source)
	g := growthOf(t, GrowthConfig{Ref: observe.TransferRef{Path: target, TotalPath: source}})
	k := keep(t, g)
	faults.Poll(t, "that it is not there", func() bool { return k.source().State == observe.SourceWaiting })
	faults.Sh(t, `cp -r "$1" "$2"`, source, target)
	faults.Poll(t, "the whole folder", func() bool {
		g.Last()
		a, files := k.amount(observe.AmountTarget), k.amount(observe.AmountFiles)
		return a.Total > 2e6 && a.Done == a.Total && a.Estimate && a.By == "du of "+source && files.Done == 9 && files.Total == 9
	})
}

// asUser runs commands as another user, who may read less.
type asUser struct{ Runner }

func (r asUser) Run(ctx context.Context, command string) (stdout, stderr []byte, code int, err error) {
	return r.Runner.Run(ctx, "setpriv --reuid=65534 --regid=65534 --clear-groups sh -c "+quoteShell(command))
}

// TestGrowthDenied: what may not be read is said, of the target and of what it is a copy of; the rest goes on.
func TestGrowthDenied(t *testing.T) {
	dir := t.TempDir()
	faults.Sh(t, `chmod 755 "$1" "$1/.."; mkdir -p "$1/tree/secret" "$1/tree/hidden" "$1/locked"; head -c 500000 /dev/zero >"$1/tree/f"
head -c 500000 /dev/zero >"$1/tree/secret/f"; head -c 5 /dev/zero >"$1/locked/f"; chmod 700 "$1/tree/secret" "$1/tree/hidden" "$1/locked"; chmod 755 "$1/tree"`, dir)
	local := host.NewLocal()
	t.Cleanup(func() { _ = local.Close() })
	user := asUser{local}
	tree := filepath.Join(dir, "tree")
	k := keep(t, growthOf(t, GrowthConfig{Runner: user, Total: user, Ref: observe.TransferRef{Path: tree, TotalPath: tree}}))
	faults.Poll(t, "what cannot be known", func() bool {
		got, a := k.transfer(), k.amount(observe.AmountTarget)
		return strings.HasPrefix(got.Unknown, "the size of "+tree+" is not known: permission denied at "+tree+"/") &&
			strings.HasSuffix(got.Unknown, " and 1 more") && a.Done > 500000 && a.Done < 900000 && a.Estimate && strings.HasPrefix(a.By, "du of what may be read of")
	})
	if s := k.source(); s.State != observe.SourceLimited {
		t.Errorf("source %+v", s)
	}
	locked := filepath.Join(dir, "locked", "f")
	k = keep(t, growthOf(t, GrowthConfig{Runner: user, Ref: observe.TransferRef{Path: locked}}))
	faults.Poll(t, "that it may not be looked at", func() bool {
		s := k.source()
		return s.State == observe.SourceFailed && strings.Contains(s.Why, "permission denied")
	})
}

// slowWalks is a host on which du takes its time.
type slowWalks struct{ Runner }

func (r slowWalks) Run(ctx context.Context, command string) (stdout, stderr []byte, code int, err error) {
	return r.Runner.Run(ctx, strings.ReplaceAll(command, "ronda_walk() {", "ronda_walk() { sleep 0.4;"))
}

// TestGrowthBetween: between two counts of a large folder its growth is told by that of its file system, and said so;
// in the end it is counted again.
func TestGrowthBetween(t *testing.T) {
	disk := faults.NewDisk(t, 64)
	tree := disk.Dir + "/tree"
	faults.Sh(t, `mkdir "$1"; head -c 4000000 /dev/zero >"$1/a"; sync`, tree)
	local := host.NewLocal()
	t.Cleanup(func() { _ = local.Close() })
	g := growthOf(t, GrowthConfig{Runner: slowWalks{local}, Ref: observe.TransferRef{Path: tree, Total: 20e6}})
	k := keep(t, g)
	faults.Poll(t, "the first count", func() bool { return k.amount(observe.AmountTarget).Done > 4e6 })
	first := k.amount(observe.AmountTarget).Done
	faults.Sh(t, `head -c 8000000 /dev/zero >"$1/b"; sync`, tree)
	faults.Poll(t, "the growth of its file system", func() bool {
		a := k.amount(observe.AmountVolume)
		return a.Done > first+7.9e6 && a.Done < first+8.3e6 && a.Total == 20e6 && a.Estimate && strings.Contains(a.What, "by its file system")
	})
	if a := k.amount(observe.AmountTarget); a.Unit != "" {
		t.Errorf("an old count is told beside it: %+v", a)
	}
	faults.Poll(t, "the last count", func() bool {
		g.Last()
		return k.amount(observe.AmountTarget).Done == first+8e6
	})
}

// TestGrowthVolume: a whole file system that grows.
func TestGrowthVolume(t *testing.T) {
	disk := faults.NewDisk(t, 32)
	k := keep(t, growthOf(t, GrowthConfig{Ref: observe.TransferRef{Path: disk.Dir + "/", Volume: true, Total: 10e6}}))
	faults.Poll(t, "the file system", func() bool { return k.amount(observe.AmountVolume).Unit != "" })
	fill(t, disk.Dir+"/x", 5e6)
	syscall.Sync()
	faults.Poll(t, "its growth", func() bool {
		a := k.amount(observe.AmountVolume)
		return a.Done >= 5e6 && a.Done < 5.2e6 && a.Total == 10e6 && a.What == "file system at "+disk.Dir
	})
}

// TestGrowthHangs: a target that does not answer is given up and said, and so is a total.
func TestGrowthHangs(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "hangs")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	end := faults.Hang(t, dir)
	g := growthOf(t, GrowthConfig{Ref: observe.TransferRef{Path: dir + "/x"}})
	g.patience = 200 * time.Millisecond
	k := keep(t, g)
	faults.Poll(t, "that it does not answer", func() bool {
		return k.source() == observe.Source{State: observe.SourceFailed, Why: "the file system of " + dir + "/x does not answer"}
	})
	end()
	faults.Poll(t, "that it answers again", func() bool { return k.source().State == observe.SourceWaiting })
}

// TestGrowthComplete: a copy that has its source's size is done when nobody has it open any more, and not before.
func TestGrowthComplete(t *testing.T) {
	dir := t.TempDir()
	source, target := filepath.Join(dir, "source"), filepath.Join(dir, "target")
	fill(t, source, 3000)
	writer := exec.CommandContext(t.Context(), "sh", "-c", `exec 3>"$1"; head -c 3000 /dev/zero >&3; read -r x; exec 3>&-; read -r x`, "sh", target)
	in, err := writer.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := writer.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = writer.Wait() })
	g := growthOf(t, GrowthConfig{Ref: observe.TransferRef{Path: target, TotalPath: source}})
	counted := &countedHolders{Procs: g.cfg.Procs}
	g.cfg.Procs = counted
	g.completeAsk = 200 * time.Millisecond
	k := keep(t, g)
	faults.Poll(t, "who has it open was asked", func() bool { return counted.n.Load() >= 2 })
	if got := k.transfer(); got.State != "" {
		t.Errorf("it is told to be %s while it is written", got.State)
	}
	if _, err := in.Write([]byte("\n")); err != nil {
		t.Fatal(err)
	}
	faults.Poll(t, "that it is complete", func() bool {
		got := k.transfer()
		return got.State == observe.TransferDone && got.Detail == "it has the size of "+source+", and nobody has it open"
	})
	fill(t, target, 100)
	faults.Poll(t, "that it begins anew", func() bool { return k.transfer().State == observe.TransferRunning })
}

// countedHolders counts the questions who has a file open.
type countedHolders struct {
	Procs
	n atomic.Int32
}

func (c *countedHolders) Holders(ctx context.Context, path string) ([]int, error) {
	c.n.Add(1)
	return c.Procs.Holders(ctx, path)
}

// TestGrowthStale: what an rsync that was killed has left behind is not what is written now.
func TestGrowthStale(t *testing.T) {
	dir := t.TempDir()
	target := filepath.Join(dir, "a.img")
	fill(t, filepath.Join(dir, ".a.img.Xy12Zw"), 9000)
	fill(t, target, 100)
	k := keep(t, growthOf(t, GrowthConfig{Ref: observe.TransferRef{Path: target}}))
	faults.Poll(t, "one of them", func() bool { return k.amount(observe.AmountTarget).Unit != "" })
	fill(t, target, 200)
	faults.Poll(t, "the one that grows", func() bool { return k.amount(observe.AmountTarget).Done == 200 })
	looks := 0
	for begin := time.Now(); time.Since(begin) < time.Second; looks++ { // temporary names are looked for again meanwhile
		if got := k.amount(observe.AmountTarget).Done; got != 200 {
			t.Fatalf("done %v after %d looks", got, looks)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
