package score

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
)

// recorded loads the recorded runs whose names begin with prefix.
func recorded(t *testing.T, prefix string) []Run {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", "runs", prefix+"*.jsonl.gz"))
	if err != nil {
		t.Fatal(err)
	}
	var runs []Run
	for _, f := range files {
		r, err := Load(f)
		if err != nil {
			t.Fatal(err)
		}
		runs = append(runs, r)
	}
	return runs
}

var update = flag.Bool("update", false, "write the tables into docs/judge.md")

// The marks between which the tables stand in docs/judge.md.
const (
	tablesBegin = "<!-- scores: written by go test ./internal/score -run ScoreTables -update -->\n"
	tablesEnd   = "<!-- end of scores -->\n"
)

// docs/judge.md tells the scores as they are measured.
func TestScoreTables(t *testing.T) {
	const page = "../../docs/judge.md"
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), tablesBegin)
	said, after, closed := strings.Cut(rest, tablesEnd)
	if !found || !closed {
		t.Fatalf("%s has no place for the tables: %q … %q", page, tablesBegin, tablesEnd)
	}
	scores := Measure(recorded(t, ""))
	for _, worse := range scores.Regressions() {
		t.Error(worse)
	}
	var b strings.Builder
	b.WriteString("\n")
	for _, table := range scores.Tables() {
		b.WriteString(table.Markdown())
	}
	measured := b.String()
	if *update {
		if err := os.WriteFile(page, []byte(before+tablesBegin+measured+tablesEnd+after), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if said != measured {
		t.Errorf("%s does not tell what is measured: write it anew with -update. Measured:\n%s", page, measured)
	}
}

// A small night of which everything is known: what was said when, and how it scores.
func TestScoreOfOneRun(t *testing.T) {
	epoch := time.Date(2026, 11, 28, 23, 0, 0, 0, time.UTC)
	at := func(s int) time.Time { return epoch.Add(time.Duration(s) * time.Second) }
	r := Run{Name: "one"}
	add := func(s int, p observe.Payload, source string) {
		o := observe.Observation{Seq: uint64(len(r.Night) + 1), At: at(s), Payload: p}
		if source != "" {
			o.Task, o.Source = "job", source
		}
		r.Night = append(r.Night, o)
	}
	truth := func(s int, word, detail string) {
		r.Night = append(r.Night, Event{at(s), "job", word, detail}.Mark())
	}
	sample := func(s int, cpu int64, blocker observe.Blocker) {
		add(s, observe.Process{Root: 7, Count: 1, CPU: cpu, Procs: []observe.Proc{{PID: 7, Name: "job", State: "S", Blocker: blocker}}}, "process")
	}
	add(0, observe.Session{Format: 1, Plan: observe.Plan{Tasks: []observe.Task{{Name: "job", Process: &observe.ProcessRef{PID: 7}}}}}, "")
	add(0, observe.Source{State: observe.SourceUp}, "process")
	for s := range 300 {
		sample(s, int64(s)*500, "")
	}
	truth(300, Fault, "stopped")
	sample(301, 150_000, observe.BlockerStopped)
	truth(400, Healed, "")
	for s := 401; s < 500; s++ {
		sample(s, int64(s)*500, "")
	}
	truth(500, Ended, "done")
	add(501, observe.Process{Exit: &observe.Exit{Known: true}}, "process")
	add(520, observe.End{}, "")

	said := Judge(r)
	var words []string
	for _, s := range said {
		words = append(words, string(s.Verdict))
	}
	if got := strings.Join(words, " "); got != "QUIET BLOCKED QUIET DONE" {
		t.Errorf("said %s", got)
	}
	var j Judgement
	j.Add(r, said)
	s := j.Summary()
	if len(j.False) > 0 || s.Faults != 1 || s.Missed > 0 || s.Right != 1 || s.Righted != 1 || s.Ends != 1 || s.Median > 10*time.Second {
		t.Errorf("%+v %+v", s, j.False)
	}
	if h := j.Healthy; h < 390*time.Second || h > 410*time.Second {
		t.Errorf("healthy for %v", h)
	}
}

// What the judge gets wrong on the nights that it is tuned on, to look at: go test -run ScoreFindings -v.
func TestScoreFindings(t *testing.T) {
	if !testing.Verbose() {
		return
	}
	for _, j := range []*Judgement{JudgeRuns(recorded(t, "tune-")), JudgeAll(Scenarios(TuningSeed, reportingSize))} {
		printFindings(t, j)
	}
}

func printFindings(t *testing.T, j *Judgement) {
	t.Helper()
	show := func(name string, all []Finding) {
		for _, f := range all {
			t.Logf("%-8s %-28s %6.0f s  %s", name, f.Run, f.After.Seconds(), f.What)
		}
	}
	t.Logf("%+v", j.Summary())
	show("false", j.False)
	show("blind", j.Blind)
	show("unquiet", j.Unquiet)
	show("credit", j.Credit)
	show("wrong", j.Wrong)
	show("end", j.Misread)
	for _, name := range slices.Sorted(maps.Keys(j.Kinds)) {
		if k := j.Kinds[name]; k != nil {
			show("missed", k.Missed)
			show("other", k.Other)
			show("bounds", k.Bounds)
		}
	}
	t.Log("\n" + kindTable(j).Markdown())
}

// One simulated night, to look at: go test -run ScoreNight -v -night upgrade,deadlock,1234,lift,links.
func TestScoreNight(t *testing.T) {
	if *night == "" {
		return
	}
	if strings.HasSuffix(*night, ".gz") {
		r, err := Load(*night)
		if err != nil {
			t.Fatal(err)
		}
		printNight(t, r)
		return
	}
	words := strings.Split(*night, ",")
	seed, err := strconv.ParseUint(words[2], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	sc := Scenario{Kind: words[0], Fault: words[1], Seed: seed, Lift: slices.Contains(words, "lift"), Links: slices.Contains(words, "links"), Cut: slices.Contains(words, "cut")}
	if i := slices.IndexFunc(words, func(w string) bool { return strings.HasPrefix(w, "style") }); i >= 0 {
		sc.Style, _ = strconv.Atoi(words[i][5:])
	}
	t.Logf("%+v", sc)
	printNight(t, Simulate(sc))
}

func printNight(t *testing.T, r Run) {
	t.Helper()
	said := Judge(r)
	begin := r.Night[0].At
	var enc observe.Encoder
	for _, o := range r.Night {
		for len(said) > 0 && said[0].At.Before(o.At) {
			t.Logf("%7.1f   => %s: %s", said[0].At.Sub(begin).Seconds(), said[0].Verdict, said[0].Reason)
			said = said[1:]
		}
		line, err := enc.Append(nil, o)
		if err != nil {
			t.Fatal(err)
		}
		if _, process := o.Payload.(observe.Process); !process || *samples {
			t.Logf("%7.1f %s", o.At.Sub(begin).Seconds(), line)
		}
	}
}

var (
	night   = flag.String("night", "", "a simulated night to print: KIND,FAULT,SEED[,lift][,links][,cut][,styleN]")
	samples = flag.Bool("samples", false, "print the samples of processes too")
)
