package watchers

import (
	"slices"
	"strings"

	"ronda/internal/observe"
)

// tell emits what is new.
func (r *growthRun) tell() {
	if s := r.sight(); s != r.source && s.State != "" {
		r.source = s
		r.emit(s)
	}
	if r.first || r.cfg.Hold && !r.begun || r.now.kind == kindAbsent && r.was.kind == kindAbsent && !r.cfg.Ref.Volume {
		return
	}
	state, detail := r.end()
	t := observe.Transfer{
		Tool: "growth", Source: r.cfg.Source, Target: r.cfg.Target, State: state, Detail: detail,
		Amounts: r.amounts(), Unknown: r.unknown(),
	}
	if observe.Same(r.told, t) {
		return
	}
	r.told = t
	r.emit(t)
}

// sight is how well the target is seen.
func (r *growthRun) sight() observe.Source {
	name := r.cfg.Target
	denied := strings.Contains(strings.ToLower(r.now.why), "permission denied")
	switch {
	case r.trouble != "":
		return observe.Source{State: observe.SourceFailed, Why: r.trouble}
	case r.first:
		return observe.Source{}
	case r.cfg.Ref.Volume && r.now.room.Size > 0:
		return observe.Source{State: observe.SourceUp}
	case r.now.kind == kindAbsent && denied:
		return observe.Source{State: observe.SourceFailed, Why: name + " cannot be looked at: permission denied; run as root or as its owner"}
	case r.now.kind == kindAbsent && r.was.kind == kindAbsent:
		return observe.Source{State: observe.SourceWaiting, Why: name + " is not there yet"}
	case r.now.kind == kindAbsent:
		return observe.Source{State: observe.SourceWaiting, Why: name + " is not there any more"}
	case r.cfg.Hold && !r.begun:
		return observe.Source{State: observe.SourceWaiting, Why: "what stands at " + name + " is of an earlier run: it has not changed yet"}
	case r.now.kind == kindOther:
		return observe.Source{State: observe.SourceLimited, Why: name + " is neither a file nor a folder: how much of it is written does not show in its size"}
	case r.tree.denied != "":
		return observe.Source{State: observe.SourceLimited, Why: r.deniedText()}
	}
	return observe.Source{State: observe.SourceUp}
}

func (r *growthRun) deniedText() string {
	return "the size of " + r.cfg.Target + " is not known: permission denied at " + r.tree.denied
}

// unknown says what is not known.
func (r *growthRun) unknown() string {
	var why []string
	switch {
	case r.now.kind == kindAbsent && !r.cfg.Ref.Volume:
		why = append(why, r.cfg.Target+" is not there any more")
	case r.now.kind == kindFolder && !r.cfg.Ref.Volume && r.tree.denied != "":
		why = append(why, r.deniedText())
	case r.now.kind == kindFolder && !r.cfg.Ref.Volume && !r.tree.known && r.tree.why != "":
		why = append(why, "the size of "+r.cfg.Target+" is not known: "+r.tree.why)
	case r.now.kind == kindFolder && !r.cfg.Ref.Volume && !r.tree.known:
		why = append(why, "the size of "+r.cfg.Target+" is not known yet: its files are being counted")
	case r.now.kind == kindOther && !r.cfg.Ref.Volume:
		why = append(why, "how much of "+r.cfg.Target+" is written does not show in its size")
	}
	if r.total.why != "" {
		why = append(why, r.total.why)
	}
	return strings.Join(slices.Compact(why), "; ")
}

// amounts are the ways of telling how far it is, the most trusted first.
func (r *growthRun) amounts() []observe.Amount {
	path := r.cfg.Target
	switch {
	case r.cfg.Ref.Volume:
		return r.roomAmounts()
	case r.now.kind == kindFile:
		whole := r.amount(observe.AmountTarget, path, float64(r.now.size))
		if !r.now.sparse() {
			return []observe.Amount{whole}
		}
		stored := r.amount(observe.AmountTarget, "what is written of "+path, float64(r.now.allocated))
		if stored.Estimate = stored.Total > 0; r.total.allocated > 0 && r.cfg.Ref.Ratio == 0 { // both ends have their holes
			stored.Total, stored.By = float64(r.total.allocated), r.total.by+", without its holes"
		}
		return []observe.Amount{stored, whole}
	case r.now.kind == kindFolder && r.tree.known:
		return r.treeAmounts(path)
	}
	return nil
}

// treeAmounts are those of a folder.
func (r *growthRun) treeAmounts(path string) []observe.Amount {
	t := &r.tree
	counted := r.amount(observe.AmountTarget, path, float64(t.bytes))
	counted.Estimate = counted.Estimate || counted.Total > 0 && t.denied != ""
	list := []observe.Amount{counted}
	if t.slow && r.now.room.Size > 0 {
		between := r.amount(observe.AmountVolume, path+", by its file system since it was counted", t.between(r.now.room.Used))
		between.Estimate = between.Total > 0
		if list = append(list, between); t.moved { // the count is of yesterday
			list = list[1:]
		}
	}
	if t.files > 0 {
		files := t.files
		if t.slow && r.now.room.Inodes > 0 {
			files = max(t.files+r.now.room.Inodes-r.now.room.InodesFree-t.files0, 0)
		}
		list = append(list, observe.Amount{
			Of: observe.AmountFiles, What: path, Done: float64(files), Total: float64(r.total.files), Unit: "files",
			Estimate: r.total.files > 0, By: byOf(r.total.files > 0, r.total.by),
		})
	}
	return list
}

// roomAmounts are those of a whole file system: by how much more is in use than when it was first looked at.
func (r *growthRun) roomAmounts() []observe.Amount {
	room := r.now.room
	if room.Size == 0 {
		return nil
	}
	return []observe.Amount{r.amount(observe.AmountVolume, "file system at "+room.Mount, float64(max(room.Used-r.base, 0)))}
}

// amount is one with the total that is known.
func (r *growthRun) amount(of observe.AmountOf, what string, done float64) observe.Amount {
	a := observe.Amount{Of: of, What: what, Done: done, Unit: "bytes"}
	if r.total.bytes <= 0 {
		return a
	}
	a.Total, a.Estimate, a.By = float64(r.total.bytes), r.total.estimate, r.total.by
	if ratio := r.cfg.Ref.Ratio; ratio > 0 {
		a.Total *= ratio
		a.Estimate = true
		a.By += ", times the ratio of the plan"
	}
	return a
}

func byOf(known bool, by string) string {
	if !known {
		return ""
	}
	return by
}
