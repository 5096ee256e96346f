package watchers

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// places knows which file systems of a host can be asked without the risk that the question never returns.
type places struct {
	byID   map[string]mount
	deep   []mount // the one with the longest path first
	far    bool    // there is one that another machine or program answers for
	ns     string  // the mount namespace that all this is of: ours
	read   int     // looks since it was read
	blocks map[string]int64
}

// mountsEvery is after how many scans the mounts are read again.
const mountsEvery = 10

// refresh reads the mounts when that is due. To read them asks no file system.
func (p *places) refresh(ctx context.Context, procs Procs, due bool) error {
	if p.read++; p.byID != nil && !due && p.read < mountsEvery {
		return nil
	}
	p.read = 0
	const own = "/proc/self/mountinfo"
	texts, err := procs.ReadFiles(ctx, own)
	if err != nil {
		return fmt.Errorf("read %s: %w", own, err)
	}
	p.byID, p.deep, p.far = parseMounts(texts[own]), nil, false
	p.blocks = nil // a snapshot may have got the number of one that was removed
	for _, m := range p.byID {
		p.deep = append(p.deep, m)
		p.far = p.far || m.remote() || m.kind == "autofs"
	}
	slices.SortFunc(p.deep, func(a, b mount) int {
		if len(a.point) != len(b.point) {
			return len(b.point) - len(a.point)
		}
		return strings.Compare(a.point+a.kind, b.point+b.kind)
	})
	if p.ns != "" {
		return nil
	}
	links, err := procs.ReadLinks(ctx, "/proc/self/ns")
	if err != nil {
		return fmt.Errorf("read /proc/self/ns: %w", err)
	}
	p.ns = links["/proc/self/ns/mnt"]
	return nil
}

// mayAsk tells whether a file can be looked at by its path. Where a file system is far, a symbolic link may lead
// there: then only those are looked at that lie beside or above a file that is open, whose path has none in it.
func (p *places) mayAsk(file string, open []observe.OpenFile) bool {
	if !path.IsAbs(file) || strings.Contains(file, "?") { // most likely it bears another name: see printable
		return false
	}
	file = path.Clean(file)
	if p.far && !slices.ContainsFunc(open, func(f observe.OpenFile) bool {
		return path.Dir(f.Path) == path.Dir(file) || strings.HasPrefix(f.Path, file+"/")
	}) {
		return false
	}
	for _, m := range p.deep {
		if m.point == "/" || file == m.point || strings.HasPrefix(file, m.point+"/") {
			return m.local()
		}
	}
	return false
}

// farBelow tells whether a far file system is mounted somewhere below a folder: who walks the tree would get there.
func (p *places) farBelow(folder string) bool {
	folder = strings.TrimSuffix(path.Clean(folder), "/") + "/"
	return slices.ContainsFunc(p.deep, func(m mount) bool {
		return (m.remote() || m.kind == "autofs") && strings.HasPrefix(m.point, folder)
	})
}

// blockSizes asks for the sizes in bytes of those devices that are disks.
func (p *places) blockSizes(ctx context.Context, procs Procs, devices []string) error {
	var files []string
	for _, d := range devices {
		if _, known := p.blocks[d]; !known {
			files = append(files, blockFile(d))
		}
	}
	if len(files) == 0 {
		return nil
	}
	texts, err := procs.ReadFiles(ctx, files...)
	if err != nil {
		return fmt.Errorf("read the sizes of disks: %w", err)
	}
	if p.blocks == nil {
		p.blocks = map[string]int64{}
	}
	for _, d := range devices {
		if _, known := p.blocks[d]; !known {
			p.blocks[d] = -1
		}
		// In sectors of 512 bytes, whatever the disk's own are (Documentation/ABI/stable/sysfs-block).
		if n, err := strconv.ParseInt(strings.TrimSpace(texts[blockFile(d)]), 10, 64); err == nil && n > 0 {
			p.blocks[d] = n * 512
		}
	}
	return nil
}

func blockFile(device string) string { return "/sys/class/block/" + path.Base(device) + "/size" }

// mayBeDisk tells whether a path may be that of a block device.
func mayBeDisk(target string) bool {
	name, ok := strings.CutPrefix(target, "/dev/")
	if !ok || isTerminal(target) || strings.HasPrefix(name, "shm/") {
		return false
	}
	switch name {
	case "null", "zero", "full", "random", "urandom", "ptmx", "fuse", "kmsg":
		return false
	default:
		return true
	}
}
