package score

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"ronda/internal/observe"
)

// trouble is what befalls a simulated job.
type trouble struct {
	kind     string
	style    int
	from, to int // seconds; from 0: nothing befalls it, to 0: it is not lifted
	period   int // of what repeats itself, in seconds
	rate     float64
	credit   float64
	shown    int // how often it showed itself
	symptom  symptom
	question string
	r        *rand.Rand
	late     *observe.Exit // an end that nobody has seen yet
}

// Styles are in how many ways a fault of a kind shows itself.
func styles(kind string) int {
	switch kind {
	case "retry":
		return 6
	case "heartbeat", "disk", "deadlock", "prompt":
		return 3
	case "peer", "lock", "restart":
		return 2
	}
	return 1
}

func newTrouble(r *rand.Rand, sc Scenario, kind Kind, from int) trouble {
	t := trouble{kind: sc.Fault, style: sc.Style % styles(sc.Fault), from: max(from, 20), r: r, period: 4 + r.IntN(16), rate: 0.05}
	if kind.NoLog { // only the system can tell
		t.style = 0
	}
	if t.kind == "heartbeat" {
		t.period = 8 + r.IntN(40)
	}
	if sc.Kind == "copy-bursty" {
		t.rate = 0.02 // its rests are as long as before
	}
	if t.kind == "throttle" {
		t.rate = 0.01 + 0.02*r.Float64()
	}
	if t.kind == "restart" {
		t.period = 20 + r.IntN(50)
	}
	if sc.Lift {
		t.to = t.from + 330 + r.IntN(900)
	}
	t.question = []string{
		"Do you want to continue? [Y/n] ", "*** zimbra.conf (Y/I/N/O/D/Z) [default=N] ? ", "Password: ", "Overwrite existing index? (y/n): ",
		"Enter passphrase for key '/root/.ssh/id_ed25519': ", "What do you want to do about modified configuration file grub? ",
	}[r.IntN(6)]
	t.symptom = symptomOf(t.kind, t.style)
	return t
}

// on tells whether it holds in second s.
func (m *trouble) on(s int) bool { return m.from > 0 && s >= m.from && (m.to == 0 || s < m.to) }

// ends tells whether it is the job's end.
func (m *trouble) ends() bool {
	return slices.Contains([]string{"killed", "oom", "exit", "gone"}, m.kind)
}

// stretches tells whether it stretches the job's second over many: its work is told second by second then.
func (m *trouble) stretches(s int) bool { return m.on(s) && (m.kind == "slow" || m.kind == "throttle") }

// pulls is how many of its seconds the job gets in second s.
func (m *trouble) pulls(s int, last *tick) int {
	if !m.on(s) {
		return 1
	}
	switch m.kind {
	case "slow":
		if last.cpu == 0 && last.io == 0 && last.server == 0 {
			return 1 // its rests are as long as before
		}
		m.credit += m.rate
	case "throttle":
		m.credit += m.rate / max(last.cpu+last.server, m.rate)
	default:
		return 0
	}
	n := int(m.credit)
	m.credit -= float64(n)
	return n
}

// symptom is what the kernel shows of a trouble once it has gone on for so many seconds; zero: nothing.
type symptom struct {
	after        int
	class        observe.Blocker
	state, words string
}

func symptomOf(kind string, style int) symptom {
	if style == 1 && slices.Contains([]string{
		"prompt", // select on the terminal: only the last line tells
		"lock",   // it asks again each second: only the log tells
		"peer",   // it reads: nothing shows that nobody is there
	}, kind) {
		return symptom{}
	}
	return map[string]symptom{
		"prompt":  {1, observe.BlockerInput, "S", ""},
		"stopped": {0, observe.BlockerStopped, "T", "is stopped (SIGSTOP or ^Z)"},
		"frozen":  {6, observe.BlockerFrozen, "D", "is frozen with its control group job"},
		"tty":     {2, observe.BlockerOutput, "S", "waits for its terminal pts/3, which is frozen (^S) or not read"},
		"pipe":    {6, observe.BlockerPipe, "S", "waits for the reader of its full pipe: less (pid 900)"},
		"lock":    {2, observe.BlockerLock, "S", "waits for a lock on /var/lib/dpkg/lock held by apt-get (pid 812)"},
		"dblock":  {8, observe.BlockerLock, "S", "waits for its server: ALTER TABLE waits for a lock"},
		"storage": {8, observe.BlockerStorage, "D", "waits for the disk: write to /mnt/backup does not return"},
		"peer":    {18, observe.BlockerPeer, "S", "waits for its peer 10.0.0.9:873, which does not answer: 5 retransmissions"},
	}[kind]
}

// hinders is what the kernel shows of it in second s.
func (m *trouble) hinders(s int) (class observe.Blocker, words, state string) {
	if !m.on(s) || s-m.from < m.symptom.after {
		return "", "", ""
	}
	return m.symptom.class, m.symptom.words, m.symptom.state
}

// trouble begins and ends what befalls the job.
func (w *world) trouble() {
	m := &w.mood
	if m.from == 0 {
		return
	}
	switch {
	case w.s == m.from:
		w.truth(0, Fault, m.kind)
		if m.ends() {
			w.truth(0, Ended, "failed")
			w.perish()
		}
	case w.s == m.to && m.to > 0:
		w.wake()
		if m.kind == "prompt" {
			w.write(m.question+"y", false)
		}
		w.shape.throttled = 0
		w.truth(0, Healed, "")
		if w.quiet {
			w.truth(0, Silent, "")
		}
	}
}

