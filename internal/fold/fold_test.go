package fold

import (
	"bufio"
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

var update = flag.Bool("update", false, "write the golden files anew; read the difference before you commit it")

// epoch is when every script begins.
var epoch = time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)

// TestScripts folds the scripts in testdata and compares what was said with the golden file beside each.
// A script has a command a line, after the time at which it happens:
//
//	task NAME [key=value …]     in the plan: host, after, stall, quiet, fresh, loop, expect, done, fail, process, progress
//	host NAME                   in the plan
//	rehearsal FILE              another script, whose tasks are the baselines of those of the same names
//	window END ROLLBACK         in the plan, END after the beginning
//	T line TASK TEXT            a line; partial and backlog stand for line as well
//	T lines TASK N EVERY TEXT   N lines, with # in TEXT counting up
//	T proc TASK key=value …     a sample: cpu (ms), read, write (bytes), state, blocker, waits, tty
//	T server TASK CPU                       a sample in which a server at the other end of a socket has used CPU ms
//	T busy TASK N CPU [WRITE]   N samples, one a second, each with CPU ms and WRITE bytes more
//	T tree TASK N CPU GROWTH STATE CALL TARGET  N samples, one in 5 s, of a job whose child has used CPU ms more and written a file
//	T gone TASK [code=N|signal=S|oom]         the root ended; uptime is T
//	T source TASK NAME STATE WHY
//	T link HOST up|late|down WHY
//	T count TASK DONE TOTAL UNIT
//	T counts TASK N EVERY FROM STEP TOTAL [UNIT]  N readings, of rows if no unit is given
//	T gap DURATION WHY
//	T wait                      time passes until T
//	T show TASK                 prints the ruling with its evidence
//	T groups                    prints the groups
//	finder NAME [key=value …]   in the plan: host, group
//	T move TASK key=value …     a sample of a transfer, as transfer_test.go says
//	T moves TASK N EVERY key=value …  N of them
//	T finder NAME STATE WHY     how well a finder sees
//	T finders                   prints the finders, and the tasks in their order
//	T resume [without]          the session goes on with the same plan, or without its finders
//	T volume HOST MOUNT AVAIL [key=value …]   a sample: size, used, device, inodes, free (inodes), paths (with commas), ro; HOST - is this machine
//	T drain HOST MOUNT N EVERY AVAIL STEP     N samples with STEP less each
//	T copy TASK TARGET AMOUNT …               a sample of a transfer; an amount is OF:DONE:TOTAL[:UNIT[:e]], e for an estimate
//	T copies TASK N EVERY TARGET AMOUNT+STEP …  N samples, DONE of each amount with STEP more each
//	T rooms                     prints the volumes, whether there is room, the end of all and the notes
func TestScripts(t *testing.T) {
	scripts, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(scripts) == 0 {
		t.Fatal("no scripts: ", err)
	}
	for _, file := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			night, shows := compile(t, file)
			got := play(t, night, shows)
			if again := play(t, night, shows); again != got {
				t.Fatalf("the same night folds to something else:\n%s", gocmp.Diff(got, again))
			}
			if read := play(t, recorded(t, night), shows); read != got {
				t.Fatalf("the night read from a file folds to something else:\n%s", gocmp.Diff(got, read))
			}
			golden := strings.TrimSuffix(file, ".txt") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(string(want), got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// recorded is the night as it comes back from a session file.
func recorded(t *testing.T, night []observe.Observation) []observe.Observation {
	t.Helper()
	var e observe.Encoder
	all := make([]observe.Observation, len(night))
	for i, o := range night {
		line, err := e.Append(nil, o)
		if err != nil {
			t.Fatal(err)
		}
		if all[i], err = observe.Decode(line); err != nil {
			t.Fatal(err)
		}
	}
	return all
}

// show is a request to print a task's ruling after an observation.
type show struct {
	at   time.Time
	task string
}

// script is a script being compiled into the night that it tells.
type script struct {
	t     testing.TB
	plan  observe.Plan
	night []observe.Observation
	shows []show
	cpu   map[string]int64
	size  int64
	last  map[string]observe.Process
}

func compile(tb testing.TB, file string) ([]observe.Observation, []show) {
	tb.Helper()
	f, err := os.Open(file)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	s := &script{t: tb, cpu: map[string]int64{}, last: map[string]observe.Process{}}
	var earlier observe.Plan
	in := bufio.NewScanner(f)
	for in.Scan() {
		line := strings.TrimSpace(in.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		words := strings.Fields(line)
		switch words[0] {
		case "task":
			s.plan.Tasks = append(s.plan.Tasks, s.task(words[1], words[2:]))
		case "rehearsal":
			earlier = rehearse(tb, filepath.Join(filepath.Dir(file), words[1]))
		case "window":
			s.plan.Window = &observe.Window{End: epoch.Add(time.Duration(s.duration(words[1]))), Rollback: s.duration(words[2])}
		case "finder":
			s.plan.Finders = append(s.plan.Finders, s.finder(words[1], words[2:]))
		case "host":
			s.plan.Hosts = append(s.plan.Hosts, observe.Host{Name: words[1]})
		default:
			at, err := time.ParseDuration(words[0])
			if err != nil {
				tb.Fatalf("%s: %v", line, err)
			}
			s.command(epoch.Add(at), words[1], words[2:])
		}
	}
	for i, task := range s.plan.Tasks {
		for _, then := range earlier.Tasks {
			if then.Name == task.Name {
				s.plan.Tasks[i].Baseline = then.Baseline
			}
		}
	}
	for i, f := range s.plan.Finders {
		for _, then := range earlier.Finders {
			if then.Name == f.Name {
				s.plan.Finders[i].Earlier = then.Earlier
			}
		}
	}
	slices.SortStableFunc(s.night, func(a, b observe.Observation) int { return a.At.Compare(b.At) })
	slices.SortStableFunc(s.shows, func(a, b show) int { return a.at.Compare(b.at) })
	head := observe.Observation{At: epoch, Payload: observe.Session{Format: 1, Title: "script", Plan: s.plan}}
	return append([]observe.Observation{head}, s.night...), s.shows
}

// rehearse folds another script and returns how its tasks went.
func rehearse(tb testing.TB, file string) observe.Plan {
	tb.Helper()
	night, _ := compile(tb, file)
	s := New(Options{})
	for _, o := range night {
		s.Apply(o)
	}
	return s.Rehearsal(strings.TrimSuffix(filepath.Base(file), ".txt") + ".jsonl")
}

func (s *script) task(name string, words []string) observe.Task {
	task := observe.Task{Name: name}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		value = strings.ReplaceAll(value, "_", " ")
		switch key {
		case "host":
			task.Host = value
		case "after":
			task.After = value
		case "stall":
			task.Stall = s.duration(value)
		case "phase":
			task.Patterns.Phase = append(task.Patterns.Phase, value)
		case "quiet":
			task.Quiet = s.duration(value)
		case "fresh":
			task.Fresh = s.duration(value)
		case "loop":
			task.Loop = s.duration(value)
		case "expect":
			task.Expect = s.duration(value)
		case "done":
			task.Patterns.Done = append(task.Patterns.Done, value)
		case "fail":
			task.Patterns.Fail = append(task.Patterns.Fail, value)
		case "group":
			task.Group = value
		case "log":
			task.Log = value
		case "transfer":
			task.Transfer = &observe.TransferRef{Host: task.Host, Path: value}
		case "process":
			task.Process = &observe.ProcessRef{Match: value}
		case "deadline":
			task.Deadline = epoch.Add(time.Duration(s.duration(value)))
		case "planned":
			task.Planned = epoch.Add(time.Duration(s.duration(value)))
		case "to", "total", "ratio", "volume":
			s.writes(&task, key, value)
		default:
			s.t.Fatalf("task %s: unknown key %s", name, key)
		}
	}
	return task
}

func (s *script) duration(text string) observe.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		s.t.Fatal(err)
	}
	return observe.Duration(d)
}

