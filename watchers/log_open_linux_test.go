package watchers

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ronda/internal/observe"
)

// What the kernel shows is never read as a log, by whatever name: reading /proc/kmsg takes its messages.
func TestLogOfTheKernelIsRefused(t *testing.T) {
	dir := t.TempDir()
	logtestMust(t, os.Symlink("/proc/version", filepath.Join(dir, "link")),
		os.Symlink("/proc/self/..", filepath.Join(dir, "dir")), os.Symlink("/sys/kernel", filepath.Join(dir, "sys")))
	for _, path := range []string{"/proc/kmsg", "/tmp/../proc/kmsg", dir + "/link", dir + "/dir/version", dir + "/sys/uevent_seqnum"} {
		files := newLogtestFiles()
		r := logtestFollow(t, LogConfig{Path: path, Files: files})
		r.untilSource(observe.SourceFailed, "used up by reading")
		r.stop()
		if n := files.count(); n > 0 {
			t.Errorf("%s was read %d times", path, n)
		}
	}
}

// A log of the sizes that files of the kernel have is one all the same.
func TestLogOfWholePages(t *testing.T) {
	log := filepath.Join(t.TempDir(), "x.log")
	logtestWrite(t, log, strings.Repeat("0123456789abcde\n", 256))
	r := logtestFollow(t, LogConfig{Path: log, Files: newLogtestFiles()})
	r.untilSource(observe.SourceUp, "")
	r.until("256 lines", func([]observe.Payload) bool { return len(r.lines()) == 256 })
}

// Whoever holds a device open is not the job.
func TestProcessDoesNotTakeHoldersOfADevice(t *testing.T) {
	t.Parallel()
	link := filepath.Join(t.TempDir(), "null")
	logtestMust(t, os.Symlink("/dev/null", link))
	procTestStart(t, "sh", "-c", "exec >/dev/null; sleep 600")
	for log, why := range map[string]string{"/dev/null": "no regular file", link: "holds the log open"} {
		w := procTestRun(t, procTestLog(log))
		if s := w.source(t, observe.SourceWaiting); !strings.Contains(s.Why, why) {
			t.Errorf("%s: %+v", log, s)
		}
		if all := procTestSamples(w.all()); len(all) > 0 {
			t.Errorf("%s: %+v", log, all)
		}
	}
}
