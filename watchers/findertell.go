package watchers

import (
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
)

// tell puts what is new of every copy into the batch.
func (r *finderRun) tell() {
	for _, f := range r.found {
		if f.job.end != nil || f.lost() {
			continue
		}
		f.takeHeld()
		files := f.files()
		var stands int64
		for _, file := range files {
			stands += file.Pos + file.Size
		}
		f.moved, f.stood = stands != f.stood, stands
		if !f.shown && !f.certain() {
			continue
		}
		if f.name == "" {
			f.name = r.names.of(f.id, plainName(f.move), strconv.Itoa(f.root.pid))
		}
		f.shown = true
		t := r.transfer(f, files)
		onwards(f.newest.Amounts, t.Amounts)
		if r.worthSaying(f, t) {
			r.say(f.name, "transfer", since(f.last, t))
			f.last, f.said = t, r.tick
		}
		f.newest = t
		r.processes(f)
	}
	r.tellTargets()
}

// lost tells whether a file was closed since the scan: what is known is of yesterday until the next one.
func (f *found) lost() bool {
	return f.shown && slices.ContainsFunc(f.parts, func(s *suspect) bool {
		for _, h := range s.held {
			if h.lost {
				return true
			}
		}
		return false
	})
}

// certain tells whether it moves something: it names what, or has files open, or has read or written by now.
func (f *found) certain() bool {
	return len(f.move.sources) > 0 || f.move.target != "" || f.io.ReadChars+f.io.WriteChars > certainIO || f.foreign()
}

// since leaves out of a sample what is as it was in the one before.
func since(last, t observe.Transfer) observe.Transfer {
	if t.Tool == last.Tool {
		t.Tool = ""
	}
	if t.Source == last.Source {
		t.Source = ""
	}
	if t.Target == last.Target {
		t.Target = ""
	}
	return t
}

func (r *finderRun) transfer(f *found, files []observe.OpenFile) observe.Transfer {
	var io *observe.ProcessIO
	if f.hasIO {
		io = &f.io
	}
	return observe.Transfer{
		Finder: r.cfg.Name, ID: f.id, Tool: f.move.tool, Source: several(f.move.sources), Target: f.move.target,
		State: observe.TransferRunning, Amounts: f.move.amounts(files, io, f.sizes), Unknown: f.unknown(),
	}
}

// several names what is read: the first, and how many more.
func several(sources []string) string {
	switch len(sources) {
	case 0:
		return ""
	case 1:
		return sources[0]
	default:
		return fmt.Sprintf("%s and %d more", sources[0], len(sources)-1)
	}
}

func (f *found) unknown() string {
	why := f.move.unknown
	if f.foreign() {
		foreign := "how far it is cannot be seen: its files and I/O are another user's, run as root or as that user"
		if why != "" {
			return foreign + "; " + why
		}
		return foreign
	}
	return why
}

// processes puts what is new of the processes of a copy into the batch. The files that they hold open are told by the
// transfer.
func (r *finderRun) processes(f *found) {
	j := f.job
	if j.tick == 0 {
		return
	}
	state, why := j.sight()
	if s := (observe.Source{State: state, Why: why}); s != f.source {
		f.source = s
		r.say(f.name, "process", s)
	}
	s, news := j.news()
	switch {
	case !news && !f.owed:
		return
	case !news:
		s = j.totals()
	}
	if f.owed = s.Procs == nil && s.Files == nil && s.Count == f.summed.Count && s.Throttled == f.summed.Throttled &&
		kills(s) == kills(f.summed) && r.tick-f.told < totalsEvery; f.owed {
		return
	}
	f.told, f.summed = r.tick, s
	s.Root = f.root.pid
	r.say(f.name, "process", s)
}

// tellTargets says where is written to, when that is elsewhere: to which file, or the folder of one that is open.
func (r *finderRun) tellTargets() {
	if r.cfg.Targets == nil {
		return
	}
	var paths []string
	for _, f := range r.found {
		if p := f.move.target; f.shown && strings.HasPrefix(p, "/") && !strings.HasPrefix(p, "/dev/") && !f.apart() {
			if f.holds(p) {
				p = path.Dir(p) // many copies into one folder are one question
			}
			paths = append(paths, p)
		}
	}
	slices.Sort(paths)
	paths = r.keepTargets(slices.Compact(paths), time.Now())
	if !slices.Equal(paths, r.targets) {
		r.targets = paths
		r.cfg.Targets(slices.Clone(paths))
	}
}

// farewell takes a last look at what those have left that have ended.
func (r *finderRun) farewell(ctx context.Context) error {
	var ended []*found
	for _, f := range r.found {
		if f.job.end != nil {
			ended = append(ended, f)
		}
	}
	if len(ended) == 0 {
		return nil
	}
	r.found = slices.DeleteFunc(r.found, func(f *found) bool { return f.job.end != nil })
	var ask []string
	for _, f := range ended {
		if f.shown {
			ask = append(ask, r.left(f)...)
		}
	}
	slices.Sort(ask)
	infos := map[string]observe.FileInfo{}
	if ask = slices.Compact(ask); len(ask) > 0 {
		var err error
		if infos, err = r.cfg.Procs.StatFiles(ctx, ask...); err != nil {
			return fmt.Errorf("look at what a copy has left: %w", err)
		}
	}
	for _, f := range ended {
		if f.remains = infos; f.shown {
			f.answer = ""
			if !r.asksLast(f) {
				r.lastWord(f, infos)
			}
		}
	}
	return nil
}

// left are the paths to look at when a copy has ended: what it named, and what it wrote.
func (r *finderRun) left(f *found) []string {
	if f.apart() {
		return nil
	}
	open := f.everHeld()
	paths := r.mayLook(f, open)
	for _, file := range open {
		if file.Write && r.places.mayAsk(file.Path, open) {
			paths = append(paths, file.Path)
		}
	}
	return paths
}

