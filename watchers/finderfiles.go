package watchers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// held is a file with data in it that a suspect holds open.
type held struct {
	fd    int
	path  string
	info  fdInfo
	size  int64 // -1: not known
	disk  bool  // a block device
	local bool  // to ask for its size cannot hang
	moved bool  // since it is known
	// moving: at the newest look, or shortly before.
	moving bool
	lost   bool // another file has the descriptor by now, or none
	closed bool // none has it, or the process is gone
	stat   observe.FileInfo
}

// Bounds of what is looked at of one process.
const (
	heldMost  = 48 // files
	trackMost = 6  // of those, how many between two scans
)

// link is the path under which the kernel shows the file of a process.
func (h *held) link(pid int) string { return procFile(pid, "fd/"+strconv.Itoa(h.fd)) }

func (h *held) infoFile(pid int) string { return procFile(pid, "fdinfo/"+strconv.Itoa(h.fd)) }

// files returns the suspect's open files as they were seen last, in the order of their descriptors.
func (s *suspect) files() []observe.OpenFile {
	var files []observe.OpenFile
	for _, fd := range keys(s.held) {
		h := s.held[fd]
		files = append(files, observe.OpenFile{PID: s.stat.pid, Path: h.path, Pos: h.info.pos, Size: h.size, Write: h.info.writes()})
	}
	return files
}

// openFiles reads what the suspects hold open, and who those are that were not looked at yet.
func (r *finderRun) openFiles(ctx context.Context, suspects []*suspect) error {
	if len(suspects) == 0 {
		return nil
	}
	var dirs []string
	fresh := false
	for _, s := range suspects {
		dirs = append(dirs, procFile(s.stat.pid, "fd"))
		if !s.looked {
			dirs = append(dirs, procFile(s.stat.pid, "ns"), "/proc/"+strconv.Itoa(s.stat.pid))
			fresh = true
		}
	}
	links, err := r.cfg.Procs.ReadLinks(ctx, dirs...)
	if err != nil {
		return fmt.Errorf("read open files: %w", err)
	}
	if err := r.places.refresh(ctx, r.cfg.Procs, fresh); err != nil {
		return err
	}
	all := byProcess(links)
	var devices []string
	for _, s := range suspects {
		if !s.looked {
			s.identify(links, r.places.ns)
		}
		if links := all[s.stat.pid]; links != nil || s.links == nil { // one that ends has none any more, which is not ours to judge
			s.links = links
		}
		devices = append(devices, s.hold()...)
	}
	if err := r.places.blockSizes(ctx, r.cfg.Procs, devices); err != nil {
		return err
	}
	return r.readHeld(ctx, suspects)
}

// hold keeps the links of a suspect that lead to data, and returns those that may be disks.
func (s *suspect) hold() (devices []string) {
	old := s.held
	s.held = map[int]*held{}
	for _, fd := range keys(s.links) {
		target := s.links[fd]
		disk := mayBeDisk(target)
		if fd == 2 || !disk && !dataFile(target) || len(s.held) >= heldMost { // what it complains into is no data
			continue
		}
		h := &held{fd: fd, path: target, size: -1, disk: disk}
		if was := old[fd]; was != nil && was.path == target && !was.lost {
			h = was
		}
		s.held[fd] = h
		if disk {
			devices = append(devices, target)
		}
	}
	return devices
}

// readHeld reads position and size of all files that suspects hold.
func (r *finderRun) readHeld(ctx context.Context, suspects []*suspect) error {
	var files []string
	for _, s := range suspects {
		for _, fd := range keys(s.held) {
			files = append(files, s.held[fd].infoFile(s.stat.pid))
		}
	}
	if len(files) == 0 {
		return nil
	}
	texts, err := r.cfg.Procs.ReadFiles(ctx, files...)
	if err != nil {
		return fmt.Errorf("read /proc/PID/fdinfo: %w", err)
	}
	for _, f := range r.found {
		for _, s := range f.parts {
			if io, ok := parseIO(texts[procFile(s.stat.pid, "io")]); ok {
				f.reach(io)
			}
		}
	}
	var ask []string
	for _, s := range suspects {
		for _, fd := range keys(s.held) {
			h := s.held[fd]
			h.place(texts[h.infoFile(s.stat.pid)])
			switch {
			case h.lost, h.info.folder(r.host.machine), h.disk && r.places.blocks[h.path] < 0: // a terminal of another name, a watchdog
				delete(s.held, fd)
			case h.disk:
				h.size = r.places.blocks[h.path]
			default:
				if h.local = !s.apart && r.places.byID[h.info.mount].local(); h.local {
					ask = append(ask, h.link(s.stat.pid))
				}
			}
		}
	}
	return r.askSizes(ctx, suspects, ask)
}

