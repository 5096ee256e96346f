package watchers

import (
	"context"
	"fmt"
	"path"
	"sort"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// How often open files are looked at, in samples, and how many of how many processes: each look is a
// question more to the host.
const (
	filesEvery    = 4
	filesMembers  = 8
	filesOfMember = 48
)

// fileWatch keeps which regular files of the tree move.
type fileWatch struct {
	at    int
	known map[fileKey]fileState
	open  []observe.OpenFile // what is shown: those that have moved and are still open
	local map[string]mount   // by id: looking at a file on a local one cannot hang
}

type fileKey struct {
	id   ident
	fd   int
	path string
}

type fileState struct {
	observe.OpenFile
	moved bool
	round int
}

// look reads the positions and sizes of the files of those members that move.
func (w *fileWatch) look(ctx context.Context, j *job) error {
	if w.known == nil {
		w.known = map[fileKey]fileState{}
	}
	if j.still > 0 || w.at != 0 && j.tick-w.at < filesEvery {
		return nil
	}
	first := w.at == 0
	w.at = j.tick
	var dirs []string
	for _, m := range movers(j.tree.order, first) {
		dirs = append(dirs, procFile(m.stat.pid, "fd"))
	}
	if len(dirs) == 0 {
		return nil
	}
	links, err := j.procs.ReadLinks(ctx, dirs...)
	if err != nil {
		return fmt.Errorf("read open files: %w", err)
	}
	regular := regularFiles(links)
	if len(regular) == 0 {
		w.settle(j, nil)
		return nil
	}
	infos, err := w.positions(ctx, j, regular)
	if err != nil {
		return err
	}
	sizes, err := w.sizes(ctx, j, regular, infos)
	if err != nil {
		return err
	}
	for link, target := range regular {
		m := j.tree.members[pidOf(link)]
		fi, ok := infos[link]
		if m == nil || !ok {
			continue
		}
		f := observe.OpenFile{PID: m.stat.pid, Path: target, Pos: fi.pos, Size: -1, Write: fi.writes()}
		if size, ok := sizes[link]; ok {
			f.Size = size
		}
		w.see(fileKey{m.id(), fdOf(link), target}, f, j.tick)
	}
	w.settle(j, dirs)
	return nil
}

// see puts in what was read of one file.
func (w *fileWatch) see(key fileKey, f observe.OpenFile, round int) {
	old, ok := w.known[key]
	moved := old.moved || ok && (old.Pos != f.Pos || old.Size != f.Size)
	w.known[key] = fileState{OpenFile: f, moved: moved, round: round}
}

// settle forgets files that are closed, and lists the largest of those that move.
func (w *fileWatch) settle(j *job, asked []string) {
	looked := map[int]bool{}
	for _, dir := range asked {
		looked[pidOf(dir)] = true
	}
	w.open = nil
	for key, f := range w.known {
		m := j.tree.members[key.id.pid]
		if m == nil || m.id() != key.id || looked[key.id.pid] && f.round != w.at {
			delete(w.known, key)
			continue
		}
		if f.moved {
			w.open = append(w.open, f.OpenFile)
		}
	}
	sort.Slice(w.open, func(a, b int) bool {
		x, y := w.open[a], w.open[b]
		if x.Size != y.Size {
			return x.Size > y.Size
		}
		return x.PID < y.PID || x.PID == y.PID && x.Path < y.Path
	})
	w.open = w.open[:min(len(w.open), observe.MaxFiles)]
}

// movers returns the members whose files are worth a look: those that move most.
func movers(order []*member, first bool) []*member {
	var busy []*member
	for _, m := range order {
		if m.hasIO && !m.stat.ended() && (first || m.idle == 0) {
			busy = append(busy, m)
		}
	}
	sort.SliceStable(busy, func(a, b int) bool { return busy[a].bytes > busy[b].bytes })
	return busy[:min(len(busy), filesMembers)]
}

// regularFiles keeps the links to what may be a file with data in it, a bounded number for each process.
func regularFiles(links map[string]string) map[string]string {
	regular := map[string]string{}
	count := map[int]int{}
	for _, link := range sortedKeys(links) {
		target := links[link]
		if !dataFile(target) || count[pidOf(link)] >= filesOfMember {
			continue
		}
		count[pidOf(link)]++
		regular[link] = printable(target, 512)
	}
	return regular
}

func dataFile(target string) bool {
	if !strings.HasPrefix(target, "/") {
		return false
	}
	for _, dir := range []string{"/dev/", "/proc/", "/sys/", "/memfd:", "/run/", "/anon_hugepage"} {
		if strings.HasPrefix(target, dir) && !strings.HasPrefix(target, "/dev/shm/") {
			return false
		}
	}
	switch path.Ext(strings.TrimSuffix(target, " (deleted)")) {
	case ".so", ".pm", ".py", ".pyc", ".jar", ".pl":
		return false
	default:
		return true
	}
}

func (w *fileWatch) positions(ctx context.Context, j *job, regular map[string]string) (map[string]fdInfo, error) {
	files := make([]string, 0, len(regular))
	for _, link := range sortedKeys(regular) {
		files = append(files, strings.Replace(link, "/fd/", "/fdinfo/", 1))
	}
	texts, err := j.procs.ReadFiles(ctx, files...)
	if err != nil {
		return nil, fmt.Errorf("read /proc/PID/fdinfo: %w", err)
	}
	infos := map[string]fdInfo{}
	for file, text := range texts {
		if fi, ok := parseFDInfo(text); ok {
			infos[strings.Replace(file, "/fdinfo/", "/fd/", 1)] = fi
		}
	}
	return infos, nil
}

// sizes asks for the sizes of files on local mounts. On a network file system whose server is gone the
// question would never return, and nothing could take it back.
func (w *fileWatch) sizes(ctx context.Context, j *job, regular map[string]string, infos map[string]fdInfo) (map[string]int64, error) {
	if w.local == nil {
		mounts, err := j.readMounts(ctx, j.root.pid)
		if err != nil {
			return nil, err
		}
		w.local = mounts
	}
	var files []string
	for _, link := range sortedKeys(regular) {
		if w.local[infos[link].mount].local() {
			files = append(files, link)
		}
	}
	if len(files) == 0 {
		return nil, nil //nolint:nilnil // a nil map is an empty one
	}
	stats, err := j.procs.StatFiles(ctx, files...)
	if err != nil {
		return nil, fmt.Errorf("look at open files: %w", err)
	}
	sizes := map[string]int64{}
	for file, info := range stats {
		sizes[file] = info.Size
	}
	return sizes, nil
}

func fdOf(link string) int {
	fd, err := strconv.Atoi(path.Base(link))
	if err != nil {
		return -1
	}
	return fd
}
