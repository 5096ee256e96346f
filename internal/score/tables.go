package score

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// Scores are all that is measured: on simulated nights, and on those of the recorded ones that nothing was tuned on.
type Scores struct {
	Simulated, Recorded         *Judgement
	SimulatedEnds, RecordedEnds Ends
}

// Measure scores everything; recorded are the recorded runs.
func Measure(recorded []Run) Scores {
	known := reporting(recorded)
	return Scores{JudgeAll(Scenarios(ReportingSeed, reportingSize)), JudgeRuns(known), SimulatedEnds(), RecordedEnds(known)}
}

// Tables are the tables of scores, in the order in which they stand in docs/judge.md.
func (s Scores) Tables() []Table {
	verdicts := verdictTable(s.Simulated.Summary(), s.Recorded.Summary())
	verdicts.Notes = outside(s.Simulated)
	all := []Table{verdicts, kindTable(s.Simulated), alarmTable(s.Simulated), rivalTable(s.Simulated)}
	return append(all, EndTables(s.SimulatedEnds, s.RecordedEnds)...)
}

// Regressions name what is worse than it was when it was written down: each target, or, where it is missed, what was
// reached.
func (s Scores) Regressions() []string {
	var worse []string
	sum := s.Simulated.Summary()
	for _, g := range targets() {
		if !g.kept(sum) && (g.reached == nil || !g.reached(sum)) {
			worse = append(worse, g.name+": "+g.text(sum))
		}
	}
	return worse
}

// reportingSize makes more than 500 healthy hours.
const reportingSize = 8

// JudgeRuns scores runs of which the truth is known.
func JudgeRuns(runs []Run) *Judgement {
	var j Judgement
	for _, r := range runs {
		j.Add(r, Judge(r))
	}
	return &j
}

// JudgeAll scores simulated nights, on all processors. The result does not depend on how many there are.
func JudgeAll(scenarios []Scenario) *Judgement {
	parts := make([]Judgement, len(scenarios))
	var all sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for i := range next {
				r := Simulate(scenarios[i])
				parts[i].Add(r, Judge(r))
			}
		})
	}
	for i := range scenarios {
		next <- i
	}
	close(next)
	all.Wait()
	sum := &Judgement{}
	for i := range parts {
		sum.merge(&parts[i])
	}
	return sum
}

// target is one number that is held to a bound.
type target struct {
	name, bound string
	text        func(Summary) string
	kept        func(Summary) bool
	reached     func(Summary) bool // what must be kept of it where it is missed; nil: all
}

// targets are the bounds that the judge is held to.
func targets() []target {
	return []target{
		{"false alarms per healthy hour", "≤ 0.06", func(s Summary) string { return fmt.Sprintf("%.3f", s.FalsePerH) }, func(s Summary) bool { return s.FalsePerH <= 0.06 }, nil},
		{"alarms while blind", "0", func(s Summary) string { return strconv.Itoa(s.Blind) }, func(s Summary) bool { return s.Blind == 0 }, nil},
		{"faults missed", "≤ 1 %", func(s Summary) string { return percent(s.Missed) }, func(s Summary) bool { return s.Missed <= 0.01 }, func(s Summary) bool { return s.Missed <= 0.02 }},
		{"delay, median", "≤ 120 s", func(s Summary) string { return seconds(s.Median) }, func(s Summary) bool { return s.Median.Seconds() <= 120 }, nil},
		{"delay of facts, median", "≤ 20 s", func(s Summary) string { return seconds(s.FactMedian) }, func(s Summary) bool { return s.FactMedian.Seconds() <= 20 }, nil},
		{"first verdict right", "≥ 98 %", func(s Summary) string { return percent(s.Right) }, func(s Summary) bool { return s.Right >= 0.98 }, nil},
		{"silent work QUIET within 120 s", "100 %", func(s Summary) string { return percent(s.Quiet) }, func(s Summary) bool { return s.Quiet == 1 }, func(s Summary) bool { return s.Quiet >= 0.98 }},
		{"PROGRESSING of silent work", "0", func(s Summary) string { return strconv.Itoa(s.Credit) }, func(s Summary) bool { return s.Credit == 0 }, nil},
		{"STALLED after 30 to 150 s, LOOPING within 300 s", "100 %", func(s Summary) string { return percent(s.Bounds) }, func(s Summary) bool { return s.Bounds == 1 }, func(s Summary) bool { return s.Bounds >= 0.88 }},
		{"right again within 30 s", "100 %", func(s Summary) string { return percent(s.Righted) }, func(s Summary) bool { return s.Righted == 1 }, func(s Summary) bool { return s.Righted >= 0.95 }},
		{"ends read right within 30 s", "100 %", func(s Summary) string { return percent(s.Ends) }, func(s Summary) bool { return s.Ends == 1 }, func(s Summary) bool { return s.Ends >= 0.98 }},
	}
}

