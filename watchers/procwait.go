package watchers

import (
	"fmt"
	"strings"

	"ronda/internal/observe"
)

// wait is what is known of where a process waits.
type wait struct {
	wchan  string
	call   sysCall
	target string
	state  byte // of the thread that tells most; 0: the main thread's

	links map[int]string // descriptors and what they are, read in epoch
	epoch int            // the member's epoch that all this holds for

	blocker  observe.Blocker
	words    string
	question string // what stands on its screen

	server  bool // the blocker is its server's
	asked   int  // tick at which the words were found out; 0: not yet
	seeking look // what they were found out about

	raw     string // the syscall text of the uninterruptible wait
	stuck   int    // samples in a row for which that wait has been the same
	pulse   string // what the storage behind it had answered when it was last asked
	pulseAt int    // tick at which it had first answered so much
}

// stay notes whether the process is still in the same uninterruptible wait after so many samples. A raw
// syscall text tells one from the next; it is not always asked for.
func (w *wait) stay(deep bool, raw string, asked bool, samples int) {
	switch {
	case !deep:
		w.raw, w.stuck, w.pulse = "", 0, ""
		return
	case asked && raw != w.raw:
		w.raw, w.stuck, w.pulse = raw, 0, ""
	}
	w.stuck += samples
}

// deep tells whether a thread waits where no signal reaches it: in state D, or for the program behind a FUSE
// file system, for which the kernel first waits in state S. The program itself waits there too, for questions.
func deep(state byte, wchan string) bool {
	return state == 'D' || strings.HasPrefix(wchan, "request_wait_answer")
}

// hindrance is what the kernel shows at once of why a process does not move. Some need a second look
// elsewhere before they are said: who holds the lock, who is to read the pipe.
type hindrance struct {
	class   observe.Blocker // empty: nothing concrete
	words   string
	look    look   // what else must be looked at
	subject string // what the look is about: a pipe, a file
}

// look is what must be looked at before a hindrance can be said.
type look int

const (
	lookNowhere look = iota
	lookLock
	lookPipe
	lookFrozen
	lookPeer
	lookStorage
)

// needsLinks tells whether the process's descriptors must be known to say what it waits for.
func (w *wait) needsLinks() bool {
	return w.call.fd() >= 0 || w.call.forever() || waitsForNetwork(w.call.name)
}

func waitsForNetwork(call string) bool {
	switch call {
	case "poll", "ppoll", "select", "pselect6", "epoll_wait", "epoll_pwait", "epoll_pwait2":
		return true
	default:
		return false
	}
}

// hinder tells what keeps a process from moving that has not moved since the sample before, by its state,
// the call it waits in and what the call works on. Nothing is guessed: where the kernel does not show it,
// there is none.
func hinder(st procStat, w *wait) hindrance {
	target, state := w.target, st.state
	if w.state != 0 {
		state = w.state
	}
	switch {
	case st.state == 't':
		return hindrance{class: observe.BlockerStopped, words: "is stopped by a debugger or tracer"}
	case st.state == 'T':
		return stopped(st, w)
	case w.wchan == "__refrigerator" || w.wchan == "get_signal" || w.wchan == "do_freezer_trap":
		return hindrance{class: observe.BlockerFrozen, words: "is frozen with its control group", look: lookFrozen}
	case deep(state, w.wchan):
		return hindrance{class: observe.BlockerStorage, look: lookStorage, subject: target}
	case w.call.setsLock():
		return hindrance{class: observe.BlockerLock, words: lockWords(target), look: lookLock, subject: target}
	case isTerminal(target) && readsFrom(w.call):
		if !mayRead(st, target) {
			return hindrance{}
		}
		return hindrance{class: observe.BlockerInput, words: "waits for input at " + terminalPath(st, target)}
	case isTerminal(target) && writesTo(w.call):
		return hindrance{class: observe.BlockerOutput, words: "waits to write to " + terminalPath(st, target) + ", which is frozen (^S) or read by nobody"}
	case writesTo(w.call) && (strings.HasPrefix(target, "pipe:") || strings.Contains(w.wchan, "pipe_write")): // a fifo has a path
		return hindrance{class: observe.BlockerPipe, words: "waits for a reader of its full pipe", look: lookPipe, subject: target}
	case strings.HasPrefix(target, "socket:") || waitsForNetwork(w.call.name) && hasSocket(w.links):
		return hindrance{class: observe.BlockerPeer, look: lookPeer}
	default:
		return hindrance{}
	}
}

