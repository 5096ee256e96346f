package watchers

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// errKernelFile refuses a log that is none: to read /proc/kmsg takes the messages away from who needs them.
var errKernelFile = errors.New("no log: what the kernel shows below /proc and /sys may be used up by reading it; give a regular file")

// kernelFile tells whether a path leads to what the kernel makes up for its readers.
func kernelFile(name string) bool {
	name = path.Clean(name) + "/"
	return strings.HasPrefix(name, "/proc/") || strings.HasPrefix(name, "/sys/")
}

// device tells whether a path leads to a device, or what may stand in the place of one.
func device(name string) bool {
	name = path.Clean(name)
	return strings.HasPrefix(name, "/dev/") && !strings.HasPrefix(name, "/dev/shm/")
}

// open opens what stands at the log's path. Hosts refuse what is no regular file; a file of the kernel passes
// for one, and a link may lead to it.
func (f *follower) open(ctx context.Context) (handle int, info observe.FileInfo, err error) {
	if kernelFile(f.cfg.Path) {
		return 0, observe.FileInfo{}, fmt.Errorf("open %q: %w", f.cfg.Path, errKernelFile)
	}
	handle, info, err = f.cfg.Files.OpenFile(ctx, f.cfg.Path)
	if err == nil && f.leadsToKernel(ctx, info) {
		f.cfg.Files.CloseFile(handle)
		return 0, observe.FileInfo{}, fmt.Errorf("open %q: %w", f.cfg.Path, errKernelFile)
	}
	return handle, info, err
}

// leadsToKernel tells whether a file is on the device of one that is the kernel's. Only sizes that files of
// the kernel have are worth the question: none, or whole pages.
func (f *follower) leadsToKernel(ctx context.Context, info observe.FileInfo) bool {
	if info.Size%4096 != 0 {
		return false
	}
	if f.kernel == nil {
		f.kernel = []string{}
		for _, name := range []string{"/proc/version", "/sys/kernel/uevent_seqnum"} {
			handle, info, err := f.cfg.Files.OpenFile(ctx, name)
			if err != nil {
				continue // another system, or the link is lost: then the handle of the log is too
			}
			f.cfg.Files.CloseFile(handle)
			f.kernel = append(f.kernel, deviceOf(info.Ident))
		}
	}
	return slices.Contains(f.kernel, deviceOf(info.Ident))
}

// deviceOf returns the device within a file's identity.
func deviceOf(id string) string {
	dev, _, _ := strings.Cut(id, ":")
	return dev
}
