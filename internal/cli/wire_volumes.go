package cli

import (
	"runtime"

	"ronda/internal/observe"
	"ronda/watchers"
)

// rooms are the samplers of file systems, one a host.
type rooms map[string]*watchers.Volumes

// room is the sampler of a host's file systems, which all tasks and finders there share; nil on a machine that has
// no df.
func (w *wiring) room(name string, m machine) *watchers.Volumes {
	if name == "" && runtime.GOOS == "windows" {
		return nil
	}
	v := w.rooms[name]
	if v == nil {
		v = watchers.NewVolumes(watchers.VolumesConfig{Runner: m, Procs: m})
		w.rooms[name] = v
		w.add(observe.Origin{Host: name, Source: v.Name()}, v)
	}
	return v
}

// volumes looks at the room where a task writes: to its transfer's target, its log, and what its plan names.
func (w *wiring) volumes(t observe.Task) error {
	paths := map[string][]string{}
	var hosts []string // in the task's order
	want := func(host, path string) {
		if path == "" || path == "-" {
			return
		}
		if _, is := paths[host]; !is {
			hosts = append(hosts, host)
		}
		paths[host] = append(paths[host], path)
	}
	want(t.Host, t.Log)
	if t.Transfer != nil {
		want(t.Transfer.Host, t.Transfer.Path)
	}
	for _, v := range t.Volumes {
		want(v.Host, v.Path)
	}
	for _, host := range hosts {
		m, err := w.on(host)
		if err != nil {
			return err
		}
		if room := w.room(host, m); room != nil {
			room.Want("task "+t.Name, paths[host]...)
		}
	}
	return nil
}
