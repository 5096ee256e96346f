package tui

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"ronda/internal/fold"
)

func TestBar(t *testing.T) {
	for _, c := range []struct {
		fraction float64
		want     string
	}{
		{0, "────"},
		{0.001, "╸───"},
		{0.5, "━━──"},
		{0.61, "━━──"},
		{0.63, "━━╸─"},
		{0.999, "━━━╸"},
		{1, "━━━━"},
		{math.NaN(), "────"},
	} {
		filled, empty := bar(c.fraction, 4)
		if got := filled + empty; got != c.want {
			t.Errorf("bar(%v) = %q, want %q", c.fraction, got, c.want)
		}
	}
}

func TestSpark(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		values []float64
		want   string
	}{
		{nil, "     "},
		{[]float64{0, 0}, "   ▁▁"},
		{[]float64{1, nan, 0, 2}, " ▄ ▁▇"},
		{[]float64{9, 9, 9, 1, 2, 3, 4, 5}, "▂▃▅▆▇"},
		{[]float64{math.Inf(1), 1}, "   ▇▇"},
	} {
		if got := spark(c.values, 5); got != c.want {
			t.Errorf("spark(%v) = %q, want %q", c.values, got, c.want)
		}
	}
}

func TestChooseDropsTheLeastFirst(t *testing.T) {
	parts := []part{{text: "aaaa", rank: 0}, {text: "bbbb", rank: 2}, {text: "cccc", rank: 1}, {text: ""}}
	for _, c := range []struct{ w, want int }{{20, 3}, {13, 2}, {5, 1}, {1, 1}} {
		got := choose(parts, " ", c.w)
		if len(got) != c.want || got[0].text != "aaaa" {
			t.Errorf("choose to %d: %v", c.w, got)
		}
	}
	if got := choose(parts, " ", 9); got[1].text != "cccc" {
		t.Errorf("the part of rank 2 outlived that of rank 1: %v", got)
	}
}

func TestRowNeverOutgrowsItsWidth(t *testing.T) {
	for w := range 12 {
		r := newRow(w, "").put("", "漢字").cell("", "abcdef", 4).cellRight("", "xyz", 5).space(3).put("", "tail")
		if got := ansi.StringWidth(r.line()); got > w {
			t.Errorf("row of %d is %d wide: %q", w, got, r.line())
		}
	}
}

func TestColumnsFitAndComeInOrder(t *testing.T) {
	tasks := []fold.TaskView{{Name: "a task with quite a long name for it"}}
	for w := range 250 {
		c := chooseColumns(w, tasks)
		used := lead + c.name
		for _, n := range []int{c.verdict, c.bar, c.percent, c.rate, c.spark, c.ends, c.amount, c.phase} {
			if n > 0 {
				used += c.gap + n
			}
		}
		if used > max(w, lead+1) {
			t.Fatalf("%d columns: %d used, %+v", w, used, c)
		}
		if c.bar > 0 && c.percent == 0 || c.spark > 0 && c.rate == 0 || c.ends > 0 && c.verdict == 0 {
			t.Fatalf("%d columns: a lesser column outlived a greater: %+v", w, c)
		}
	}
}

func TestLayoutCoversTheScreen(t *testing.T) {
	for w := 1; w < 260; w += 7 {
		for h := 1; h < 80; h++ {
			l := arrange(w, h, wants{links: true, tasks: 9, groups: 3, why: 11, services: 3, note: 2})
			sum := l.title.h + l.links.h + l.rule.h + l.tasks.h + l.groups.h + l.services.h + l.note.h + l.foot.h + l.log.h
			if !l.beside {
				sum += l.why.h
			}
			if sum > h || sum < h && h >= 3 {
				t.Fatalf("%dx%d: %d rows laid out: %+v", w, h, sum, l)
			}
		}
	}
}

// Words are cut only where there is no room for them.
func TestWhyWrapsWhereThereIsRoom(t *testing.T) {
	task := schemaTask()
	task.Reason = "the log is silent, but MySQL works on it and moves " + strings.Repeat("from row to row ", 8)
	c := scene{snap: sketch(), now: night(), loc: night().Location(), st: newStyles(theme{})}
	for h := range 40 {
		rows := whyRows(c, &task, 40, h)
		if len(rows) > h {
			t.Fatalf("%d rows, room for %d", len(rows), h)
		}
		text := ansi.Strip(strings.Join(rows, " "))
		if cut := strings.Contains(text, ellipsis+" ") || strings.HasSuffix(text, ellipsis); cut && h >= 24 || !cut && h > 0 && h < 6 {
			t.Fatalf("%d rows, cut %v:\n%s", h, cut, ansi.Strip(strings.Join(rows, "\n")))
		}
	}
}

func TestServicesSummary(t *testing.T) {
	c := scene{snap: sketch(), now: night(), st: newStyles(theme{})}
	for _, want := range []string{"4 of 5 services well", "all services well"} {
		if got := servicesSummary(c).text; got != want {
			t.Errorf("summary %q, want %q", got, want)
		}
		c.snap.Services = c.snap.Services[1:]
	}
	c.snap.Services = c.snap.Services[:1]
	if got, want := servicesSummary(c).text, "1 of 1 service well"; got != want {
		t.Errorf("summary %q, want %q", got, want)
	}
}

func TestLinkSaysHowLongItIsSteady(t *testing.T) {
	c := scene{snap: sketch(), now: night(), st: newStyles(theme{})}
	for _, l := range []struct {
		up   time.Duration
		want string
	}{
		{4 * time.Minute, ", steady 4 min"},
		{2 * time.Hour, ""},                  // long ago
		{70*time.Minute - 3*time.Second, ""}, // the beginning of the watch
		{50*time.Minute + 59*time.Second, ", steady 50 min"},
	} {
		h := fold.HostView{Name: "x", State: fold.LinkUp, Since: before(l.up)}
		if got := steady(c, h); got != l.want {
			t.Errorf("up for %v: %q, want %q", l.up, got, l.want)
		}
	}
}

// TestMiddle: both ends stay, and the width is kept, whatever is as wide as two cells.
func TestMiddle(t *testing.T) {
	for _, c := range []struct {
		s    string
		w    int
		want string
	}{
		{"/opt/zimbra/lock", 20, "/opt/zimbra/lock"},
		{"/opt/zimbra/libexec/scripts/migrate.pl", 21, "/opt/zimbr…migrate.pl"},
		{"/opt/zimbra/libexec", 8, "/opt/zi…"},
	} {
		if got := middle(c.s, c.w, 0.5); got != c.want {
			t.Errorf("%q in %d cells is %q, want %q", c.s, c.w, got, c.want)
		}
	}
	if wide := middle(strings.Repeat("日本", 20), 16, 0.5); width(wide) > 16 {
		t.Errorf("%q is %d cells wide", wide, width(wide))
	}
}