// folder tells whether the descriptor was opened as that of a folder: O_DIRECTORY of asm/fcntl.h.
func (f fdInfo) folder(machine string) bool {
	if strings.HasPrefix(machine, "arm") || strings.HasPrefix(machine, "aarch64") || strings.HasPrefix(machine, "ppc") {
		return f.flags&0o40000 != 0
	}
	return f.flags&0o200000 != 0
}

// place takes in a text of fdinfo.
func (h *held) place(text string) {
	info, ok := parseFDInfo(text)
	if !ok || h.info.inode != "" && info.inode != h.info.inode || h.info.flags != 0 && info.flags != h.info.flags {
		h.lost, h.closed = true, !ok
		return
	}
	h.moving = h.info.flags != 0 && info.pos != h.info.pos
	h.moved = h.moved || h.moving
	h.info = info
	if h.info.writes() && h.size >= 0 && !h.disk {
		h.size = max(h.size, h.info.pos) // what is written behind the end makes it longer
	}
}

// askSizes looks at open files through the links of their processes.
func (r *finderRun) askSizes(ctx context.Context, suspects []*suspect, links []string) error {
	if len(links) == 0 {
		return nil
	}
	infos, err := r.cfg.Procs.StatFiles(ctx, links...)
	if err != nil {
		return fmt.Errorf("look at open files: %w", err)
	}
	for _, s := range suspects {
		for _, h := range s.held {
			if info, ok := infos[h.link(s.stat.pid)]; ok {
				h.moving = h.moving || h.size >= 0 && h.size != info.Size
				h.moved = h.moved || h.moving
				h.size, h.stat = info.Size, info
			}
		}
	}
	return nil
}

// positions looks, between two scans, at the files of those copies that are known.
func (r *finderRun) positions(ctx context.Context) error {
	var files []string
	var suspects []*suspect
	for _, f := range r.found {
		if f.resting(r.tick) {
			continue
		}
		for _, s := range f.parts {
			suspects = append(suspects, s)
			for _, h := range s.tracked() {
				files = append(files, h.infoFile(s.stat.pid))
			}
			if f.byIO() {
				files = append(files, procFile(s.stat.pid, "io"))
			}
		}
	}
	if len(files) == 0 {
		return nil
	}
	texts, err := r.cfg.Procs.ReadFiles(ctx, files...)
	if err != nil {
		return fmt.Errorf("read /proc/PID/fdinfo: %w", err)
	}
	var ask []string
	for _, s := range suspects {
		for _, h := range s.tracked() {
			before := h.info.pos
			h.place(texts[h.infoFile(s.stat.pid)])
			// Of what is copied within the kernel, or written at places, the position tells nothing: only the size does.
			if h.local && !h.lost && h.info.writes() && h.info.pos == before {
				ask = append(ask, h.link(s.stat.pid))
			}
		}
	}
	return r.askSizes(ctx, suspects, ask)
}

// tracked are the files worth a look at every tick: those that move, then the largest.
func (s *suspect) tracked() []*held {
	var list []*held
	for _, fd := range keys(s.held) {
		if h := s.held[fd]; !h.lost {
			list = append(list, h)
		}
	}
	slices.SortStableFunc(list, func(a, b *held) int {
		switch {
		case a.moved != b.moved && a.moved:
			return -1
		case a.moved != b.moved:
			return 1
		case a.size > b.size:
			return -1
		case a.size < b.size:
			return 1
		default:
			return 0
		}
	})
	return list[:min(len(list), trackMost)]
}

// foreign tells whether nothing of what the process has open may be seen.
func (s *suspect) foreign() bool { return s.links == nil }