func (s *script) number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *script) add(at time.Time, task, source string, p observe.Payload) {
	host := ""
	for _, t := range s.plan.Tasks {
		if t.Name == task {
			host = t.Host
		}
	}
	s.night = append(s.night, observe.Observation{Seq: uint64(len(s.night) + 2), At: at, Origin: observe.Origin{Task: task, Host: host, Source: source}, Payload: p})
}

func (s *script) command(at time.Time, verb string, w []string) {
	text := func(from int) string { return strings.Join(w[min(from, len(w)):], " ") }
	switch verb {
	case "line", "partial", "backlog":
		s.add(at, w[0], "log", observe.Line{File: "/log", Text: text(1), Partial: verb == "partial", Backlog: verb == "backlog"})
	case "lines":
		for i := range s.number(w[1]) {
			every := time.Duration(s.duration(w[2]))
			s.add(at.Add(time.Duration(i)*every), w[0], "log", observe.Line{File: "/log", Text: strings.ReplaceAll(text(3), "#", strconv.FormatInt(i+1, 10))})
		}
	case "proc":
		s.add(at, w[0], "process", s.proc(w[0], w[1:]))
	case "server":
		p := s.proc(w[0], nil)
		p.Procs = append(p.Procs, observe.Proc{PID: 200, Name: "mysqld", Command: "peer of job (pid 100)", State: "S", CPU: s.number(w[1])})
		s.add(at, w[0], "process", p)
	case "busy":
		var write []string
		if len(w) > 3 {
			write = []string{"write=" + w[3]}
		}
		for i := range s.number(w[1]) {
			s.cpu[w[0]] += s.number(w[2])
			s.add(at.Add(time.Duration(i)*time.Second), w[0], "process", s.proc(w[0], write))
		}
	case "tree":
		for i := range s.number(w[1]) {
			s.add(at.Add(time.Duration(i)*5*time.Second), w[0], "process", s.tree(w[0], s.number(w[2]), s.number(w[3]), w[4:]))
		}
	case "gone":
		e := gone(w[1:])
		e.Uptime = at.Sub(epoch).Milliseconds() + 1000
		s.add(at, w[0], "process", e)
	case "source":
		s.add(at, w[0], w[1], observe.Source{State: observe.SourceState(w[2]), Why: text(3)})
	case "link":
		s.night = append(s.night, observe.Observation{At: at, Origin: observe.Origin{Host: w[0]}, Payload: observe.Link{Up: w[1] != "down", Late: w[1] == "late", Detail: text(2)}})
	case "count":
		done, total := float64(s.number(w[1])), float64(s.number(w[2]))
		s.add(at, w[0], "progress", observe.Counter{Name: "rows", Done: &done, Total: &total, Unit: text(3)})
	case "counts":
		every, done, total := time.Duration(s.duration(w[2])), float64(s.number(w[3])), float64(s.number(w[5]))
		unit := "rows"
		if len(w) > 6 {
			unit = w[6]
		}
		for i := range s.number(w[1]) {
			d := done + float64(i)*float64(s.number(w[4]))
			s.add(at.Add(time.Duration(i)*every), w[0], "progress", observe.Counter{Name: "rows", Done: &d, Total: &total, Unit: unit})
		}
	case "gap":
		d := time.Duration(s.duration(w[0]))
		s.night = append(s.night, observe.Observation{At: at.Add(d), Payload: observe.Gap{From: at, To: at.Add(d), Why: text(1)}})
	case "wait":
		s.night = append(s.night, observe.Observation{At: at, Payload: observe.Alert{}}) // a fold ignores it
	case "show":
		s.shows = append(s.shows, show{at, w[0]})
	case "groups":
		s.shows = append(s.shows, show{at, ""})
	case "finders":
		s.shows = append(s.shows, show{at, finders})
	case "move", "moves", "finder", "resume":
		s.moveCommand(at, verb, w)
	case "rooms":
		s.shows = append(s.shows, show{at, roomsShow})
	case "volume", "drain", "copy", "copies":
		s.space(at, verb, w)
	default:
		s.t.Fatalf("unknown command %s", verb)
	}
}

