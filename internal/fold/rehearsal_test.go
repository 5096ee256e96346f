package fold

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"ronda/internal/observe"
)

// told compiles a script that stands in a test.
func told(t *testing.T, text string) []observe.Observation {
	t.Helper()
	file := filepath.Join(t.TempDir(), "script.txt")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	night, _ := compile(t, file)
	return night
}

func folded(night []observe.Observation) *State {
	s := New(Options{})
	for _, o := range night {
		s.Apply(o)
	}
	return s
}

// went folds a script of one task and returns how it went.
func went(t *testing.T, text string) observe.Baseline {
	t.Helper()
	p := folded(told(t, text)).Rehearsal("it.jsonl")
	if p.Tasks[0].Baseline == nil {
		t.Fatal("nothing is known of the run")
	}
	return *p.Tasks[0].Baseline
}

func minutes(m float64) observe.Duration { return observe.Duration(m * float64(time.Minute)) }

// TestRehearsal: what is kept of a run, in the form in which it stands in a plan. Look at testdata/rehearsal.json.
func TestRehearsal(t *testing.T) {
	p := rehearse(t, "testdata/rehearsal.txt")
	got, err := json.MarshalIndent(p.Tasks[0].Baseline, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	const golden = "testdata/rehearsal.json"
	if *update {
		if err := os.WriteFile(golden, append(got, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(strings.TrimSpace(string(want)), string(got)); diff != "" {
		t.Error(diff)
	}
	var back observe.Baseline
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(*p.Tasks[0].Baseline, back); diff != "" {
		t.Errorf("it does not come back as it was: %s", diff)
	}
}

// TestHindered: a silence in which the job was stopped, or waited for a person, did not end by itself: the next
// night must not wait for it.
func TestHindered(t *testing.T) {
	b := went(t, `
task job process=job done=^over
0s source job log up
0s source job process up
1s line job == Copying ==
1s busy job 60 300
61s proc job state=T blocker=stopped
900s busy job 100 300
990s line job == Checking ==
995s line job over
`)
	if b.Silence > minutes(2) || b.Rest > minutes(2) || len(b.Silences) > 0 {
		t.Errorf("silence %v, rest %v, %v", b.Silence, b.Rest, b.Silences)
	}
	if b.Verdict != observe.Done || b.Duration != observe.Duration(994*time.Second) {
		t.Errorf("%s after %v", b.Verdict, time.Duration(b.Duration))
	}
}

// TestJoined: of a job that had begun before ronda looked the whole is not known, nor its first phase. The lines of
// yesterday in the log of a job that has just begun say nothing of it.
func TestJoined(t *testing.T) {
	const rest = `
0s backlog job == Copying ==
0s backlog job copied one
1s line job copied two
1s busy job 100 300
100s line job == Checking ==
200s line job == Ending ==
230s line job over
`
	late := went(t, "task job process=job done=^over\n0s source job log up\n0s source job process up\n"+rest)
	if !late.Partial {
		t.Error("a run that was joined on its way counts as whole")
	}
	for _, p := range late.Phases {
		if known := p.Name != "Copying"; (p.Duration > 0) != known {
			t.Errorf("phase %q took %v", p.Name, time.Duration(p.Duration))
		}
	}

	night := told(t, "task job process=job done=^over\n0s source job log up\n0s source job process up\n"+rest)
	for i, o := range night { // the process is ten seconds old
		if p, ok := o.Payload.(observe.Process); ok && len(p.Procs) > 0 {
			p.Uptime = 7_200_000 + o.At.Sub(epoch).Milliseconds()
			p.Procs = slices.Clone(p.Procs)
			p.Procs[0].Start = 719_000
			night[i].Payload = p
		}
	}
	fresh := folded(night).Rehearsal("it.jsonl").Tasks[0].Baseline
	if fresh.Partial {
		t.Error("a process that has just begun counts as one that was joined on its way")
	}
	var names []string
	for _, p := range fresh.Phases {
		names = append(names, p.Name)
	}
	if diff := gocmp.Diff([]string{"Checking", "Ending"}, names); diff != "" {
		t.Errorf("phases: %s", diff)
	}
}

// TestJoinedCourse: of a job that runs for an hour already, of which its process tells only after its counter, all times
// count from the process's beginning.
func TestJoinedCourse(t *testing.T) {
	night := told(t, `
task copy process=job
0s source copy log up
0s source copy process up
1s counts copy 40 10s 0 10 400
20s busy copy 381 300
401s gone copy code=0
420s wait
`)
	for i, o := range night {
		if p, ok := o.Payload.(observe.Process); ok && len(p.Procs) > 0 {
			p.Uptime = 7_200_000 + o.At.Sub(epoch).Milliseconds()
			p.Procs = slices.Clone(p.Procs)
			p.Procs[0].Start = 360_000 // an hour before
			night[i].Payload = p
		}
	}
	b := folded(night).Rehearsal("it.jsonl").Tasks[0].Baseline
	if b == nil || b.Partial || b.Course == nil || len(b.Phases) != 1 || b.Phases[0].Course == nil {
		t.Fatalf("%+v", b)
	}
	for what, c := range map[string]*observe.Course{"whole": b.Course, "phase": b.Phases[0].Course} {
		first, last := c.Points[0].At, c.Points[len(c.Points)-1].At
		if first < minutes(60) || first > minutes(61) || last > b.Duration || b.Duration-last > minutes(1) {
			t.Errorf("%s: %v to %v of %v", what, time.Duration(first), time.Duration(last), time.Duration(b.Duration))
		}
	}
}

// TestScaled: where the sizes are known, the earlier run's times are those of as much work as tonight's.
func TestScaled(t *testing.T) {
	const job = `
task copy process=job
0s source copy log up
0s source copy process up
0s source copy progress up
1s busy copy 400 300
`
	then := went(t, job+"1s counts copy 101 3s 0 10 1000\n305s gone copy code=0\n")
	night := told(t, job+"1s counts copy 101 3s 0 30 3000\n305s gone copy code=0\n320s wait\n")
	head := night[0].Payload.(observe.Session)
	head.Plan.Tasks[0].Baseline = &then
	night[0].Payload = head
	view := folded(night).Snapshot().Tasks[0]
	if view.Verdict != observe.Done || !strings.Contains(view.Reason, "suspiciously fast: it took 5 min 4 s, in the rehearsal 15 min 12 s for as much as tonight") {
		t.Errorf("%s: %s", view.Verdict, view.Reason)
	}
}

// TestCourse: a counter's way is thinned, keeps its ends, and rises in both.
func TestCourse(t *testing.T) {
	var c course
	for i := range 10_000 {
		at := time.Duration(i) * 3 * time.Second
		p := Progress{Known: true, Name: "rows", Done: float64(i), Total: 9999, At: epoch.Add(at)}
		c.add(at, p)
	}
	b := c.baseline()
	if n := len(b.Points); n > observe.MaxCourse || n < observe.MaxCourse/3 {
		t.Errorf("%d points are kept", n)
	}
	if first, last := b.Points[0], b.Points[len(b.Points)-1]; first.Done != 0 || last.Done != 9999 || b.Total != 9999 {
		t.Errorf("from %v to %v of %v", first, last, b.Total)
	}
	for i := 1; i < len(b.Points); i++ {
		if b.Points[i].At <= b.Points[i-1].At || b.Points[i].Done <= b.Points[i-1].Done {
			t.Fatalf("point %d does not rise: %v %v", i, b.Points[i-1], b.Points[i])
		}
	}
}

// TestPauses: the longest silences are kept, longest first.
func TestPauses(t *testing.T) {
	var p pauses
	for i := range 100 {
		p.add(observe.BaselineSilence{What: strings.Repeat("x", i), Took: observe.Duration((i * 37) % 100)})
	}
	if len(p.list) != observe.MaxBaselineSilences {
		t.Fatalf("%d are kept", len(p.list))
	}
	for i, s := range p.list {
		if s.Took != observe.Duration(99-i) {
			t.Errorf("place %d has %d", i, s.Took)
		}
	}
	p = pauses{}
	for i := range 100 {
		p.add(observe.BaselineSilence{What: "saved table " + strconv.Itoa(i), Took: observe.Duration(i)})
	}
	if len(p.list) != maxAlike || p.list[0].Took != 99 || p.list[maxAlike-1].Took != 100-maxAlike {
		t.Errorf("of a hundred alike these are kept: %v", p.list)
	}
}

// TestPhases: what is kept of a job with more phases than anybody reads stays bounded, and a secret in a phase's
// name or in a line does not come into the plan.
func TestPhases(t *testing.T) {
	var text strings.Builder
	text.WriteString("task job\n0s source job log up\n1s line job == Connecting with --password hunter2 ==\n")
	for i := range 400 {
		at := time.Duration(20+i*20) * time.Second
		text.WriteString(at.String() + " line job == Moving " + strings.Repeat("x", i%7+1) + string(rune('a'+i%26)) + string(rune('a'+i/26)) + " ==\n")
	}
	b := went(t, text.String())
	if len(b.Phases) > observe.MaxBaselinePhases || len(b.Silences) > observe.MaxBaselineSilences {
		t.Errorf("%d phases, %d silences", len(b.Phases), len(b.Silences))
	}
	out, err := json.Marshal(b)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(out), "hunter2") {
		t.Error("a secret stands in it")
	}
}

// TestFind: the same name goes before one that differs by its numbers, and each of those is taken once.
func TestFind(t *testing.T) {
	task := task{past: newPast(&observe.Baseline{Phases: []observe.BaselinePhase{
		{Name: "Migrating mboxgroup1", Silence: minutes(1)}, {Name: "Migrating mboxgroup2", Silence: minutes(28)}, {Name: "Restart"},
	}})}
	task.run.begun = true
	for i, name := range []string{"Migrating mboxgroup2", "Migrating mboxgroup8", "Migrating mboxgroup9", "Cleaning"} {
		task.run.enter(name, time.Duration(i)*time.Minute, true)
	}
	var got []place
	for i := range task.run.phases {
		got = append(got, task.place(i))
	}
	longest := time.Duration(minutes(28))
	want := []place{{1, true, longest, 0}, {0, false, longest, 0}, {1, false, longest, 0}, {-1, false, 0, 0}}
	if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(place{})); diff != "" {
		t.Error(diff)
	}
	if a, b := masked("Migrating mboxgroup17 of 100"), masked("Migrating mboxgroup9 of 7"); a != b || a != "Migrating mboxgroup# of #" {
		t.Errorf("%q %q", a, b)
	}
}
