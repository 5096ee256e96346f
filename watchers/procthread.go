package watchers

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// threads asks the threads of members that do not move: the main thread of a server only waits for the
// others. The first thread that shows a hindrance tells for all.
func (j *job) threads(ctx context.Context, still []*member) error {
	for _, m := range still {
		if m.stat.threads < 2 || m.stat.threads > maxThreads || m.idle%againThreads != 2 {
			continue
		}
		texts, err := j.procs.ReadFiles(ctx, procFile(m.stat.pid, "task/*/syscall"), procFile(m.stat.pid, "task/*/wchan"), procFile(m.stat.pid, "task/*/stat"))
		if err != nil {
			return fmt.Errorf("read threads: %w", err)
		}
		if m.wait.links == nil {
			m.wait.call = sysCall{known: true, inCall: true, name: "poll"} // any call that needs links
			if err := j.readLinks(ctx, []*member{m}); err != nil {
				return err
			}
		}
		m.wait.state = 0
		main := procFile(m.stat.pid, "task/"+strconv.Itoa(m.stat.pid)+"/syscall")
		j.tell(m, texts, main)
		for _, file := range sortedKeys(texts) {
			if !strings.HasSuffix(file, "/syscall") || file == main {
				continue
			}
			was := m.wait
			j.tell(m, texts, file)
			thread, _ := parseStat(texts[strings.TrimSuffix(file, "syscall")+"stat"])
			if deep(thread.state, m.wait.wchan) {
				m.wait.state = thread.state
			}
			h := hinder(m.stat, &m.wait)
			if h.class != "" && h.class != observe.BlockerPeer {
				m.wait.state = orState(thread.state, m.stat.state)
				m.wait.stay(deep(m.wait.state, m.wait.wchan), texts[file], true, againThreads)
				break
			}
			m.wait = was
		}
	}
	return nil
}

// tell makes a thread the one that tells for its process.
func (j *job) tell(m *member, texts map[string]string, file string) {
	m.wait.wchan = waitPlace(texts[strings.TrimSuffix(file, "syscall")+"wchan"])
	m.wait.call = parseSyscall(texts[file], j.host.machine)
	m.wait.resolve()
}

// busyThreads names where a process works whose main thread only waits: its threads are asked now and then,
// and one that runs, or waits for a disk, tells for the process.
func (j *job) busyThreads(ctx context.Context) error {
	for _, m := range j.tree.order {
		st := m.stat
		if st.threads < 2 || st.threads > maxThreads || m.idle > 0 || m.cpu == 0 && m.bytes == 0 || st.state != 'S' {
			continue
		}
		if (j.tick+st.pid)%busyEvery == 0 {
			if err := j.busyThread(ctx, m); err != nil {
				return err
			}
		}
		if m.busy != 0 {
			m.wait.state, m.wait.wchan, m.wait.call, m.wait.target = m.busy, "", sysCall{}, ""
		}
	}
	return nil
}

// busyEvery is how often, in samples, the threads of a working process are asked.
const busyEvery = 5

func (j *job) busyThread(ctx context.Context, m *member) error {
	texts, err := j.procs.ReadFiles(ctx, procFile(m.stat.pid, "task/*/stat"))
	if err != nil {
		return fmt.Errorf("read threads: %w", err)
	}
	m.busy = 0
	for _, text := range texts {
		st, ok := parseStat(text)
		if ok && (st.state == 'R' || st.state == 'D' && m.busy != 'R') {
			m.busy = st.state
		}
	}
	return nil
}

func orState(state, other byte) byte {
	if state == 0 {
		return other
	}
	return state
}