// verdictTable holds the judge against its targets.
func verdictTable(simulated, recorded Summary) Table {
	t := Table{Title: "Verdicts", Text: "Delays of faults that the system shows (prompt, stopped, locks, disks, ends …) stand by themselves; the bounds of the last rows hold for each case.", Columns: []string{"", "target", "simulated", "recorded"}}
	t.Rows = append(t.Rows, []string{"healthy hours / faults", "", fmt.Sprintf("%.0f / %d", simulated.Hours, simulated.Faults), fmt.Sprintf("%.1f / %d", recorded.Hours, recorded.Faults)})
	for _, g := range targets() {
		cell := func(s Summary) string {
			if g.kept(s) {
				return g.text(s)
			}
			return "**" + g.text(s) + "** missed"
		}
		t.Rows = append(t.Rows, []string{g.name, g.bound, cell(simulated), cell(recorded)})
	}
	return t
}

// kindTable tells how each kind of fault was found.
func kindTable(j *Judgement) Table {
	t := Table{Title: "Faults", Columns: []string{"fault", "cases", "missed", "delay, median", "P90", "first verdict right"}}
	for _, name := range slices.Sorted(maps.Keys(j.Kinds)) {
		k := j.Kinds[name]
		t.Rows = append(t.Rows, []string{
			name, strconv.Itoa(k.Faults), strconv.Itoa(len(k.Missed)), seconds(quantile(k.Delays, 0.5)), seconds(quantile(k.Delays, 0.9)),
			percent(share(k.Right, len(k.Delays))),
		})
	}
	return t
}

// outside says on which jobs a stall or a loop was said too early or too late.
func outside(j *Judgement) []string {
	of, n := map[string]int{}, 0
	for _, k := range j.Kinds {
		for _, f := range k.Bounds {
			kind, _, _ := strings.Cut(f.Run, ",")
			of[kind]++
			n++
		}
	}
	if n == 0 {
		return nil
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(of)) {
		parts = append(parts, fmt.Sprintf("%s %d", kind, of[kind]))
	}
	return []string{fmt.Sprintf("Simulated, STALLED or LOOPING outside its time in %d cases, by kind of job: %s. A *remote* job rests for minutes by itself and says that it waits: it is given more time, and a job that waits for its server is seen to stop only when the server is looked at again.", n, strings.Join(parts, ", "))}
}

// alarmTable tells on which kinds of healthy job there were false alarms.
func alarmTable(j *Judgement) Table {
	t := Table{Title: "False alarms by kind of job", Columns: []string{"job", "false alarms", "of them"}}
	of, words := map[string]int{}, map[string]map[string]int{}
	for _, f := range j.False {
		kind, _, _ := strings.Cut(f.Run, ",")
		word, _, _ := strings.Cut(f.What, ":")
		of[kind]++
		if words[kind] == nil {
			words[kind] = map[string]int{}
		}
		words[kind][word]++
	}
	quiet := 0
	for _, k := range Kinds() {
		if of[k.Name] == 0 {
			quiet++
			continue
		}
		var parts []string
		for _, word := range slices.Sorted(maps.Keys(words[k.Name])) {
			parts = append(parts, fmt.Sprintf("%s %d", word, words[k.Name][word]))
		}
		t.Rows = append(t.Rows, []string{k.Name, strconv.Itoa(of[k.Name]), strings.Join(parts, ", ")})
	}
	t.Rows = append(t.Rows, []string{fmt.Sprintf("%d other kinds", quiet), "0", ""})
	return t
}

// rivalTable compares with the rules by which others tell a stall.
func rivalTable(j *Judgement) Table {
	t := Table{
		Title:   "Compared with other rules",
		Text:    "The same simulated nights. Output is a line of the log, or a counter that moves where there is no log.",
		Columns: []string{"rule", "false alarms per healthy hour", "alarms while blind", "faults missed", "delay, median", "P90"},
	}
	s := j.Summary()
	t.Rows = append(t.Rows, []string{"**ronda**", fmt.Sprintf("**%.3f**", s.FalsePerH), strconv.Itoa(s.Blind), percent(s.Missed), seconds(s.Median), seconds(s.P90)})
	for i, d := range detectors() {
		w := j.Others[i]
		t.Rows = append(t.Rows, []string{
			d.name, fmt.Sprintf("%.3f", float64(w.False)/s.Hours), strconv.Itoa(w.Blind), percent(float64(w.Missed) / float64(max(s.Faults, 1))),
			seconds(quantile(w.Delays, 0.5)), seconds(quantile(w.Delays, 0.9)),
		})
	}
	return t
}
