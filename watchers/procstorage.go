package watchers

import (
	"context"
	"fmt"
	"sort"
	"strings"

	"ronda/internal/observe"
)

// A process in an uninterruptible wait (state D) is one whose call is with a disk or a network file system.
// On a slow disk that is healthy, even for minutes in one call: fsync of a large file. It is a hindrance only
// where the wait is the same over several samples, nothing of the process moves, and the storage behind it
// answers nobody either: no request to that disk was completed, nothing came from that server. Where it
// cannot be told which storage is behind it, no disk of the host may have completed one.

// Of a wait that goes on, in samples: when the storage is asked first, how often again, and how long it must
// have answered nothing.
const (
	storageFirst    = 2
	againStorage    = 2
	storagePatience = 4
)

// lookStorage says which members wait for a storage that does not answer.
func (j *job) lookStorage(ctx context.Context, looks map[look][]*member) error {
	for _, m := range looks[lookStorage] {
		w := &m.wait
		if w.stuck < storageFirst || !j.due(m, againStorage) {
			continue
		}
		behind, known, err := j.mountOf(ctx, m)
		if err != nil {
			return err
		}
		pulse, ok, err := j.pulse(ctx, m, behind, known)
		if err != nil {
			return err
		}
		if !ok || pulse != w.pulse {
			w.pulse, w.pulseAt, w.blocker, w.words = pulse, j.tick, "", ""
			continue
		}
		if j.tick-w.pulseAt >= storagePatience {
			w.blocker, w.words = observe.BlockerStorage, storageWords(w, behind, known)
		}
	}
	return nil
}

// mountOf finds the file system of the file that a member's call works on.
func (j *job) mountOf(ctx context.Context, m *member) (mount, bool, error) {
	fd := m.wait.call.fd()
	if fd < 0 || !strings.HasPrefix(m.wait.target, "/") {
		return mount{}, false, nil
	}
	info := procFile(m.stat.pid, fmt.Sprintf("fdinfo/%d", fd))
	texts, err := j.procs.ReadFiles(ctx, info)
	if err != nil {
		return mount{}, false, fmt.Errorf("read %s: %w", info, err)
	}
	fi, ok := parseFDInfo(texts[info])
	if !ok {
		return mount{}, false, nil
	}
	mounts, err := j.readMounts(ctx, m.stat.pid)
	found, known := mounts[fi.mount]
	return found, known, err
}

// pulse is a text that changes when the storage behind a mount answers; ok is false when that cannot be seen.
func (j *job) pulse(ctx context.Context, m *member, behind mount, known bool) (text string, ok bool, err error) {
	stats, disks := procFile(m.stat.pid, "mountstats"), "/proc/diskstats"
	file := disks
	switch {
	case m.wait.frozen(), m.wait.starts(), m.wait.fuse(), !known && m.wait.rpc():
		return "no disk", true, nil // what it waits for is plain, or answers this call and no other
	case known && strings.HasPrefix(behind.kind, "nfs"):
		file = stats
	case known && behind.remote():
		return "a server", true, nil // whether it answers others cannot be seen; this call it does not
	}
	texts, err := j.procs.ReadFiles(ctx, file)
	if err != nil {
		return "", false, fmt.Errorf("read %s: %w", file, err)
	}
	if file == stats {
		text, ok = received(texts[stats], behind.point)
		return text, ok, nil
	}
	devices := pulses(texts[disks])
	if of, listed := devices[behind.device]; known && listed {
		return of, true, nil
	}
	all := make([]string, 0, len(devices))
	for device, of := range devices {
		all = append(all, device+" "+of)
	}
	sort.Strings(all)
	return strings.Join(all, "\n"), len(all) > 0, nil
}

// frozen tells whether it waits to be let into a file system that is frozen, as by fsfreeze or a snapshot:
// nothing else keeps this kind of lock for long.
func (w *wait) frozen() bool {
	return strings.HasPrefix(w.wchan, "percpu_rwsem_wait") || strings.HasPrefix(w.wchan, "percpu_down_read")
}

// fuse tells whether it waits for the answer of the program behind a FUSE file system.
func (w *wait) fuse() bool {
	return strings.HasPrefix(w.wchan, "request_wait_answer")
}

// rpc tells whether it waits for the answer of an NFS or SMB server to one question.
func (w *wait) rpc() bool {
	return strings.HasPrefix(w.wchan, "rpc_wait_bit") || strings.HasPrefix(w.wchan, "nfs") || strings.HasPrefix(w.wchan, "wait_for_response")
}

// starts tells whether it waits for a process that it has started with vfork to begin its own program.
func (w *wait) starts() bool {
	return w.call.name == "vfork" || strings.HasPrefix(w.call.name, "clone")
}

// storageWords says what does not return, on what, and where in the kernel it waits: that is what to search for.
func storageWords(w *wait, behind mount, known bool) string {
	call := orElse(w.call.name, "a call")
	if w.call.known && !w.call.inCall {
		call = "a page of its memory"
	}
	place := "D"
	if w.fuse() {
		place = "waiting"
	}
	if w.wchan != "" {
		place += ", " + w.wchan
	}
	frozen := w.frozen()
	verb := "does not return"
	if w.target != "" && strings.HasPrefix(w.target, "/") {
		call += " to " + w.target
		if readsFrom(w.call) || strings.HasPrefix(w.call.name, "pread") {
			call = strings.Replace(call, " to ", " of ", 1)
		}
	}
	switch {
	case w.starts():
		return fmt.Sprintf("waits, out of reach of any signal, for a process that it has started with %s and that has not begun its program yet (%s)", w.call.name, place)
	case frozen && known:
		return fmt.Sprintf("waits for a frozen file system (%s): %s %s (%s)", behind, call, verb, place)
	case frozen:
		return fmt.Sprintf("waits for a frozen file system: %s %s (%s)", call, verb, place)
	case w.fuse() && !known:
		return fmt.Sprintf("waits for the program behind a FUSE file system: %s %s (%s)", call, verb, place)
	case w.rpc() && !known:
		return fmt.Sprintf("waits for the server of a network file system: %s %s (%s)", call, verb, place)
	case known && strings.HasPrefix(behind.kind, "fuse"):
		return fmt.Sprintf("waits for the program behind a file system (%s): %s %s (%s)", behind, call, verb, place)
	case known && behind.remote():
		return fmt.Sprintf("waits for a network file system (%s): %s %s (%s)", behind, call, verb, place)
	case known:
		return fmt.Sprintf("waits for the disk of %s: %s %s (%s)", behind, call, verb, place)
	default:
		return fmt.Sprintf("is in an uninterruptible wait that does not move: %s %s, and no disk of this host has answered since (%s)", call, verb, place)
	}
}
