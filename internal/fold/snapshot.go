package fold

import (
	"slices"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// Snapshot returns the state as it is now.
func (s *State) Snapshot() *Snapshot {
	snap := &Snapshot{
		At: s.at, Seq: s.seq, Started: s.started, Title: s.plan.Title, Plan: s.plan,
		Notes: slices.Clone(s.notes), Unknown: s.unknown, Ended: s.ended, Why: s.why,
	}
	for _, h := range s.hosts {
		snap.Hosts = append(snap.Hosts, HostView{h.name, h.state, h.since, h.rtt, h.detail})
	}
	for _, t := range s.tasks {
		v := t.view(s.at)
		s.await(&v, t)
		snap.Tasks = append(snap.Tasks, v)
	}
	snap.Groups = s.groupViews()
	snap.Finders = s.finderViews()
	snap.Volumes = s.volumeViews()
	snap.Whole = s.wholeView()
	for _, v := range s.services {
		h := s.hostOf(v.plan.Host)
		snap.Services = append(snap.Services, ServiceView{
			Name: v.plan.Name, Host: v.plan.Host, Asked: v.asked, OK: v.last.OK, Since: v.since,
			Latency: time.Duration(v.last.MS * float64(time.Millisecond)), Detail: v.last.Detail,
			Expires: v.last.Expires, Last: v.at, Blind: h != nil && h.state == LinkDown,
		})
	}
	return snap
}

func (t *task) view(now time.Time) TaskView {
	k := &t.counting
	v := TaskView{
		Name: t.plan.Name, Host: t.plan.Host, Started: t.started, Ruling: t.ruling(now), Overlong: t.judge.Overlong(),
		Phase: t.phase, PhaseSince: t.phaseSince, Progress: k.progress,
		LastLine: t.last, Log: t.lines.view(t.partial),
		Process: t.work.sample, Scenes: t.scenes.taken,
	}
	if s := t.work.sample; s != nil && len(s.Procs) == len(t.tree.procs) {
		v.Uses = t.tree.usesAt(now, t.work.at)
	}
	if ended, over := t.judge.Ended(); over {
		v.Ended = ended
	}
	if k.outlived && v.Ended.IsZero() {
		v.Progress = Progress{}
	} else if k.series != nil {
		if r, ok := k.series.Now(t.clock(now)); ok {
			v.Rate = r
		}
		whole := t.clock(now)
		if !v.Ended.IsZero() {
			whole -= now.Sub(v.Ended) // what has ended grows no slower afterwards
		}
		if r, ok := k.series.Mean(whole); ok {
			v.RateMean = r
		}
	}
	if v.Verdict == observe.Done {
		v.Progress = t.atDone(v.Progress)
	}
	t.minute(&v, now)
	v.Transfer = t.transferView()
	shown, unit, byIO := t.speedOf()
	v.SpeedUnit, v.SpeedByIO, v.Spark = unit, byIO, shown.spark.rates()
	v.Course, v.CourseFrom, v.CourseStep = shown.course.rates(), shown.course.from, shown.course.step
	v.Change, _ = shown.levels.Change()
	v.ETA, v.PhaseETA = k.reason(etaView(k.shown, v.Verdict, now)), etaView(k.phaseShown, v.Verdict, now)
	v.Deadline = t.deadlineView(now)
	v.Deadline.Late = t.lateness.is && !v.Deadline.At.IsZero()
	v.Fit = t.fits(now)
	if why, doomed := t.doomed(now); doomed {
		v.ETA, v.PhaseETA = rate.ETA{State: rate.None, Why: why}, rate.ETA{}
	}
	for _, s := range t.sources {
		v.Sources = append(v.Sources, SourceView{s.name, s.state, s.why, s.last})
	}
	return v
}