// stopped says why a process is stopped. One that was stopped for reading from the terminal in the
// background (SIGTTIN) still stands in that call.
func stopped(st procStat, w *wait) hindrance {
	words := fmt.Sprintf("is stopped (SIGSTOP or ^Z); kill -CONT %d lets it go on", st.pid)
	if st.tty != 0 && !st.foreground() && isTerminal(w.target) {
		switch {
		case readsFrom(w.call):
			words = "is stopped in the background, for it wants input from " + terminalPath(st, w.target) + " (SIGTTIN)"
		case writesTo(w.call):
			words = "is stopped in the background, for it wants to write to " + terminalPath(st, w.target) + " (SIGTTOU)"
		}
	}
	return hindrance{class: observe.BlockerStopped, words: words}
}

// readsFrom tells whether a call waits for something to read from its target, or for its target alone.
func readsFrom(c sysCall) bool {
	switch c.name {
	case "read", "readv":
		return true
	default:
		return c.forever()
	}
}

func writesTo(c sysCall) bool { return c.name == "write" || c.name == "writev" }

// mayRead tells whether a person's answer at this terminal reaches the process: of its own controlling
// terminal it must be in the foreground.
func mayRead(st procStat, target string) bool {
	own := "/dev/" + ttyName(st.tty)
	return target != "/dev/tty" && target != own || st.foreground()
}

// terminalPath names the terminal that /dev/tty stands for.
func terminalPath(st procStat, target string) string {
	if target == "/dev/tty" && st.tty != 0 {
		return "/dev/" + ttyName(st.tty)
	}
	return target
}

func lockWords(target string) string { return "waits for a lock on " + orElse(target, "a file") }

// resolve finds what the call works on. A poll without a timeout names no descriptor that could be read
// here; but when a process polls for one descriptor and holds none that can be waited for except a
// terminal, it waits for that. One more may be for the signals that it is sent.
func (w *wait) resolve() {
	w.target = ""
	if fd := w.call.fd(); fd >= 0 && (w.call.forever() || !waitsForNetwork(w.call.name)) {
		w.target = printable(w.links[fd], 512)
		return
	}
	if w.call.forever() && (w.call.name == "poll" || w.call.name == "ppoll") && w.call.args[1] <= 1+w.signals() {
		w.target = onlyTerminal(w.links)
	}
}

const signalFD = "anon_inode:[signalfd]"

// signals is how many descriptors for signals the process holds, one at most.
func (w *wait) signals() uint64 {
	for _, target := range w.links {
		if target == signalFD {
			return 1
		}
	}
	return 0
}

// onlyTerminal returns the terminal among descriptors of which nothing else can be waited for.
func onlyTerminal(links map[int]string) string {
	terminal := ""
	for fd := range 1 << 10 { // the lowest one: standard input where it is the terminal
		if target := links[fd]; terminal == "" && isTerminal(target) {
			terminal = target
		}
	}
	for _, target := range links {
		switch {
		case isTerminal(target), target == "/dev/null", target == signalFD:
		case strings.HasPrefix(target, "/dev/"), !strings.HasPrefix(target, "/"):
			return "" // a socket, a pipe, an event, another device
		}
	}
	return terminal
}

func hasSocket(links map[int]string) bool {
	for _, target := range links {
		if strings.HasPrefix(target, "socket:") {
			return true
		}
	}
	return false
}

// promptShell tells whether a member is a shell at its prompt that the work was started from, rather than a
// question that the work asks: it has no script, and only shells and session starters stand above it.
func (t *tree) promptShell(m *member) bool {
	if !bareShell(m.stat.name, m.command) || m.stat.tty == 0 {
		return false
	}
	if m.stat.session != m.stat.pid && m.stat.name == "bash" && m.wait.call.name == "read" {
		return false // a copy of the shell that runs a part of a script: at a prompt it would be in pselect6
	}
	for m.stat.pid != t.root.pid {
		parent := t.members[m.stat.parent]
		if parent == nil {
			return true
		}
		switch {
		case bareShell(parent.stat.name, parent.command):
		case parent.stat.name == "su", parent.stat.name == "sudo", parent.stat.name == "script", boundary(parent.stat.name):
		default:
			return false
		}
		m = parent
	}
	return true
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
