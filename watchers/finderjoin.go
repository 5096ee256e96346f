package watchers

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// neighboursMost bounds how many processes that are no copies themselves are asked for their pipes in one scan.
const neighboursMost = 64

// node is a process as far as it is joined with others.
type node struct {
	stat  procStat
	links map[int]string
	copy  *suspect // nil: one between two copies, such as sed in "mysqldump | sed | gzip"
	group int
}

// writesInto tells whether what a writes to its standard output, or to another descriptor of its own, is what b
// reads on its standard input, or the like. Two that only share where their messages go are not joined.
func (a *node) writesInto(b *node) bool {
	if out := a.links[1]; strings.HasPrefix(out, "pipe:") {
		for fd, in := range b.links {
			if in == out && fd != 1 && fd != 2 && b.links[1] != out {
				return true
			}
		}
	}
	if in := b.links[0]; strings.HasPrefix(in, "pipe:") {
		for fd, out := range a.links {
			if in == out && fd != 0 && fd != 2 && a.links[0] != in {
				return true
			}
		}
	}
	return false
}

// join puts together the processes that make one copy, and returns its groups. Those that a copy has started belong
// to it, and those that it is joined with over pipes, through others too.
func join(copies []*suspect, neighbours []*node, all map[int]procStat) [][]*node {
	nodes := make([]*node, 0, len(copies)+len(neighbours))
	byPID := map[int]*node{}
	for _, s := range copies {
		n := &node{stat: s.stat, links: s.links, copy: s, group: len(nodes)}
		nodes, byPID[s.stat.pid] = append(nodes, n), n
	}
	edges := pipesBetween(append(nodes, neighbours...))
	for _, n := range between(neighbours, edges) {
		n.group = len(nodes)
		nodes = append(nodes, n)
	}
	unite := func(a, b *node) {
		from, to := max(a.group, b.group), min(a.group, b.group)
		for _, n := range nodes {
			if n.group == from {
				n.group = to
			}
		}
	}
	kept := map[*node]bool{}
	for _, n := range nodes {
		kept[n] = true
	}
	for _, e := range edges {
		if kept[e[0]] && kept[e[1]] && e[0].group != e[1].group {
			unite(e[0], e[1])
		}
	}
	for _, n := range nodes {
		if up := ancestorAmong(n.stat, all, byPID); up != nil && up.group != n.group {
			unite(n, up)
		}
	}
	groups := make([][]*node, len(nodes))
	for _, n := range nodes {
		groups[n.group] = append(groups[n.group], n)
	}
	return slices.DeleteFunc(groups, func(g []*node) bool { return len(g) == 0 })
}

// pipesBetween returns who writes into whom.
func pipesBetween(nodes []*node) [][2]*node {
	byPipe := map[string][]*node{}
	var pipes []string
	for _, n := range nodes {
		mine := map[string]bool{}
		for _, target := range n.links {
			if strings.HasPrefix(target, "pipe:") && !mine[target] {
				mine[target] = true
				if byPipe[target] == nil {
					pipes = append(pipes, target)
				}
				byPipe[target] = append(byPipe[target], n)
			}
		}
	}
	slices.Sort(pipes)
	var edges [][2]*node
	for _, p := range pipes {
		for _, a := range byPipe[p] {
			for _, b := range byPipe[p] {
				if a != b && a.writesInto(b) {
					edges = append(edges, [2]*node{a, b})
				}
			}
		}
	}
	return edges
}

// between keeps those that stand between two others: that read from one and write to one.
func between(neighbours []*node, edges [][2]*node) []*node {
	kept := map[*node]bool{}
	for _, n := range neighbours {
		kept[n] = true
	}
	for again := true; again; {
		again = false
		for _, n := range neighbours {
			if !kept[n] {
				continue
			}
			var reads, writes bool
			for _, e := range edges {
				reads = reads || e[1] == n && (e[0].copy != nil || kept[e[0]])
				writes = writes || e[0] == n && (e[1].copy != nil || kept[e[1]])
			}
			if !reads || !writes {
				kept[n], again = false, true
			}
		}
	}
	return slices.DeleteFunc(slices.Clone(neighbours), func(n *node) bool { return !kept[n] })
}

func ancestorAmong(st procStat, all map[int]procStat, among map[int]*node) *node {
	for range 100 { // a loop of parents can only come from a torn reading
		parent, ok := all[st.parent]
		if !ok || boundary(parent.name) {
			return nil
		}
		if n := among[parent.pid]; n != nil {
			return n
		}
		st = parent
	}
	return nil
}

// neighbours returns those in the process groups of copies that may stand between two of them: of copies that write
// into a pipe, or read from one, at whose other end no copy is.
func (r *finderRun) neighbours(ctx context.Context, copies []*suspect) ([]*node, error) {
	ends := map[string]int{}
	for _, s := range copies {
		for _, fd := range []int{0, 1} {
			if p := s.links[fd]; strings.HasPrefix(p, "pipe:") {
				ends[p]++
			}
		}
	}
	groups := map[int]bool{}
	known := map[int]bool{}
	for _, s := range copies {
		known[s.stat.pid] = true
		if ends[s.links[0]] == 1 || ends[s.links[1]] == 1 {
			groups[s.stat.group] = true
		}
	}
	var found []*node
	var dirs []string
	for _, pid := range keys(r.scanner.all) {
		st := r.scanner.all[pid]
		if groups[st.group] && !known[pid] && !st.ended() && len(found) < neighboursMost {
			found = append(found, &node{stat: st})
			dirs = append(dirs, "/proc/"+strconv.Itoa(pid)+"/fd")
		}
	}
	if len(found) == 0 {
		return nil, nil
	}
	links, err := r.cfg.Procs.ReadLinks(ctx, dirs...)
	if err != nil {
		return nil, fmt.Errorf("read pipes: %w", err)
	}
	all := byProcess(links)
	for _, n := range found {
		n.links = all[n.stat.pid]
	}
	return found, nil
}

// leaderOf returns the process that stands for a copy: one that is a copy of its own, and no child of another such
// one; the oldest of those. nil: the group only passes things on.
func leaderOf(group []*node, all map[int]procStat) *suspect {
	leaders := map[int]*node{}
	for _, n := range group {
		if n.copy != nil && n.copy.move.leader {
			leaders[n.stat.pid] = n
		}
	}
	var best *suspect
	for _, pid := range keys(leaders) {
		n := leaders[pid]
		if ancestorAmong(n.stat, all, leaders) == nil && (best == nil || older(n.stat, best.stat) < 0) {
			best = n.copy
		}
	}
	return best
}