func (s *script) proc(task string, words []string) observe.Process {
	p := s.last[task]
	if p.Root == 0 {
		p = observe.Process{Found: "writes /log", Root: 100, Count: 1, IO: &observe.ProcessIO{}, Procs: []observe.Proc{{PID: 100, Name: "job", State: "S"}}}
	}
	io, proc := *p.IO, p.Procs[0]
	proc.Blocker, proc.Waits = "", ""
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		value = strings.ReplaceAll(value, "_", " ")
		switch key {
		case "cpu":
			s.cpu[task] += s.number(value)
		case "read":
			io.ReadChars += s.number(value)
		case "write":
			io.WriteChars += s.number(value)
		case "state":
			proc.State = value
		case "blocker":
			proc.Blocker = observe.Blocker(value)
		case "waits":
			proc.Waits = value
		case "root":
			p.Root, proc.PID = int(s.number(value)), int(s.number(value))
		case "name":
			proc.Name = value
		case "command":
			proc.Command = value
		case "reads": // PATH:POS:SIZE
			parts := strings.Split(value, ":")
			p.Files = []observe.OpenFile{{PID: p.Root, Path: parts[0], Pos: s.number(parts[1]), Size: s.number(parts[2])}}
		case "throttled": // percent of the second
			p.Throttled = float64(s.number(value)) / 100
		case "start": // ticks since boot
			proc.Start = s.number(value)
		default:
			s.t.Fatalf("proc: unknown key %s", key)
		}
	}
	p.CPU, p.IO, p.Procs = s.cpu[task], &io, []observe.Proc{proc}
	s.last[task] = p
	return p
}

