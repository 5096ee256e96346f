package watchers

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A client that waits for its server shows nothing at all: the work is the server's. When nothing in the
// tree moves and a member waits at a socket, the process at the other end on the same host is looked up
// with ss(8), the only one to know, and shown among the processes for as long as the tree stands still. It
// is not of the tree: Count and the totals leave it out.

// How often peers are looked up, in samples of standing still: ss lists all connections of the host.
const (
	peerFirst = 3
	peerAgain = 30
	peerLater = 300
	maxPeers  = 4

	peerPatient = 5 * time.Second // a host with very many connections is not asked for longer
)

// peer is a process that a member waits for.
type peer struct {
	*member
	client int // the member's pid
}

// followPeers looks up peers when it is time, and forgets them when the tree moves.
func (j *job) followPeers(ctx context.Context) error {
	if j.still == 0 {
		for _, p := range j.peers {
			if m := j.tree.members[p.client]; m != nil && m.wait.blocker == "" {
				m.wait.words = ""
			}
		}
		j.peers = nil
		return nil
	}
	if j.cfg.Runner == nil || j.still != peerFirst && j.still != peerAgain && j.still%peerLater != 0 {
		return nil
	}
	clients := map[int]*member{}
	for _, m := range j.tree.order {
		if m.wait.blocker == "" && (strings.HasPrefix(m.wait.target, "socket:") || waitsForNetwork(m.wait.call.name) && hasSocket(m.wait.links)) {
			clients[m.stat.pid] = m
		}
	}
	if len(clients) == 0 {
		return nil
	}
	short, cancel := context.WithTimeout(ctx, peerPatient)
	defer cancel()
	out, _, code, err := j.cfg.Runner.Run(short, "ss -xtnpH 2>/dev/null")
	if err != nil || code != 0 {
		return nil //nolint:nilerr // without ss, or the right to use it, peers are not known; the tree is
	}
	var peers []peer
	for _, p := range peersOf(string(out), clients) {
		if j.tree.members[p.pid] != nil || j.tree.off[p.pid] || len(peers) == maxPeers {
			continue
		}
		if i := slices.IndexFunc(j.peers, func(q peer) bool { return q.stat.pid == p.pid }); i >= 0 {
			peers = append(peers, j.peers[i])
			continue
		}
		stats, err := readStats(ctx, j.procs, procFile(p.pid, "stat"))
		if err != nil {
			return err
		}
		if st, ok := stats[p.pid]; ok {
			peers = append(peers, peer{&member{stat: st}, p.client})
		}
	}
	j.peers = peers
	return nil
}

// takePeers puts what was read into the peers.
func (j *job) takePeers(texts map[string]string) {
	j.peers = slices.DeleteFunc(j.peers, func(p peer) bool { return !p.take(texts) })
	for _, p := range j.peers {
		m := j.tree.members[p.client]
		if m == nil || m.wait.blocker != "" {
			continue
		}
		m.wait.words = fmt.Sprintf("waits for its server %s (pid %d)", p.stat.name, p.stat.pid)
		if p.idle == 0 {
			m.wait.words += ", which works"
		}
		p.command = fmt.Sprintf("peer of %s (pid %d)", m.stat.name, m.stat.pid)
	}
}

// socketPair is two ends of one connection on the same host.
type socketPair struct{ pid, client int }

var ssUser = regexp.MustCompile(`pid=(\d+),fd=`)

// peersOf finds the processes at the other end of the clients' connections in what "ss -xtnpH" prints: rows
// of kind, state, two queues, then for unix sockets path, inode, path and inode of the peer, for TCP the
// two addresses, and the users.
func peersOf(text string, clients map[int]*member) []socketPair {
	byEnd := map[string][]int{} // pids by the name of their end
	type open struct {
		client int
		end    string
	}
	var wanted []open
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		var mine, theirs string
		switch {
		case len(f) >= 8 && strings.HasPrefix(f[0], "u_"):
			mine, theirs = "u"+f[5], "u"+f[7]
		case len(f) >= 6 && f[0] == "tcp":
			mine, theirs = f[4]+">"+f[5], f[5]+">"+f[4]
		default:
			continue
		}
		for _, hit := range ssUser.FindAllStringSubmatch(f[len(f)-1], 8) {
			pid, err := strconv.Atoi(hit[1])
			if err != nil {
				continue
			}
			byEnd[mine] = append(byEnd[mine], pid)
			if clients[pid] != nil {
				wanted = append(wanted, open{pid, theirs})
			}
		}
	}
	var pairs []socketPair
	for _, w := range wanted {
		for _, pid := range byEnd[w.end] {
			if p := (socketPair{pid, w.client}); pid != w.client && !slices.Contains(pairs, p) {
				pairs = append(pairs, p)
			}
		}
	}
	return pairs
}