// lastWord says how a copy has ended.
func (r *finderRun) lastWord(f *found, infos map[string]observe.FileInfo) {
	e := moveEnd{amounts: f.newest.Amounts, sizes: map[string]observe.FileInfo{}, exit: f.job.end.exit, answer: f.answer, followed: r.tick - f.born, before: f.before, shared: f.shared}
	e.asked = r.left(f)
	for _, p := range e.asked {
		info, ok := infos[p]
		switch {
		case ok && f.another(p, info) && slices.Contains(f.move.sources, p):
			e.anew = append(e.anew, p)
		case ok:
			e.sizes[p] = info
		}
	}
	for _, file := range f.everHeld() {
		if info, ok := infos[file.Path]; ok && !f.another(file.Path, info) {
			file.Size = info.Size
		}
		e.files = append(e.files, file)
	}
	t := r.transfer(f, e.files)
	t.State, t.Detail = f.move.complete(e)
	if f.renamed != "" {
		t.Detail = f.renamed + " was renamed; " + t.Detail
	}
	var io *observe.ProcessIO
	if f.hasIO {
		io = &f.io
	}
	t.Amounts = finalAmounts(f.newest.Amounts, f.move.amounts(e.files, io, e.sizes), t.State == observe.TransferDone)
	if f.job.end.unseen {
		t.State, t.Detail = observe.TransferGone, "it cannot be seen any more, which need not be its end: /proc shows only one's own processes here (hidepid)"
	}
	r.say(f.name, "transfer", since(f.last, t))
	s := f.job.last()
	r.say(f.name, "process", s)
}

// kernelCopies takes in the copies that the kernel makes: they have no process.
func (r *finderRun) kernelCopies(texts map[string]string) {
	now := map[string]observe.Transfer{}
	if r.asking.kernel = kernelQuestion(texts); r.asking.kernel != "" {
		texts[kernelSaid] = r.asking.said
	}
	if r.asking.kernel == "" || r.asking.heard { // what ran when the session was left runs still, or ends now
		maps.Copy(r.kernel, r.cfg.Left)
		r.cfg.Left = nil
	}
	for _, k := range kernelMoves(texts) {
		if r.match != nil && !r.match.MatchString(k.name) {
			r.others++
			continue
		}
		t := observe.Transfer{
			Finder: r.cfg.Name, ID: k.id, Tool: k.tool, Source: several(k.sources), Target: k.target,
			State: k.state, Detail: k.detail, Amounts: k.amounts, Unknown: k.unknown,
		}
		now[k.id] = t
		delete(r.rests, k.id)
		if !observe.Same(r.kernel[k.id], t) {
			r.say(r.names.of(k.id, k.name, k.id), "transfer", t)
		}
	}
	for _, id := range sortedIDs(r.kernel) {
		if _, still := now[id]; !still {
			t := r.kernel[id]
			t.State, t.Detail = kernelEnd(t, texts)
			if r.rests[id]++; t.State == observe.TransferRunning || t.State == observe.TransferFailed && r.rests[id] < kernelRests {
				now[id] = r.kernel[id] // a disk is taken in a moment after its last block was written
				continue
			}
			delete(r.rests, id)
			if t.State == observe.TransferDone {
				t.Amounts = whole(t.Amounts)
			}
			r.say(r.names.byID[id], "transfer", t)
		}
	}
	r.kernel = now
}

// kernelRests is how many scans must find that a copy of the kernel's is over, and its array not whole.
const kernelRests = 3

// whole says of what was counted that all of it was.
func whole(amounts []observe.Amount) []observe.Amount {
	all := slices.Clone(amounts)
	for i := range all {
		all[i].Done = max(all[i].Done, all[i].Total)
	}
	return all
}

func sortedIDs(all map[string]observe.Transfer) []string {
	ids := make([]string, 0, len(all))
	for id := range all {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

// missed tells the end of those that had not ended when the session was left, and are gone. It leaves those of the
// kernel.
func (r *finderRun) missed() {
	kernel := map[string]observe.Transfer{}
	for _, id := range sortedIDs(r.cfg.Left) {
		t := r.cfg.Left[id]
		pid, start, ok := strings.Cut(id, "@")
		n, err := strconv.Atoi(pid)
		if !ok || err != nil {
			kernel[id] = t
			continue
		}
		if st, alive := r.scanner.all[n]; alive && strconv.FormatInt(st.start, 10) == start && !st.ended() {
			continue
		}
		t.State, t.Detail = observe.TransferGone, "it ended while nobody looked"
		if name := r.names.byID[id]; name != "" {
			r.say(name, "transfer", t)
		}
	}
	r.cfg.Left = kernel
}

// keptTarget is where nothing is written to any more: its file system is still looked at for a while, for that may be what
// the end was due to.
type keptTarget struct {
	path  string
	until time.Time
}

const (
	keepTarget  = time.Hour
	keepTargets = 16
)

// keepTargets adds to the paths that are written to those that were until lately, the newest of them.
func (r *finderRun) keepTargets(paths []string, now time.Time) []string {
	for _, p := range r.writing {
		if !slices.Contains(paths, p) {
			r.kept = append(r.kept, keptTarget{p, now.Add(keepTarget)})
		}
	}
	r.writing = paths
	r.kept = slices.DeleteFunc(r.kept, func(k keptTarget) bool { return !now.Before(k.until) || slices.Contains(paths, k.path) })
	r.kept = r.kept[max(len(r.kept)-keepTargets, 0):]
	all := slices.Clone(paths)
	for _, k := range r.kept {
		all = append(all, k.path)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
