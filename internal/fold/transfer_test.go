package fold

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
)

// finders is what a script shows in place of a task: the finders.
const finders = "\x00finders"

func (s *script) finder(name string, words []string) observe.Finder {
	f := observe.Finder{Name: name}
	for _, w := range words {
		switch key, value, _ := strings.Cut(w, "="); key {
		case "host":
			f.Host = value
		case "group":
			f.Group = value
		case "deadline":
			f.Deadline = epoch.Add(time.Duration(s.duration(value)))
		default:
			s.t.Fatalf("finder %s: unknown key %s", name, key)
		}
	}
	return f
}

func (s *script) moveCommand(at time.Time, verb string, w []string) {
	switch verb {
	case "move":
		s.add(at, w[0], transferSource, s.transfer(w[1:], 0))
	case "moves":
		for i := range s.number(w[1]) {
			every := time.Duration(s.duration(w[2]))
			s.add(at.Add(time.Duration(i)*every), w[0], transferSource, s.transfer(w[3:], float64(i)))
		}
	case "finder":
		s.add(at, "", w[0], observe.Source{State: observe.SourceState(w[1]), Why: strings.Join(w[2:], " ")})
	case "resume":
		plan := s.plan
		if len(w) > 0 {
			plan.Finders = nil
		}
		s.add(at, "", "", observe.Session{Format: 1, Title: "script", Plan: plan, Resumed: true})
	}
}

// transfer is sample n of a transfer. Words are finder, id, tool, from, to, state, detail and unknown, with _ for a
// space, and amounts: OF=DONE[+STEP][/TOTAL][~][%|f], where STEP is added for each sample, ~ says that the total is an
// estimate, % and f that it counts percent or files; what and by belong to the amount before them.
func (s *script) transfer(words []string, n float64) observe.Transfer {
	var p observe.Transfer
	last := func() *observe.Amount { return &p.Amounts[len(p.Amounts)-1] }
	for _, w := range words {
		key, value, _ := strings.Cut(w, "=")
		text := strings.ReplaceAll(value, "_", " ")
		switch key {
		case "finder":
			p.Finder = value
		case "id":
			p.ID = value
		case "tool":
			p.Tool = value
		case "from":
			p.Source = value
		case "to":
			p.Target = value
		case "state":
			p.State = observe.TransferState(value)
		case "detail":
			p.Detail = text
		case "unknown":
			p.Unknown = text
		case "what":
			last().What = value
		case "by":
			last().By = text
		case "source", "target", "volume", "io", "job", "files":
			p.Amounts = append(p.Amounts, s.amount(observe.AmountOf(key), value, n))
		default:
			s.t.Fatalf("transfer: unknown key %s", key)
		}
	}
	return p
}

func (s *script) amount(of observe.AmountOf, text string, n float64) observe.Amount {
	a := observe.Amount{Of: of, Unit: bytesUnit}
	for cut := true; cut; {
		switch last := text[len(text)-1]; last {
		case '~':
			a.Estimate = true
		case '%':
			a.Unit = percentUnit
		case 'f':
			a.Unit = "files"
		default:
			cut = false
		}
		if cut {
			text = text[:len(text)-1]
		}
	}
	number := func(text string) float64 {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			s.t.Fatal(err)
		}
		return v
	}
	text, total, ok := strings.Cut(text, "/")
	if ok {
		a.Total = number(total)
	}
	done, step, ok := strings.Cut(text, "+")
	a.Done = number(done)
	if ok {
		a.Done += n * number(step)
	}
	return a
}

// carried says what a task moves.
func carried(out *strings.Builder, t TaskView) {
	v := t.Transfer
	if v == nil {
		return
	}
	fmt.Fprintf(out, "     moves %s → %s by %s, %s; counted by %s of %q, total by %q; files %g of %g; last minute %.3g, best %.3g\n",
		v.Source, v.Target, v.Tool, v.State, v.Of, v.What, v.By, v.Files, v.FilesTotal, t.RateMinute, t.RateBest)
	if !t.Progress.Known {
		fmt.Fprintf(out, "     eta %s %s\n", t.ETA.State, t.ETA.Why)
	}
	if t.Progress.Estimate {
		fmt.Fprintln(out, "     its total is an estimate")
	}
	if v.Unknown != "" {
		fmt.Fprintf(out, "     unknown: %s\n", v.Unknown)
	}
}

// foundBy says what the finders found.
func foundBy(out *strings.Builder, snap *Snapshot) {
	fmt.Fprintf(out, "  == %s  finders\n", offset(snap.At))
	for _, f := range snap.Finders {
		fmt.Fprintf(out, "     %s on %q: %s %s, %d of %d run\n", f.Name, f.Host, f.State, f.Why, f.Running, f.Found)
	}
	for _, t := range snap.Tasks {
		finder := ""
		if t.Transfer != nil {
			finder = t.Transfer.Finder
		}
		fmt.Fprintf(out, "     %s on %q by %q: %s\n", t.Name, t.Host, finder, t.Verdict)
	}
}
