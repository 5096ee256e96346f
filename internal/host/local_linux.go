package host

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// Holders returns the pids of the processes that hold path open, as far as we may look, ours left out.
func (l *Local) Holders(ctx context.Context, path string) ([]int, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find who holds %q: %w", path, err)
	}
	var pids []int
	for _, name := range names("/proc") {
		pid, err := strconv.Atoi(name)
		if err != nil || pid == os.Getpid() {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		dir := "/proc/" + name + "/fd"
		if slices.ContainsFunc(names(dir), func(fd string) bool {
			target, err := os.Readlink(dir + "/" + fd)
			return err == nil && target == path
		}) {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	return pids, nil
}
