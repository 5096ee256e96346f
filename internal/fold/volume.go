package fold

import (
	"slices"
	"strings"
	"time"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// volume is a file system of a host, as it is mounted there.
type volume struct {
	host  string
	paths []string // the paths asked about that lie on it
	observe.Volume
	at   time.Time
	pool *pool
}

// pool is what has its room in common: a file system, however often it is mounted. A network file system is the same
// on every host that mounts it.
type pool struct {
	key     string
	volumes []*volume
	writers []*writer // in the plan's order
	room    [units]room
	at      time.Time // of the newest sample
	blind   bool
	due     bool // something has changed since it was reckoned
	last    time.Time
	courses []rate.Writer // of the writers, in their order
}

// The two things that a file system can run out of.
const (
	inBytes = iota
	inInodes
	units
)

var unitNames = [units]string{bytesUnit, "inodes"}

// room is what is left of one of them.
type room struct {
	known  bool
	inodes bool
	size   float64
	avail  float64
	seen   float64 // of avail, when its writers were last reckoned
	ours   float64 // what the session's tasks have written there since it was first seen
	fill   rate.Filling
	told   bool       // that it fills was noted
	full   [3]float64 // in how many seconds it is full with what is known of all; +Inf: never
	cause  *writer    // without whom there would be room for all the others; nil: nobody, or there is room
}

// volumesSource is the name of the source that looks at file systems.
const volumesSource = "volumes"

// maxVolumes bounds the file systems that are kept.
const maxVolumes = 500

// volume takes a sample of a file system.
func (s *State) volume(o observe.Observation, p observe.Volume) {
	if p.Mount == "" || p.Size < 0 || p.Used < 0 {
		return
	}
	v := s.volumeAt(o.Host, p.Mount)
	if v == nil {
		if len(s.volumes) >= maxVolumes {
			return
		}
		v = &volume{host: o.Host}
		s.volumes = append(s.volumes, v)
	}
	if p.Paths != nil && !slices.Equal(v.paths, p.Paths) {
		v.paths, s.joined = p.Paths, false
	}
	if v.pool == nil || v.Device != p.Device {
		v.Volume = p
		s.pool(v)
	}
	v.Volume, v.at = p, s.at
	v.pool.sample(s.at, p, s.started)
}

func (s *State) volumeAt(host, mount string) *volume {
	for _, v := range s.volumes {
		if v.host == host && v.Mount == mount {
			return v
		}
	}
	return nil
}

// pool puts a volume to those that share its room.
func (s *State) pool(v *volume) {
	key := v.host + "\x00" + v.Mount
	switch {
	case strings.Contains(v.Device, ":/") || strings.HasPrefix(v.Device, "//"):
		key = "\x00" + v.Device // a server's: the same from everywhere
	case strings.HasPrefix(v.Device, "/"):
		key = v.host + "\x00\x00" + v.Device
	}
	if old := v.pool; old != nil {
		old.volumes = slices.DeleteFunc(old.volumes, func(o *volume) bool { return o == v })
	}
	i := slices.IndexFunc(s.pools, func(p *pool) bool { return p.key == key })
	if i < 0 {
		i = len(s.pools)
		s.pools = append(s.pools, &pool{key: key})
	}
	v.pool = s.pools[i]
	v.pool.volumes = append(v.pool.volumes, v)
	s.joined = false
}

// sample takes what is left of the room.
func (p *pool) sample(now time.Time, v observe.Volume, started time.Time) {
	p.at, p.due = now, true
	p.room[inBytes].sample(now.Sub(started).Seconds(), float64(v.Size), float64(max(v.Avail, 0)))
	if v.Inodes > 0 {
		p.room[inInodes].inodes = true
		p.room[inInodes].sample(now.Sub(started).Seconds(), float64(v.Inodes), float64(max(v.InodesFree, 0)))
	}
}

func (r *room) sample(t, size, avail float64) {
	r.known, r.size, r.avail = true, size, avail
	r.fill.Add(t, avail, r.ours)
}

// volumesSee takes how well the source of a host's volumes sees.
func (s *State) volumesSee(o observe.Observation, p observe.Source) {
	if o.Source != volumesSource {
		return
	}
	if s.sees == nil {
		s.sees = map[string]observe.Source{}
	}
	s.sees[o.Host] = p
}

// blindTo tells that a volume cannot be seen now: its host cannot be reached, nobody can look there, or it does not
// answer itself.
func (s *State) blindTo(v *volume) bool {
	if h := s.hostOf(v.host); h != nil && h.state != LinkUp && h.state != LinkLate {
		return true
	}
	switch sees := s.sees[v.host]; sees.State {
	case observe.SourceFailed:
		return true
	case observe.SourceLimited:
		clauses := strings.Split(sees.Why, "; ")
		mute := func(path string) bool { return slices.Contains(clauses, path+" does not answer") }
		return mute(v.Mount) || slices.ContainsFunc(v.paths, mute)
	case observe.SourceUp, observe.SourceWaiting:
	}
	return false
}

// stepVolumes is one whole second of all volumes.
func (s *State) stepVolumes() {
	if len(s.pools) == 0 {
		return
	}
	for _, t := range s.tasks {
		s.joined = s.joined && (t.target == t.moving.target() || t.plan.Transfer != nil && t.plan.Transfer.Path != "")
	}
	if !s.joined {
		s.join()
	}
	for _, p := range s.pools {
		for _, w := range p.writers {
			p.due = p.due || w.t.counting.progress.At.After(p.last) || w.over() != w.done
		}
		if p.blind = s.hides(p); p.blind {
			continue
		}
		p.hold(s.at, s.started)
		if p.due || s.at.Sub(p.last) >= reckonEvery {
			s.reckonPool(p)
		}
	}
}

// hides tells that none of the mounts of a pool can be seen.
func (s *State) hides(p *pool) bool {
	for _, v := range p.volumes {
		if !s.blindTo(v) {
			return false
		}
	}
	return true
}

// holdAfter is after how long without another sample a volume is taken to be as it was: unchanged ones are not
// recorded.
const holdAfter = 15 * time.Second

// hold tells the forecast that nothing has changed.
func (p *pool) hold(now, started time.Time) {
	if p.at.IsZero() || now.Sub(p.at) < holdAfter || now.Unix()%int64(holdAfter/time.Second) != 0 {
		return
	}
	for u := range p.room {
		if r := &p.room[u]; r.known && r.fill.Moves() {
			r.fill.Add(now.Sub(started).Seconds(), r.avail, r.ours)
			p.due = true
		}
	}
}

// forget begins the trends anew.
func (p *pool) forget() {
	for u := range p.room {
		p.room[u].fill = rate.Filling{}
	}
}

// name is how a volume is called: by its mount, with its host where it is not this machine.
func (v *volume) name() string {
	if v.host == "" {
		return v.Mount
	}
	return v.Mount + " on " + v.host
}

// volumeViews are the volumes as they stand.
func (s *State) volumeViews() []VolumeView {
	var views []VolumeView
	for _, v := range s.volumes {
		views = append(views, s.volumeView(v))
	}
	return views
}

func (s *State) volumeView(v *volume) VolumeView {
	p := v.pool
	r := &p.room[inBytes]
	view := VolumeView{Host: v.host, Volume: v.Volume, At: v.at, Blind: s.blindTo(v), All: true}
	view.Paths = v.paths
	if !p.last.IsZero() { // what is said of the writers is from the same look
		view.Avail = int64(r.seen)
	}
	view.Rate, _ = r.fill.Rate()
	if _, spent := p.spentUnit(); spent {
		view.Rate = min(view.Rate, 0) // it fills no more
	}
	for _, w := range p.writers {
		if w.over() {
			continue
		}
		if !slices.Contains(view.Tasks, w.t.plan.Name) {
			view.Tasks = append(view.Tasks, w.t.plan.Name)
		}
		want := &w.wants[inBytes]
		view.Need += max(want.left, 0)
		view.All = view.All && (want.known || !w.takes())
	}
	view.Short = max(view.Need-float64(view.Avail), 0)
	view.Full = p.fullAt(s.at, inBytes)
	if e := p.fullAt(s.at, inInodes); e.State == rate.Range && (view.Full.State != rate.Range || e.P50.Before(view.Full.P50)) {
		view.Full = e
	}
	view.Text = p.warning(v, s.at)
	_, view.Spent = p.spentUnit()
	return view
}
