package watchers

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"ronda/internal/faults"
	"ronda/internal/host"
	"ronda/internal/observe"
)

// kept is what a watcher has emitted.
type kept struct {
	mu   sync.Mutex
	seen []observe.Payload
}

// keep runs a watcher until the test ends and keeps what it emits.
func keep(t *testing.T, w interface {
	Run(ctx context.Context, emit Emit) error
},
) *kept {
	t.Helper()
	k := &kept{}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		done <- w.Run(ctx, func(ps ...observe.Payload) {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.seen = append(k.seen, ps...)
		})
	}()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		if t.Failed() {
			for _, p := range k.all() {
				t.Logf("%+v", p)
			}
		}
	})
	return k
}

func (k *kept) all() []observe.Payload {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.seen)
}

// volume is the last sample of a mount; paths are those that were last named.
func (k *kept) volume(mount string) (last observe.Volume, paths []string) {
	for _, p := range k.all() {
		if v, ok := p.(observe.Volume); ok && v.Mount == mount {
			last = v
			if v.Paths != nil {
				paths = v.Paths
			}
		}
	}
	return last, paths
}

func (k *kept) source() (last observe.Source) {
	for _, p := range k.all() {
		if s, ok := p.(observe.Source); ok {
			last = s
		}
	}
	return last
}

func newTestVolumes(t *testing.T) *Volumes {
	t.Helper()
	local := host.NewLocal()
	t.Cleanup(func() { _ = local.Close() })
	return NewVolumes(VolumesConfig{Runner: local, Procs: local, Every: 50 * time.Millisecond})
}

// TestVolumeFills: a real file system that fills up, is emptied and breaks, as seen through a path that is not there
// yet and through a link.
func TestVolumeFills(t *testing.T) {
	disk := faults.NewDisk(t, 16)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(disk.Dir+"/later", link); err != nil {
		t.Fatal(err)
	}
	v := newTestVolumes(t)
	target := disk.Dir + "/not/yet/there"
	v.Want("a", target, link)
	k := keep(t, v)
	faults.Poll(t, "the file system", func() bool { last, _ := k.volume(disk.Dir); return last.Size > 0 })
	first, paths := k.volume(disk.Dir)
	var fs syscall.Statfs_t
	if err := syscall.Statfs(disk.Dir, &fs); err != nil {
		t.Fatal(err)
	}
	if first.Avail != int64(fs.Bavail)*fs.Bsize || first.Inodes != int64(fs.Files) || first.InodesFree != int64(fs.Ffree) ||
		first.Type != "ext4" || first.Device != disk.Device || first.ReadOnly {
		t.Errorf("%+v, statfs says %+v", first, fs)
	}
	if want := []string{target, link}; !slices.Equal(sorted(paths), sorted(want)) {
		t.Errorf("paths %q, want %q", paths, want)
	}

	disk.Fill(t)
	faults.Poll(t, "that it is full", func() bool { last, _ := k.volume(disk.Dir); return last.Avail == 0 && last.Used > first.Used })
	if last, _ := k.volume(disk.Dir); last.Paths != nil {
		t.Errorf("paths are said again: %q", last.Paths)
	}
	disk.Empty(t)
	faults.Poll(t, "that it is empty again", func() bool { last, _ := k.volume(disk.Dir); return last.Avail > 0 })

	v.Want("a", target)
	faults.Poll(t, "that one path is forgotten", func() bool { _, paths := k.volume(disk.Dir); return slices.Equal(paths, []string{target}) })
	disk.Break(t)
	faults.Poll(t, "that it takes no writes", func() bool { last, _ := k.volume(disk.Dir); return last.ReadOnly })
	if s := k.source(); s.State != observe.SourceUp {
		t.Errorf("source %+v", s)
	}
}

func sorted(s []string) []string { s = slices.Clone(s); slices.Sort(s); return s }

// TestVolumeMountedLater: what is mounted over a target's folder later is what the target lies on then, and what is
// unmounted no more.
func TestVolumeMountedLater(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "with blank")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	v := newTestVolumes(t)
	v.Want("a", dir+"/x")
	k := keep(t, v)
	faults.Poll(t, "the path", func() bool { return k.source().State == observe.SourceUp })
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=4m"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	faults.Poll(t, "the file system that was mounted", func() bool {
		last, paths := k.volume(dir)
		return last.Size == 4<<20 && last.Type == "tmpfs" && slices.Equal(paths, []string{dir + "/x"})
	})
	before := len(k.all())
	if err := syscall.Unmount(dir, 0); err != nil {
		t.Fatal(err)
	}
	faults.Poll(t, "that the path lies elsewhere again", func() bool {
		for _, p := range k.all()[before:] {
			if v, ok := p.(observe.Volume); ok && v.Mount != dir && slices.Contains(v.Paths, dir+"/x") {
				return true
			}
		}
		return false
	})
}

// TestVolumeHangs: a file system that does not answer is said, and the others are looked at as before. No more than
// one df waits for it at a time, and when it answers again, that is seen.
func TestVolumeHangs(t *testing.T) {
	disk := faults.NewDisk(t, 16)
	dir := filepath.Join(t.TempDir(), "hangs")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	end := faults.Hang(t, dir)
	v := newTestVolumes(t)
	counted := &countedRunner{Runner: v.cfg.Runner, what: probeStill}
	v.cfg.Runner = counted
	v.patience, v.probe = time.Second, 200*time.Millisecond
	v.Want("a", disk.Dir+"/x")
	v.Want("b", dir+"/x", dir+"/y")
	k := keep(t, v)
	says := dir + " does not answer"
	faults.Poll(t, "that it does not answer", func() bool {
		s := k.source()
		return s.State == observe.SourceLimited && strings.Contains(s.Why, says)
	})
	faults.Poll(t, "the file system beside it", func() bool { last, _ := k.volume(disk.Dir); return last.Size > 0 })
	disk.Fill(t)
	faults.Poll(t, "that the one beside it is full", func() bool { last, _ := k.volume(disk.Dir); return last.Avail == 0 })
	faults.Poll(t, "that it was asked several times", func() bool { return counted.n.Load() >= 4 })
	if n := dfsAt(dir); n > 2 { // the one that found out, and the one that waits
		t.Errorf("%d df wait for it", n)
	}
	end()
	faults.Poll(t, "that all are seen again", func() bool {
		s := k.source()
		return s.State == observe.SourceUp && dfsAt(dir) == 0
	})
}

// dfsAt counts the df that were sent to a folder and have not come back.
func dfsAt(dir string) (n int) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		line, _ := os.ReadFile(file)
		if strings.HasPrefix(string(line), "df\x00") && strings.Contains(string(line), dir) {
			n++
		}
	}
	return n
}

// countedRunner counts the commands that hold a text.
type countedRunner struct {
	Runner
	what string
	n    atomic.Int32
}

func (r *countedRunner) Run(ctx context.Context, command string) (stdout, stderr []byte, code int, err error) {
	if strings.Contains(command, r.what) {
		r.n.Add(1)
	}
	return r.Runner.Run(ctx, command)
}
