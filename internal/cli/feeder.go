package cli

import (
	"context"
	"fmt"
	"os"
	"path"
	"strconv"
	"strings"

	"ronda/internal/host"
)

// feeder is the process that writes into the pipe on our standard input; 0 when it is no pipe or cannot be
// found. In `./upgrade.sh | ronda watch -` it is the upgrade.
func feeder(ctx context.Context, local *host.Local, stdin *os.File) int {
	self := fmt.Sprintf("/proc/%d/fd", os.Getpid())
	ours, err := local.ReadLinks(ctx, self)
	if err != nil {
		return 0
	}
	pipe := ours[fmt.Sprintf("%s/%d", self, stdin.Fd())]
	if !strings.HasPrefix(pipe, "pipe:") {
		return 0
	}
	stats, err := local.ReadFiles(ctx, "/proc/[0-9]*/stat")
	if err != nil {
		return 0
	}
	oldest := 0
	for file := range stats {
		dir := path.Dir(file)
		pid, err := strconv.Atoi(path.Base(dir))
		if err != nil || pid == os.Getpid() {
			continue
		}
		fds, err := local.ReadLinks(ctx, dir+"/fd")
		if err != nil {
			continue
		}
		// The writers' standard output or error is the pipe; the oldest of them started the others.
		if (fds[dir+"/fd/1"] == pipe || fds[dir+"/fd/2"] == pipe) && (oldest == 0 || pid < oldest) {
			oldest = pid
		}
	}
	return oldest
}
