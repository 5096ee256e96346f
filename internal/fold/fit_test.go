package fold

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
)

// roomsShow stands for the name of a task where a script asks for the volumes.
const roomsShow = "volumes"

// size reads a number with an optional k, M, G or T behind it.
func (s *script) bytes(text string) float64 {
	factor := 1.0
	if i := strings.IndexAny(text, "kMGT"); i > 0 && i == len(text)-1 {
		factor = map[byte]float64{'k': 1e3, 'M': 1e6, 'G': 1e9, 'T': 1e12}[text[i]]
		text = text[:i]
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		s.t.Fatal(err)
	}
	return v * factor
}

// writes reads what a task of the plan says of where it writes: to=[HOST:]PATH, total, ratio, and
// volume=PATH:USE[:NEED].
func (s *script) writes(task *observe.Task, key, value string) {
	if task.Transfer == nil && key != "volume" {
		task.Transfer = &observe.TransferRef{Host: task.Host}
	}
	switch key {
	case "to":
		task.Transfer.Path = value
		if host, path, ok := strings.Cut(value, ":"); ok {
			task.Transfer.Host, task.Transfer.Path = host, path
		}
	case "total":
		task.Transfer.Total = int64(s.bytes(value))
	case "ratio":
		task.Transfer.Ratio = s.bytes(value)
	case "volume":
		f := strings.Split(value, ":")
		v := observe.VolumeRef{Host: task.Host, Path: f[0], Use: f[1]}
		if len(f) > 2 {
			v.Need = int64(s.bytes(f[2]))
		}
		task.Volumes = append(task.Volumes, v)
	}
}

func (s *script) space(at time.Time, verb string, w []string) {
	switch verb {
	case "volume":
		s.night = append(s.night, s.volume(at, w[0], w[1], s.bytes(w[2]), w[3:]))
	case "drain":
		every, avail, step := time.Duration(s.duration(w[3])), s.bytes(w[4]), s.bytes(w[5])
		for i := range s.number(w[2]) {
			s.night = append(s.night, s.volume(at.Add(time.Duration(i)*every), w[0], w[1], max(avail-float64(i)*step, 0), w[6:]))
		}
	case "copy":
		s.add(at, w[0], "transfer", s.move(w[1], w[2:], 0))
	case "copies":
		every := time.Duration(s.duration(w[2]))
		for i := range s.number(w[1]) {
			s.add(at.Add(time.Duration(i)*every), w[0], "transfer", s.move(w[3], w[4:], float64(i)))
		}
	}
}

func (s *script) volume(at time.Time, host, mount string, avail float64, words []string) observe.Observation {
	v := observe.Volume{Mount: mount, Avail: int64(avail), Size: 100e9}
	for _, word := range words {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "size":
			v.Size = int64(s.bytes(value))
		case "device":
			v.Device = value
		case "inodes":
			v.Inodes = int64(s.bytes(value))
		case "free":
			v.InodesFree = int64(s.bytes(value))
		case "paths":
			v.Paths = strings.Split(strings.ReplaceAll(value, "␣", " "), ",")
		case "ro":
			v.ReadOnly = true
		default:
			s.t.Fatalf("volume: unknown key %s", key)
		}
	}
	v.Used = max(v.Size-v.Avail, 0)
	if host == "-" {
		host = ""
	}
	return observe.Observation{At: at, Origin: observe.Origin{Host: host, Source: "volumes"}, Payload: v}
}

func (s *script) move(target string, amounts []string, step float64) observe.Transfer {
	p := observe.Transfer{Tool: "cp", Target: strings.ReplaceAll(target, "␣", " "), State: observe.TransferRunning}
	for _, text := range amounts {
		if tool, ok := strings.CutPrefix(text, "tool="); ok {
			p.Tool = tool
			continue
		}
		text, more, _ := strings.Cut(text, "+")
		f := strings.Split(text, ":")
		a := observe.Amount{Of: observe.AmountOf(f[0]), Done: s.bytes(f[1]), Total: s.bytes(f[2]), Unit: "bytes"}
		if len(f) > 3 {
			a.Unit = f[3]
		}
		a.Estimate = len(f) > 4
		if more != "" {
			a.Done += step * s.bytes(more)
		}
		p.Amounts = append(p.Amounts, a)
	}
	return p
}

// rooms says how it stands with the volumes and what is written there.
func rooms(out *strings.Builder, snap *Snapshot) {
	fmt.Fprintf(out, "  [] %s\n", offset(snap.At))
	for _, v := range snap.Volumes {
		fmt.Fprintf(out, "     %s%s: %.4g left, fills at %.3g, needs %.4g", v.Mount, map[bool]string{true: " (blind)"}[v.Blind], float64(v.Avail), v.Rate, v.Need)
		if !v.All {
			fmt.Fprint(out, " or more")
		}
		fmt.Fprintf(out, " of %s, full %s", strings.Join(v.Tasks, ", "), ends(v.Full))
		if v.Text != "" {
			fmt.Fprintf(out, ": %s", v.Text)
		}
		fmt.Fprintln(out)
	}
	for _, t := range snap.Tasks {
		fmt.Fprintf(out, "     %s: ends %s", t.Name, ends(t.ETA))
		if t.ETA.State != "range" && t.ETA.Why != "" {
			fmt.Fprintf(out, " (%s)", t.ETA.Why)
		}
		if f := t.Fit; f.Known {
			fmt.Fprintf(out, "; fits=%v on %s (%s), needs %.4g %s and others %.4g of %.4g", f.Fits, f.Volume, f.Use, f.Need, f.Unit, f.Others, f.Avail)
			if f.FullAt.State != "" {
				fmt.Fprintf(out, ", full %s", ends(f.FullAt))
			}
			if f.Text != "" {
				fmt.Fprintf(out, ": %s", f.Text)
			}
		}
		fmt.Fprintln(out)
	}
	if w := snap.Whole; len(snap.Tasks) > 1 {
		fmt.Fprintf(out, "     all %s, last %s, unknown %s", ends(w.ETA), w.Last, strings.Join(w.Unknown, ", "))
		if w.Window.Known {
			fmt.Fprintf(out, ", window %s with %.2f", offset(w.Window.At), w.Window.Probability)
		}
		fmt.Fprintln(out)
	}
	for _, n := range snap.Notes {
		fmt.Fprintf(out, "     %s %s: %s\n", offset(n.At), n.Kind, n.Text)
	}
}
