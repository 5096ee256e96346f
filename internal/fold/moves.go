package fold

import (
	"slices"
	"strings"
	"time"

	"ronda/internal/observe"
	"ronda/internal/words"
)

// moves follows the files that a task holds open, over the last minutes: those it writes by their size, those it
// reads by the place where it reads.
type moves []fileMove

type fileMove struct {
	path  string
	write bool
	at    int64 // bytes: size or place
	size  int64 // of the file; negative: not known
	moved time.Time
	marks [2]fileMark // an older and a newer, movesSpan apart at least
}

type fileMark struct {
	t  time.Time
	at int64
}

// movesSpan is half of the time that growth is told over.
const movesSpan = 150 * time.Second

// movesFrom is the least move that is told, in bytes: a log that grows by its lines is told otherwise.
const movesFrom = 64 << 10

// add takes in the files of a sample. Those that are no longer among them are forgotten.
func (m *moves) add(now time.Time, files []observe.OpenFile) {
	fresh := make(moves, 0, len(files))
	for _, f := range files {
		at := f.Pos
		if f.Write {
			at = max(f.Size, f.Pos)
		}
		one := fileMove{path: f.Path, write: f.Write, at: at, moved: now, marks: [2]fileMark{{now, at}, {now, at}}}
		if i := slices.IndexFunc(*m, func(o fileMove) bool { return o.path == f.Path && o.write == f.Write }); i >= 0 {
			one = (*m)[i].next(now, at)
		}
		one.size = f.Size
		if !slices.ContainsFunc(fresh, func(o fileMove) bool { return o.path == one.path && o.write == one.write }) {
			fresh = append(fresh, one)
		}
	}
	*m = fresh
}

func (f fileMove) next(now time.Time, at int64) fileMove {
	switch {
	case at < f.at:
		f.marks = [2]fileMark{{now, at}, {now, at}}
		f.moved = now
	case at > f.at:
		f.moved = now
	}
	f.at = at
	if now.Sub(f.marks[1].t) >= movesSpan {
		f.marks = [2]fileMark{f.marks[1], {now, at}}
	}
	return f
}

// remark tells of the file that moved most; empty when none did.
func (m moves) remark(now time.Time) observe.Evidence {
	best := -1
	for i, f := range m {
		if f.by() >= movesFrom && (best < 0 || f.by() > m[best].by()) {
			best = i
		}
	}
	if best < 0 {
		return observe.Evidence{}
	}
	f := m[best]
	name := words.Short(f.path[strings.LastIndexByte(f.path, '/')+1:], 40)
	still := now.Sub(f.moved)
	text := name + " grew "
	if !f.write {
		text = name + " is read: "
	}
	text += words.Bytes(float64(f.by())) + " in " + words.Exact(max(f.moved.Sub(f.marks[0].t), time.Second))
	switch {
	case f.write:
		text += ", to " + words.Bytes(float64(f.at))
	case f.size > 0:
		text += ", now at " + words.Percent(min(float64(f.at)/float64(f.size), 1)) + " of " + words.Bytes(float64(f.size))
	}
	const rests = time.Minute
	if still > rests {
		return observe.Evidence{Text: text + "; not for " + words.Exact(still)}
	}
	return observe.Evidence{For: true, Text: text, At: f.moved}
}

// by is how much it moved since the older mark, in bytes.
func (f fileMove) by() int64 { return f.at - f.marks[0].at }
