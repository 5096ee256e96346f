package watchers

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"ronda/internal/observe"
)

// What a target can be.
type targetKind byte

const (
	kindAbsent targetKind = iota
	kindFile
	kindFolder
	kindOther // a device, a socket: its size says nothing
)

// target is what one look at a target saw.
type target struct {
	kind      targetKind
	inode     string
	size      int64 // bytes, as ls shows it
	allocated int64 // bytes that it takes on the disk
	room      observe.Volume
	why       string // why it is not there, or cannot be looked at
}

// sparse tells whether a file has holes: parts of it were never written. Some file systems compress, so that a little
// less says nothing.
func (t target) sparse() bool { return t.kind == kindFile && t.allocated < t.size/10*7-(1<<20) }

// growthLook is a shell function that looks at a target: at what it is, at its temporary name or at all that it may have, and
// at its file system.
const growthLook = `ronda_look() { p=$1; h=$2
ls -Lldsink -- "$p"
echo ` + growthNext + `
if [ -n "$h" ]; then ls -ldsink -- "$h" 2>/dev/null
elif [ "$3" = 1 ] && [ ! -d "$p" ]; then
case $p in */*) d=${p%/*} ;; *) d=. ;; esac; n=${p##*/}
ls -ldsink -- "$d/.$n".?????? "$d/.~tmp~/$n" "$p".????????.partial "$p".part "$p".partial "$p".filepart "$d/.$n.part" 2>/dev/null
fi
echo ` + growthNext + `
if [ "$4" = 1 ]; then df -Pk -- "$p"; echo ` + growthNext + `; df -Pi -- "$p" 2>/dev/null; fi; }`

const growthNext = "@ronda next@"

// lsLine is a line of ls -dlsink: inode, kibibytes on the disk, mode, links, owner, group, size, three words of time,
// name. A device has two numbers in the place of a size.
var lsLine = regexp.MustCompile(`^\s*(\d+)\s+(\d+)\s+([-dlbcps])\S*\s+\d+\s+\S+\s+\S+\s+(?:\d+,\s+)?(\d+)\s+\S+\s+\S+\s+\S+\s(.*)$`)

// parseLS reads such lines.
func parseLS(text string) (list []target, names []string) {
	for line := range strings.Lines(text) {
		f := lsLine.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if f == nil {
			continue
		}
		t := target{kind: kindOther, inode: f[1], size: count(f[4]), allocated: kibibytes(f[2])}
		switch f[3] {
		case "-":
			t.kind = kindFile
		case "d":
			t.kind = kindFolder
		}
		list, names = append(list, t), append(names, f[5])
	}
	return list, names
}

// look looks at the target once.
func (r *growthRun) look(ctx context.Context) {
	ref := r.cfg.Ref
	temps, room := "0", "0"
	if r.look0++; r.look0 >= growthFiles && r.now.kind != kindFolder && (r.still > 0 || r.now.kind == kindAbsent) || r.first {
		temps, r.look0 = "1", 0
	}
	if ref.Volume || r.now.kind == kindFolder || r.now.room.Size == 0 {
		room = "1"
	}
	if now := time.Now(); r.asksRoom(now) {
		room, r.askedRoom = "1", now
	}
	q := "ronda_look " + quoteShell(strings.TrimRight(ref.Path, "/")+trailing(ref.Path)) + " " + quoteShell(r.hidden) + " " + temps + " " + room
	out, err := askAll(ctx, r.cfg.Runner, r.patience, growthLook, []string{q})
	switch {
	case ctx.Err() != nil, errors.Is(err, errNoWord):
		return
	case err != nil:
		r.trouble = err.Error()
		return
	case out.hung:
		r.mute++
		r.trouble = "the file system of " + r.cfg.Target + " does not answer"
		return
	case len(out.answers) == 0:
		return
	}
	r.trouble, r.mute = "", 0
	r.saw(r.read(out.answers[0]))
}

// trailing keeps the path of the root folder.
func trailing(path string) string {
	if strings.Trim(path, "/") == "" {
		return "/"
	}
	return ""
}

// read reads the answer of a look.
func (r *growthRun) read(answer string) target {
	parts := strings.Split(answer+"\n", growthNext+"\n")
	for len(parts) < 4 {
		parts = append(parts, "")
	}
	t := target{room: r.now.room} // a file's is asked for once
	if list, _ := parseLS(parts[0]); len(list) > 0 {
		list[0].room = t.room
		t = list[0]
	} else {
		t.why = complaint(parts[0])
	}
	own := t
	temps, names := parseLS(parts[1])
	was := r.hidden
	r.hidden = ""
	if own.kind == kindFile && r.own.inode == own.inode && r.own.size != own.size && len(temps) > 0 {
		r.stale = temps[0].inode // it is written under its own name: the other one was left behind
	}
	r.own = own
	for i, temp := range temps {
		if t.kind == kindFolder || temp.kind != kindFile || temp.inode == r.stale {
			continue
		}
		if r.hidden == "" || temp.size > t.size || names[i] == was {
			r.hidden = names[i]
			t.kind, t.inode, t.size, t.allocated, t.why = kindFile, temp.inode, temp.size, temp.allocated, ""
		}
	}
	if v, ok := parseDF(parts[2], parts[3]); ok {
		t.room = v
	}
	return t
}

// saw takes in a look, and notes what happened to the target since the one before.
func (r *growthRun) saw(t target) {
	before := r.now
	changed := t.kind != before.kind || t.inode != before.inode || t.size != before.size || t.allocated != before.allocated ||
		distance(t.room.Used, before.room.Used) > volumesMuch/16 && before.room.Size > 0 && t.room.Size > 0
	switch {
	case r.first:
	case changed:
		r.begun, r.still = true, 0
	default:
		r.still++
	}
	if r.first && r.base == 0 && t.room.Size > 0 {
		r.base = t.room.Used - int64(r.cfg.Moved)
	}
	r.first = false
	was := r.was
	switch {
	case t.kind == kindAbsent && was.kind != kindAbsent:
		r.event, r.peak = "", max(r.peak, was.size)
	case t.kind != kindFile || was.kind != kindFile:
		r.event = ""
	case t.size < was.size && t.inode != was.inode && r.hidden == "":
		r.event, r.peak = "another file took the place of the target, which held "+bytesText(was.size), was.size
	case t.size < was.size && t.inode == was.inode:
		r.event, r.peak = fmt.Sprintf("the target was cut from %s to %s", bytesText(was.size), bytesText(t.size)), was.size
	case t.size >= r.peak:
		r.event = ""
	}
	if t.kind == kindFolder && t.inode != was.inode {
		r.tree = folder{running: r.tree.running}
	}
	if used := t.room.Used; used != before.room.Used || t.room.InodesFree != before.room.InodesFree || used == 0 {
		r.tree.moved = true
	}
	if t.kind != kindAbsent {
		r.was = t
	}
	r.now = t
}