// tree is a sample of a job that waits for its child.
func (s *script) tree(task string, cpu, growth int64, child []string) observe.Process {
	p := s.proc(task, nil)
	s.cpu[task] += cpu
	s.size += growth
	p.Count, p.CPU = 2, s.cpu[task]
	p.Procs[0].Call = "wait4"
	p.Procs = append(p.Procs, observe.Proc{PID: 101, Parent: 100, Name: "mysqldump", CPU: p.CPU, State: child[0], Call: child[1], Target: child[2]})
	p.Files = []observe.OpenFile{{PID: 101, Path: "/srv/backup/dump.sql", Pos: s.size, Size: s.size, Write: true}}
	return p
}

func gone(words []string) observe.Process {
	e := observe.Exit{}
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		e.Known = true
		switch key {
		case "code":
			e.Code, _ = strconv.Atoi(value)
		case "signal":
			e.Signal = value
		case "oom":
			e.OOM = true
		case "other":
			e.Others, e.Known = 1, e.Code != 0 || e.Known
			e.Other, _ = strconv.Atoi(value)
		}
	}
	return observe.Process{Found: "writes /log", Exit: &e}
}

// play folds the night and says each change of a verdict, and what the script wants shown.
func play(t *testing.T, night []observe.Observation, shows []show) string {
	t.Helper()
	var out strings.Builder
	s := New(Options{})
	say := func() {
		for _, c := range s.TakeChanges() {
			fmt.Fprintf(&out, "%s  %s  %s since %s: %s\n", offset(s.At()), c.Task, c.Verdict, offset(c.Since), c.Reason)
		}
	}
	pass := func(until time.Time) {
		for at := s.At().Truncate(time.Second).Add(time.Second); !s.At().IsZero() && !at.After(until); at = at.Add(time.Second) {
			s.Advance(at)
			say()
		}
	}
	flush := func(until time.Time) {
		for len(shows) > 0 && !shows[0].at.After(until) {
			pass(shows[0].at)
			switch shows[0].task {
			case "":
				together(&out, s.Snapshot())
			case finders:
				foundBy(&out, s.Snapshot())
			case roomsShow:
				rooms(&out, s.Snapshot())
			default:
				describe(&out, s.Snapshot(), shows[0].task)
			}
			shows = shows[1:]
		}
	}
	for _, o := range night {
		until := o.At
		if g, gap := o.Payload.(observe.Gap); gap {
			until = g.From
		}
		flush(o.At.Add(-1))
		pass(until)
		s.Apply(o)
		say()
	}
	flush(night[len(night)-1].At.Add(24 * time.Hour))
	return out.String()
}

