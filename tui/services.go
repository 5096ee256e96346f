package tui

import (
	"strconv"
	"time"

	"ronda/internal/fold"
	"ronda/internal/words"
)

// serviceMood is what a service's answer means here and now.
type serviceMood int

const (
	serviceUnknown  serviceMood = iota // not asked yet, or cannot be asked
	serviceWell                        //
	serviceExpected                    // down, as expected while its task has not ended
	serviceDown                        //
)

func mood(c scene, s fold.ServiceView) serviceMood {
	switch {
	case s.Blind || !s.Asked:
		return serviceUnknown
	case s.OK:
		return serviceWell
	case waitsForTask(c.snap, s.Name):
		return serviceExpected
	default:
		return serviceDown
	}
}

// waitsForTask tells whether the plan expects the service to be up only after a task that has not ended.
func waitsForTask(snap *fold.Snapshot, service string) bool {
	for _, s := range snap.Plan.Services {
		if s.Name != service || s.After == "" {
			continue
		}
		for i := range snap.Tasks {
			if snap.Tasks[i].Name == s.After {
				return !snap.Tasks[i].Verdict.Ended()
			}
		}
	}
	return false
}

// servicesSummary says in a few words how many services are well.
func servicesSummary(c scene) part {
	var count [serviceDown + 1]int
	for _, s := range c.snap.Services {
		count[mood(c, s)]++
	}
	all, well, down := len(c.snap.Services), count[serviceWell], count[serviceDown]
	text := strconv.Itoa(well) + " of " + plural(all, "service", "services") + " well"
	switch {
	case all == 0:
		return part{}
	case well == all:
		if all > 1 {
			text = "all services well"
		}
		return part{c.st.good, text, 0}
	case down == 0:
		return part{c.st.dim, text, 0}
	default:
		return part{c.st.bad, text, 0}
	}
}

// servicesRows is the strip of services in at most h rows; those in trouble stand first.
func servicesRows(c scene, w, h int) []string {
	if h <= 0 {
		return nil
	}
	var rows []string
	r := newRow(w, "").put("", " ")
	left := len(c.snap.Services)
	for _, want := range []serviceMood{serviceDown, serviceExpected, serviceUnknown, serviceWell} {
		for _, s := range c.snap.Services {
			if mood(c, s) != want {
				continue
			}
			glyph, text, k := serviceText(c, s)
			full := clip(glyph+" "+clean(s.Name)+" "+text, w-2)
			first := r.room == w-1
			if !first && width(full)+len(linkGap) > r.room {
				if len(rows) == h-1 {
					return append(rows, r.put("", linkGap).put(c.st.dim, "+"+strconv.Itoa(left)).line())
				}
				rows, first = append(rows, r.line()), true
				r = newRow(w, "").put("", " ")
			}
			if !first {
				r.put("", linkGap)
			}
			r.put(k, full)
			left--
		}
	}
	return append(rows, r.line())
}

func serviceText(c scene, s fold.ServiceView) (glyph, text string, k ink) {
	switch mood(c, s) {
	case serviceWell:
		return "✓", words.Latency(s.Latency) + expiry(c, s), c.st.text
	case serviceExpected:
		return "·", "down, as expected", c.st.dim
	case serviceDown:
		return "✗", "down" + c.lasting(s.Since) + because(s.Detail), c.st.bad
	case serviceUnknown:
		if s.Blind && s.Asked {
			return "?", "cannot ask; " + wasOK(s.OK) + " " + c.ago(s.Last), c.st.lost
		}
		return "·", "not asked yet", c.st.dim
	default:
		return "?", "", c.st.dim
	}
}

func wasOK(ok bool) string {
	if ok {
		return "well"
	}
	return "down"
}

// expiry warns of a certificate that runs out within two weeks.
func expiry(c scene, s fold.ServiceView) string {
	const soon = 14 * 24 * time.Hour
	if s.Expires.IsZero() || s.Expires.Sub(c.now) > soon {
		return ""
	}
	if !s.Expires.After(c.now) {
		return ", certificate has run out"
	}
	return ", certificate runs out in " + words.Duration(s.Expires.Sub(c.now))
}

// servicesWanted is how many rows the strip would like, at most limit.
func servicesWanted(c scene, w, limit int) int {
	if len(c.snap.Services) == 0 || limit <= 0 {
		return 0
	}
	return len(servicesRows(c, w, limit))
}
