package watchers

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// seenMost bounds of how many files it is remembered which ones they were.
const seenMost = 64

// remember notes which file was open under a path: another may stand there when the copy has ended.
func (f *found) remember(h *held) {
	if h.stat.Ident == "" {
		return
	}
	if f.seen == nil {
		f.seen = map[string]observe.FileInfo{}
	}
	if _, known := f.seen[h.path]; known || len(f.seen) < seenMost {
		f.seen[h.path] = h.stat
	}
}

// another tells whether what stands at a path now is not the file that the copy had open there. An inode may be used
// again at once: of what mv was moving, a later time tells too, for whether that arrived is looked at besides.
func (f *found) another(p string, now observe.FileInfo) bool {
	was, known := f.seen[p]
	return known && now.Ident != "" && (now.Ident != was.Ident || f.move.tool == "mv" && slices.Contains(f.move.sources, p) && now.Modified.After(was.Modified))
}

// missing returns the one file that an ended copy wrote, where that is not at its place any more.
func (r *finderRun) missing(f *found) (string, bool) {
	l := glance{move: f.move, files: f.everHeld(), sizes: f.remains}
	p := l.written()
	if !localPath(p) || !dataFile(p) || f.move.way == wayFile && !l.single() {
		return "", false
	}
	if _, there := f.remains[p]; there || !slices.Contains(r.left(f), p) {
		return "", false
	}
	return p, true
}

// endQuestion returns what is to be asked of a copy that is gone: where the file is now that it wrote, or what it says
// of its end.
func (r *finderRun) endQuestion(f *found) (question, bool) {
	p, missing := r.missing(f)
	if !missing {
		return f.move.lastQuestion(f.sizes)
	}
	_, inode, ok := strings.Cut(f.wrote(p), ":")
	if f.searched || !ok || strings.Trim(inode, "0123456789") != "" {
		return question{}, false
	}
	dir := path.Dir(p)
	return question{
		command: fmt.Sprintf("nice -n 19 find %s -maxdepth 1 -xdev -inum %s 2>/dev/null | head -n 1", quoteShell(dir), inode),
		paths:   []string{dir},
	}, true
}

// wrote is which file it was that a copy wrote, that should be at p.
func (f *found) wrote(p string) string {
	if id := f.seen[p].Ident; id != "" {
		return id
	}
	l := glance{move: f.move, files: f.everHeld()}
	file, ok := l.targetFile()
	if !ok {
		return ""
	}
	return f.seen[file.Path].Ident
}

// follow takes the file that a search has told for the target, where it is the one that the copy wrote: it was renamed.
func (r *finderRun) follow(ctx context.Context, f *found, told string) {
	f.searched = true
	was, missing := r.missing(f)
	now := strings.TrimRight(told, "\n")
	if !missing || !path.IsAbs(now) {
		return
	}
	infos, err := r.cfg.Procs.StatFiles(ctx, now)
	info, there := infos[now]
	if err != nil || !there || info.Ident != f.wrote(was) {
		return
	}
	f.remains = maps.Clone(f.remains) // it was shared with others that ended then
	f.remains[now] = info
	f.move.target, f.renamed = now, path.Base(was)
}

// finalAmounts are how far a copy came: what was seen last while it ran, and what of it can be seen now. now may lack
// what was measured then, for the files are closed: another measure does not take its place. Of one that is known to be
// whole, all was moved.
func finalAmounts(last, now []observe.Amount, whole bool) []observe.Amount {
	all := slices.Clone(last)
	for _, a := range now {
		i := slices.IndexFunc(all, func(b observe.Amount) bool { return a.Of == b.Of && a.Unit == b.Unit })
		switch {
		case i < 0:
			all = append(all, a)
		case all[i].What == a.What && (a.Total > 0 || all[i].Total == 0):
			all[i] = a
		case all[i].What == a.What, all[i].Total == a.Total && a.Done <= a.Total:
			all[i].Done = max(all[i].Done, a.Done)
		}
	}
	for i := range all {
		if a := &all[i]; whole && (a.Of == observe.AmountSource || a.Of == observe.AmountTarget) && a.Unit == "bytes" && a.Total > 0 && !a.Estimate {
			a.Done = a.Total
		}
	}
	return all[:min(len(all), observe.MaxAmounts)]
}

// closed tells that all that its processes had open is closed: they have most likely ended.
func (f *found) closed() bool {
	some := false
	for _, s := range f.parts {
		for _, h := range s.held {
			if !h.closed {
				return false
			}
			some = true
		}
	}
	return some
}