func describe(out *strings.Builder, snap *Snapshot, name string) {
	for i, t := range snap.Tasks {
		if t.Name != name {
			continue
		}
		fmt.Fprintf(out, "  -- %s  %s: %s (%s), since %s: %s\n", offset(snap.At), t.Name, t.Verdict, cmp.Or(string(t.Sure), "-"), offset(t.Since), t.Reason)
		if t.Progress.Known {
			fmt.Fprintf(out, "     %g of %g %s, %.3g a second, eta %s %s\n", t.Progress.Done, t.Progress.Total, t.Progress.Unit, t.Rate, t.ETA.State, t.ETA.Why)
		}
		carried(out, t)
		if t.PhaseETA.State != "" || t.ETA.State == rate.Range && i < len(snap.Plan.Tasks) && snap.Plan.Tasks[i].Baseline != nil {
			fmt.Fprintf(out, "     ends %s, this phase %s\n", ends(t.ETA), cmp.Or(ends(t.PhaseETA), "-"))
		}
		if t.Starts.State != "" {
			fmt.Fprintf(out, "     starts %s\n", ends(t.Starts))
		}
		if d := t.Deadline; d.Known || !d.DecideBy.IsZero() {
			fmt.Fprintf(out, "     deadline %s with %.1f, decide by %s, %d after it\n", offset(d.At), d.Probability, offset(d.DecideBy), d.After)
		}
		for _, e := range t.Evidence {
			sign := "-"
			if e.For {
				sign = "+"
			}
			fmt.Fprintf(out, "     %s %s [%s]\n", sign, e.Text, offset(e.At))
		}
		if t.Next != nil {
			fmt.Fprintf(out, "     next: %s at %s if %s\n", t.Next.Verdict, offset(t.Next.At), t.Next.If)
		}
	}
}

func ends(e rate.ETA) string {
	if e.State != rate.Range {
		return string(e.State)
	}
	text := offset(e.P10.Round(time.Second)) + " – " + offset(e.P50.Round(time.Second)) + " – " + offset(e.P90.Round(time.Second))
	if e.Why != "" {
		text += " (" + e.Why + ")"
	}
	return text
}

// together says what the groups of tasks do, and what was noted.
func together(out *strings.Builder, snap *Snapshot) {
	fmt.Fprintf(out, "  == %s  %d groups\n", offset(snap.At), len(snap.Groups))
	for _, g := range snap.Groups {
		fmt.Fprintf(out, "     %s: %.3g %s a second, %d streams:", g.Name, g.Rate, g.Unit, g.Streams)
		for _, m := range g.Members {
			fmt.Fprintf(out, " %s %.3g (%.0f %%)", m.Task, m.Rate, 100*m.Share)
			if m.Blind {
				fmt.Fprint(out, " unseen")
			}
		}
		fmt.Fprintln(out)
		if g.Hint != "" {
			fmt.Fprintf(out, "     %s [%s]\n", g.Hint, offset(g.HintSince))
		}
	}
	for _, n := range snap.Notes {
		fmt.Fprintf(out, "     %s %s: %s\n", offset(n.At), n.Kind, n.Text)
	}
}

func offset(at time.Time) string {
	if at.IsZero() {
		return "-"
	}
	return at.Sub(epoch).String()
}
