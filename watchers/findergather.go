package watchers

import (
	"context"
	"fmt"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"

	"ronda/internal/observe"
)

// gather lets many jobs ask a host together: what all of them want to know next travels as one question. Each job
// runs as if it had the host for itself, and waits until all others have asked too, or have come to their end. So
// the number of questions is that of the job that asks most often, however many there are.
type gather struct {
	procs  Procs
	runner Runner
	asks   chan *ask
	ended  chan struct{}
}

// ask is what one job wants to know.
type ask struct {
	who   int // the job's place: what is asked together is asked in this order, so that it is the same question again
	kind  askKind
	words []string // patterns, folders, paths, or a command
	reply chan answer
}

type askKind int

const (
	askFiles askKind = iota
	askLinks
	askStats
	askHolders
	askCommand
	askKinds
)

// answer is what came back, by kind.
type answer struct {
	texts map[string]string
	infos map[string]observe.FileInfo
	pids  []int
	out   [2][]byte
	code  int
	err   error
}

func newGather(procs Procs, runner Runner) *gather {
	return &gather{procs: procs, runner: runner, asks: make(chan *ask), ended: make(chan struct{})}
}

// run lets each of so many jobs do its work, and returns when all have done it. work is called with a job's place,
// for several at the same time.
func (g *gather) run(ctx context.Context, jobs int, work func(who int)) {
	var running sync.WaitGroup
	for who := range jobs {
		running.Go(func() {
			work(who)
			g.ended <- struct{}{}
		})
	}
	var waiting []*ask
	for left := jobs; left > 0; {
		select {
		case a := <-g.asks:
			waiting = append(waiting, a)
		case <-g.ended:
			left--
		}
		if left > 0 && len(waiting) == left {
			g.serve(ctx, waiting)
			waiting = nil
		}
	}
	running.Wait()
}

// serve asks the host all that jobs wait for.
func (g *gather) serve(ctx context.Context, asks []*ask) {
	sort.SliceStable(asks, func(i, j int) bool { return asks[i].who < asks[j].who })
	for kind := range askKinds {
		var same []*ask
		for _, a := range asks {
			if a.kind == kind {
				same = append(same, a)
			}
		}
		if len(same) == 0 {
			continue
		}
		switch kind {
		case askFiles:
			texts, err := g.procs.ReadFiles(ctx, allWords(same)...)
			share(same, texts, err, func(a *answer, m map[string]string) { a.texts = m })
		case askLinks:
			links, err := g.procs.ReadLinks(ctx, allWords(same)...)
			shareLinks(same, links, err)
		case askStats:
			infos, err := g.procs.StatFiles(ctx, allWords(same)...)
			share(same, infos, err, func(a *answer, m map[string]observe.FileInfo) { a.infos = m })
		default:
			g.each(ctx, same)
		}
	}
}

// allWords returns the words of all asks, each once.
func allWords(asks []*ask) []string {
	seen := map[string]bool{}
	var all []string
	for _, a := range asks {
		for _, w := range a.words {
			if !seen[w] {
				seen[w] = true
				all = append(all, w)
			}
		}
	}
	return all
}

// share gives each who asked what is his of the common answer.
func share[V any](asks []*ask, all map[string]V, err error, put func(*answer, map[string]V)) {
	for _, a := range asks {
		mine := make(map[string]V, len(a.words))
		for _, w := range a.words {
			if strings.ContainsAny(w, "*[") {
				for file, v := range all {
					if ok, _ := path.Match(w, file); ok {
						mine[file] = v
					}
				}
			} else if v, ok := all[w]; ok {
				mine[w] = v
			}
		}
		r := answer{err: err}
		put(&r, mine)
		a.reply <- r
	}
}

// shareLinks does the same for links, which come under their folders.
func shareLinks(asks []*ask, all map[string]string, err error) {
	byDir := map[string][]string{}
	for link := range all {
		byDir[path.Dir(link)] = append(byDir[path.Dir(link)], link)
	}
	for _, a := range asks {
		mine := map[string]string{}
		for _, dir := range a.words {
			for _, link := range byDir[dir] {
				mine[link] = all[link]
			}
		}
		a.reply <- answer{texts: mine, err: err}
	}
}

// each asks one after the other what cannot be asked together. Those who ask the same share the answer.
func (g *gather) each(ctx context.Context, asks []*ask) {
	known := map[string]answer{}
	for _, a := range mergeSpaces(asks) {
		r, ok := known[a.words[0]]
		switch {
		case ok:
		case a.kind == askHolders:
			r.pids, r.err = g.procs.Holders(ctx, a.words[0])
		default:
			short, cancel := context.WithTimeout(ctx, fullPatient)
			r.out[0], r.out[1], r.code, r.err = g.runner.Run(short, a.words[0])
			cancel()
		}
		known[a.words[0]] = r
		a.reply <- r
	}
}

// mergeSpaces makes one command of those that ask for the room on file systems: it answers by path, so that each
// finds his own.
func mergeSpaces(asks []*ask) []*ask {
	var links []string
	merged := func(a *ask) (string, bool) {
		rest, ok := strings.CutPrefix(a.words[0], spaceCommand)
		rest, tail := strings.CutSuffix(rest, spaceQuietly)
		return rest, ok && tail && a.kind == askCommand
	}
	for _, a := range asks {
		if l, ok := merged(a); ok {
			links = append(links, strings.Fields(l)...)
		}
	}
	all := spaceCommand + strings.Join(links[:min(len(links), 4*maxWritables)], " ") + spaceQuietly
	for _, a := range asks {
		if _, ok := merged(a); ok {
			a.words = []string{all}
		}
	}
	return asks
}

// seat is the host as one of the jobs sees it.
type seat struct {
	*gather
	who int
}

var (
	_ Procs  = seat{}
	_ Runner = seat{}
)

func (s seat) ask(kind askKind, words ...string) answer {
	a := &ask{who: s.who, kind: kind, words: words, reply: make(chan answer, 1)}
	s.asks <- a
	return <-a.reply
}

// ReadFiles implements Procs. Its ctx does not shorten the common question.
func (s seat) ReadFiles(_ context.Context, patterns ...string) (map[string]string, error) {
	if len(patterns) == 0 {
		return map[string]string{}, nil
	}
	r := s.ask(askFiles, slices.Clone(patterns)...)
	return r.texts, r.err
}

// ReadLinks implements Procs.
func (s seat) ReadLinks(_ context.Context, dirs ...string) (map[string]string, error) {
	r := s.ask(askLinks, slices.Clone(dirs)...)
	return r.texts, r.err
}

// StatFiles implements Procs.
func (s seat) StatFiles(_ context.Context, paths ...string) (map[string]observe.FileInfo, error) {
	r := s.ask(askStats, slices.Clone(paths)...)
	return r.infos, r.err
}

// Holders implements Procs.
func (s seat) Holders(_ context.Context, path string) ([]int, error) {
	r := s.ask(askHolders, path)
	return r.pids, r.err
}

// Run implements Runner.
func (s seat) Run(_ context.Context, command string) (stdout, stderr []byte, code int, err error) {
	if s.runner == nil {
		return nil, nil, 0, fmt.Errorf("run %s: there is nobody to run commands", firstWord(command))
	}
	r := s.ask(askCommand, command)
	return r.out[0], r.out[1], r.code, r.err
}
