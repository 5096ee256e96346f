package tui

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/exp/golden"

	"ronda/internal/fold"
	"ronda/internal/observe"
	"ronda/internal/rate"
)

// crowdScene is a night on which a backup that joined made the total of two slower.
func crowdScene() *fold.Snapshot {
	s := sketch()
	s.Hosts[2] = fold.HostView{Name: "backup", State: fold.LinkUp, Since: before(time.Hour), RTT: 9 * time.Millisecond}
	joined := before(18 * time.Minute)
	const hint = "the total of 2 streams fell from 96 MB/s to 61 MB/s when mailbox backup joined"
	backup, clone := backupTask(), cloneTask()
	clone.Ruling = observe.Ruling{
		Verdict: observe.Progressing, Since: before(5 * time.Hour), Reason: "280 GB of 1.0 TB",
		Evidence: []observe.Evidence{
			{For: true, Text: "280 GB of 1.0 TB", At: before(2 * time.Second)},
			{Text: "its rate fell from 96 MB/s to 23 MB/s", At: joined},
			{Text: hint, At: joined},
		},
	}
	clone.Progress = fold.Progress{Known: true, Done: 280e9, Total: 1e12, Unit: "bytes"}
	clone.Rate, clone.RateMean, clone.Spark = 23e6, 80e6, falling(60)
	clone.SpeedUnit = "bytes"
	clone.Change = rate.Change{At: joined, Before: 96e6, After: 23e6}
	clone.CourseFrom, clone.CourseStep = before(5*time.Hour), 3*time.Minute
	for i := range 100 {
		v := 96e6 + 8e6*math.Sin(float64(i)/3)
		switch {
		case i >= 40 && i < 48:
			v = math.NaN()
		case i >= 94:
			v = 23e6
		case i == 70:
			v = 0
		}
		clone.Course = append(clone.Course, v)
	}
	s.Tasks[2], s.Tasks[3] = backup, clone
	s.Groups = []fold.GroupView{{
		Name: "backup", Unit: "bytes", Rate: 61e6, Streams: 2, Spark: falling(60), Hint: hint, HintSince: joined,
		Members: []fold.GroupMember{{Task: "mailbox backup", Rate: 38e6, Share: 0.62}, {Task: "clone archive VM", Rate: 23e6, Share: 0.38}},
	}}
	return s
}

// manyGroups is a scene with groups that have many members, some of them at rest.
func manyGroups() *fold.Snapshot {
	s := crowdScene()
	for i := range 6 {
		g := fold.GroupView{Name: fmt.Sprintf("array %d", i), Unit: "files", Rate: 4000, Streams: 9}
		for j := range 12 {
			g.Members = append(g.Members, fold.GroupMember{Task: fmt.Sprintf("copy of volume %02d", j), Rate: float64(j%4) * 100, ByIO: j%3 == 0})
		}
		s.Groups = append(s.Groups, g)
	}
	return s
}

func TestGoldenGroups(t *testing.T) {
	for _, size := range [][2]int{{40, 20}, {80, 24}, {110, 30}, {160, 45}} {
		t.Run(fmt.Sprintf("%dx%d", size[0], size[1]), func(t *testing.T) {
			m := drive(t, crowdScene(), size[0], size[1])
			m.choose(3)
			golden.RequireEqual(t, plainFrame(m))
		})
	}
	t.Run("evidence-80x24", func(t *testing.T) {
		m := drive(t, crowdScene(), 80, 24)
		m.choose(3)
		m.Update(keyPress("e"))
		golden.RequireEqual(t, plainFrame(m))
	})
	t.Run("many-110x30", func(t *testing.T) { golden.RequireEqual(t, plainFrame(drive(t, manyGroups(), 110, 30))) })
}

// The hint is what matters: it stays where there is no room for all, and its note is not said a second time.
func TestHintsStay(t *testing.T) {
	snap := manyGroups()
	snap.Groups[6].Hint, snap.Groups[6].HintSince = "since copy of volume 03 joined, the total fell", before(time.Minute)
	snap.Notes = append(snap.Notes, fold.NoteView{At: before(time.Minute), Kind: observe.KindTransfer, Text: "array 5: since copy of volume 03 joined"})
	frame := plainFrame(drive(t, snap, 80, 24))
	for _, want := range []string{"fell from 96 MB/s to 61 MB/s", "since copy of volume 03 joined, the total"} {
		if strings.Count(frame, want) != 1 {
			t.Errorf("%q is there %d times in\n%s", want, strings.Count(frame, want), frame)
		}
	}
	if strings.Contains(frame, "array 5: since") {
		t.Errorf("the note is said beside the hint in\n%s", frame)
	}
}

// Groups and charts fit at any size, whatever they hold.
func TestGroupsFitAtEverySize(t *testing.T) {
	snap := manyGroups()
	hostile := &snap.Tasks[3]
	hostile.Course = append(hostile.Course, math.Inf(1), math.Inf(-1), -5)
	snap.Groups[1].Name = strings.Repeat("very long \x1b[31m", 20)
	snap.Groups[1].Spark = []float64{math.NaN(), math.Inf(1), 1, 2, 3, 4, 5}
	snap.Groups[1].Members[0].Rate = math.NaN()
	for w := 1; w <= 170; w += 7 {
		for h := 1; h <= 46; h += 3 {
			m := drive(t, snap, w, h)
			m.choose(3)
			requireFits(t, m, w, h)
			m.Update(keyPress("e"))
			requireFits(t, m, w, h)
		}
	}
}

func TestStretch(t *testing.T) {
	nan := math.NaN()
	for _, x := range []struct {
		in   []float64
		n    int
		want string
	}{
		{[]float64{1, 2, 3, 4}, 2, "[1.5 3.5]"},
		{[]float64{1, nan, nan, nan}, 2, "[1 NaN]"},
		{[]float64{1, 2}, 4, "[1 1 2 2]"},
		{[]float64{1, 2, 3}, 2, "[1 2.5]"},
	} {
		if got := fmt.Sprint(stretch(x.in, x.n)); got != x.want {
			t.Errorf("%v to %d: %s, want %s", x.in, x.n, got, x.want)
		}
	}
}

// What cannot be seen now is not said to be so now.
func TestUnseenMembersAreDated(t *testing.T) {
	snap := crowdScene()
	g := &snap.Groups[0]
	g.Blind, g.Members[1].Blind = true, true
	frame := plainFrame(drive(t, snap, 110, 30))
	for _, want := range []string{"Σ backup  was 61 MB/s", "mailbox backup 38 MB/s", "clone archive VM was 23 MB/s"} {
		if !strings.Contains(frame, want) {
			t.Errorf("no %q in\n%s", want, frame)
		}
	}
}
