package fold

import (
	"strings"
	"time"

	"ronda/internal/observe"
)

// servers are the processes at the other end of the task's sockets, on the same host: while a client waits,
// its database server may work for it. The watcher adds them to the samples when the task itself rests.
type servers struct {
	seen map[int]serverSample
	cpu  float64 // processors used between the two newest samples
	name string
	at   time.Time
}

type serverSample struct {
	start, cpu int64
	at         time.Time
}

// peerPrefix is how the watcher marks such a process in its Command.
const peerPrefix = "peer of "

// serverMemory is how long the newest rate is believed: samples that only differ in their counters come
// twice a minute.
const serverMemory = 45 * time.Second

func (s *servers) add(now time.Time, procs []observe.Proc) {
	seen, cpu := make(map[int]serverSample), 0.0
	for _, p := range procs {
		if !strings.HasPrefix(p.Command, peerPrefix) {
			continue
		}
		seen[p.PID] = serverSample{p.Start, p.CPU, now}
		before, ok := s.seen[p.PID]
		if dt := now.Sub(before.at).Seconds(); ok && before.start == p.Start && dt > 0 {
			cpu += float64(max(p.CPU-before.cpu, 0)) / 1000 / dt
			s.at = now
		}
		s.name = processName(p)
	}
	s.seen, s.cpu = seen, cpu
}

// work is the processors that the servers use, and who they are; 0 when that is not known.
func (s *servers) work(now time.Time) (float64, string) {
	if s.at.IsZero() || now.Sub(s.at) > serverMemory {
		return 0, ""
	}
	return s.cpu, s.name
}