// perish ends the job badly.
func (w *world) perish() {
	exit := observe.Exit{Known: true}
	switch w.mood.kind {
	case "killed":
		exit.Signal = "SIGKILL"
	case "oom":
		exit.Signal, exit.OOM = "SIGKILL", true
	case "exit":
		exit.Code = 1 + w.r.IntN(3)
		if w.r.IntN(2) == 0 {
			w.write("ERROR: "+w.shape.name+" failed: constraint violated in "+newTexts(w.r).table(), false)
		}
	case "gone":
		exit.Known = false
	}
	w.end(exit)
}

// act is what it does to one second of the job.
func (m *trouble) act(w *world) {
	if !m.on(w.s) {
		return
	}
	age := w.s - m.from
	again := m.period > 0 && age%m.period == 0
	w.shape.serving = false
	switch m.kind {
	case "prompt":
		if age == 0 && m.style != 2 {
			w.write(m.question, true)
		}
	case "slow": // the job's second is stretched over many
		if m.rate > 0 && w.tick.counted {
			w.counted[0] += m.rate * w.stride
		}
		w.shape.did(tick{cpu: m.rate * w.tick.cpu, io: m.rate * w.tick.io, server: m.rate * w.tick.server})
	case "throttle":
		w.shape.throttled = 0.97
		w.shape.did(tick{cpu: m.rate})
	case "lock":
		if m.style == 1 {
			w.shape.wake()
			w.write(fmt.Sprintf("Waiting for cache lock: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 (apt-get)... %ds", age), true)
		}
	case "deadlock":
		if m.style > 0 && age%(2*m.style-1) == 0 {
			w.shape.wake()
		}
	case "disk":
		m.full(w, age, again)
	case "retry":
		m.retry(w, again)
	case "heartbeat":
		if again {
			w.shape.wake()
			w.write([]string{
				fmt.Sprintf("still running (%d s elapsed)", age), fmt.Sprintf("Waiting for volume resync to finish... [%dm%02ds elapsed]", age/60, age%60),
				fmt.Sprintf("... %d:%02d still waiting for the service to come up", age/60, age%60),
			}[m.style], false)
		}
	case "restart":
		m.restart(w, age)
	}
}

// full is a disk without space.
func (m *trouble) full(w *world, age int, again bool) {
	text := []string{"cp: error writing '" + "/srv/copy/part7.dat" + "': No space left on device", "ERROR: could not extend file \"base/16384/2619\": No space left on device", "write error: No space left on device, retrying"}[m.style]
	if age == 1 || m.style == 2 && again {
		w.write(text, false)
		w.shape.wake()
	}
}

// retry is one of the loops that programs get caught in.
func (m *trouble) retry(w *world, again bool) {
	if !again {
		return
	}
	m.shown++
	n := m.shown
	switch m.style {
	case 0:
		w.write(fmt.Sprintf("psql: error: connection to server at \"db1\" (10.0.0.%d), port 5432 failed: Connection refused", 5+n%2), false)
		w.write(fmt.Sprintf("retrying in %d s (attempt %d)", m.period, n), false)
		w.shape.did(tick{cpu: 0.03, io: 20e3})
	case 1:
		w.write("WARN  lock wait timeout exceeded; try restarting transaction", false)
		w.shape.did(tick{cpu: 0.08, io: 60e3})
	case 2:
		w.write(fmt.Sprintf("java.net.ConnectException: Connection refused (request %08x)", m.r.Uint32()), false)
		for _, at := range []string{
			"PlainSocketImpl.socketConnect(Native Method)", "AbstractPlainSocketImpl.doConnect(AbstractPlainSocketImpl.java:350)", "SocksSocketImpl.connect(SocksSocketImpl.java:392)",
			"Socket.connect(Socket.java:589)", "LdapClient.open(LdapClient.java:77)", "ProvUtil.initProvisioning(ProvUtil.java:812)", "Upgrade.run(Upgrade.java:31)", "Main.main(Main.java:12)",
		} {
			w.write("\tat com.example."+at, false)
		}
		w.shape.did(tick{cpu: 0.5, io: 40e3})
	case 3:
		w.write("waiting for database to become available ...", false)
		w.shape.wake()
	case 4:
		w.write(fmt.Sprintf("request %08x-%04x failed: 503 Service Unavailable", m.r.Uint32(), m.r.Uint32()&0xffff), false)
		w.shape.did(tick{cpu: 0.02, io: 9e3})
	case 5: // a whole procedure that ends where it began
		for _, line := range []string{
			"Starting mysql...done.", fmt.Sprintf("mysqld is alive (pid %d)", 2000+m.r.IntN(30000)), "Checking schema version", "Schema version 104 is not what is wanted",
			"ERROR: schema check failed, restarting", "Stopping mysql...done.", "Removing stale socket", "Cleaning up", fmt.Sprintf("Sleeping %d seconds", m.period),
		} {
			w.write(line, false)
		}
		w.shape.did(tick{cpu: 0.6, io: 400e3})
	}
}

// restart is a copy that begins again and again, and never comes farther.
func (m *trouble) restart(w *world, age int) {
	reach := 0.1 + 0.2*float64(m.from%10)/10
	part := reach * float64(age%m.period) / float64(m.period)
	w.shape.did(tick{cpu: 0.2, io: 30e6})
	if w.kind.Counter {
		w.counted[0] = float64(int64(part * max(w.counted[1], 1e9)))
		return
	}
	w.write(fmt.Sprintf("\r%14d %3d%%   31.20MB/s    0:02:11", int64(part*w.counted[1]), int(100*part)), true)
	if age%m.period == m.period-1 {
		w.write("rsync: connection unexpectedly closed (restarting)", false)
	}
}

// wake passes over what is left of a rest: a fault is over when the job goes on.
func (w *world) wake() {
	for range 600 {
		t, ok := w.next()
		if !ok {
			return
		}
		w.tick = t
		w.show(t)
		if t.cpu+t.io+t.server > 0 {
			return
		}
	}
}
