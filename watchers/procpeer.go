package watchers

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
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
	client int    // the member's pid
	title  string // its command line as it is now
}

// followPeers looks up peers when it is time, and forgets them when the tree moves.
func (j *job) followPeers(ctx context.Context) error {
	if j.still == 0 {
		for _, p := range j.peers {
			if m := j.tree.members[p.client]; m != nil && (m.wait.blocker == "" || m.wait.server) {
				m.wait.blocker, m.wait.words, m.wait.server = "", "", false
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
		if (m.wait.blocker == "" || m.wait.server) && (strings.HasPrefix(m.wait.target, "socket:") || waitsForNetwork(m.wait.call.name) && hasSocket(m.wait.links)) {
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
			peers = append(peers, peer{member: &member{stat: st}, client: p.client})
		}
	}
	j.peers = peers
	return nil
}

// request returns the files to read of a peer. PostgreSQL says in its command line what a backend does. That of others
// is not asked for: reading it takes a lock on the process's memory, which a thread that waits for a dead disk may hold.
func (p *peer) request() []string {
	files := []string{procFile(p.stat.pid, "stat"), procFile(p.stat.pid, "io")}
	if p.stat.name == "postgres" && p.stat.state != 'D' {
		files = append(files, procFile(p.stat.pid, "cmdline"))
	}
	return files
}

// takePeers puts what was read into the peers, and says of their clients what they wait for: the server, and
// what hinders it where that can be seen.
func (j *job) takePeers(texts map[string]string) {
	j.peers = slices.DeleteFunc(j.peers, func(p peer) bool { return !p.take(texts) })
	for i := range j.peers {
		p := &j.peers[i]
		if title, ok := texts[procFile(p.stat.pid, "cmdline")]; ok {
			p.title = printable(strings.TrimSpace(title), commandLimit)
		}
		m := j.tree.members[p.client]
		if m == nil || m.wait.blocker != "" && !m.wait.server {
			continue
		}
		m.wait.words = fmt.Sprintf("waits for its server %s (pid %d)", p.stat.name, p.stat.pid)
		m.wait.blocker = ""
		switch {
		case p.idle == 0:
			m.wait.words += ", which works"
		case p.waitsForLock():
			m.wait.blocker = observe.BlockerLock
			m.wait.words = fmt.Sprintf("waits for its server: PostgreSQL backend %d waits for a lock (%s)", p.stat.pid, commandLine(p.title))
		case p.stat.state == 'T':
			m.wait.blocker = observe.BlockerStopped
			m.wait.words += fmt.Sprintf(", which is stopped; kill -CONT %d lets it go on", p.stat.pid)
		}
		m.wait.server = m.wait.blocker != ""
		p.command = fmt.Sprintf("peer of %s (pid %d)", m.stat.name, m.stat.pid)
	}
}

// waitsForLock tells whether the peer is a PostgreSQL backend that says in its title that it waits for a
// heavyweight lock: "postgres: app shop [local] ALTER TABLE waiting" (update_process_title is on by default).
func (p *peer) waitsForLock() bool {
	return p.stat.name == "postgres" && strings.HasPrefix(p.title, "postgres: ") && strings.HasSuffix(p.title, " waiting")
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
