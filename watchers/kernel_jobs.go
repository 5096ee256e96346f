package watchers

import (
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// kernelMove is a copy that the kernel makes: an array that is built again, blocks that are moved to another disk.
type kernelMove struct {
	move
	id      string // as observe.Transfer.ID: "md0"
	name    string // of its task: "md0 recovery"
	state   observe.TransferState
	detail  string
	amounts []observe.Amount
}

// Where the kernel tells of its copies.
const (
	mdStat  = "/proc/mdstat"
	drbd8   = "/proc/drbd"
	dmNames = "/sys/class/block/dm-*/dm/name"
	mdDoes  = "/sys/class/block/md*/md/sync_action"
	// kernelSaid is no file: the answer to kernelQuestion.
	kernelSaid = "\x00said"
)

// kernelFiles are what must be read to know the kernel's copies.
func kernelFiles() []string { return []string{mdStat, drbd8, dmNames, mdDoes} }

// kernelQuestion is the command that tells of those copies that no file tells of: where the device mapper has parts of
// mirrors, and where DRBD is of version 9. It takes no lock of LVM's and lets nothing be written. Empty: there are none.
func kernelQuestion(texts map[string]string) string {
	var commands []string
	for file, name := range texts {
		if strings.HasSuffix(file, "/dm/name") && mirrored(name) {
			commands = []string{"dmsetup status --noflush --target mirror 2>/dev/null; dmsetup status --noflush --target raid 2>/dev/null"}
			break
		}
	}
	if strings.Contains(firstLine(texts[drbd8]), "version: 9") {
		commands = append(commands, "drbdsetup status --json 2>/dev/null")
	}
	if commands == nil {
		return ""
	}
	return strings.Join(commands, "; ") + "; :"
}

// mirrored tells whether the name of a mapped device is that of a part of a mirror.
func mirrored(name string) bool {
	for _, part := range []string{"pvmove", "_mimage_", "_rimage_", "_mlog", "_rmeta_"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// kernelMoves finds the kernel's copies in the texts of kernelFiles, and in what kernelQuestion told.
func kernelMoves(texts map[string]string) []kernelMove {
	all := arrays(texts[mdStat])
	all = append(all, drbd8Resyncs(texts[drbd8])...)
	mapped, other, _ := strings.Cut(texts[kernelSaid], "[\n")
	if strings.HasPrefix(mapped, "[") {
		mapped, other = "", texts[kernelSaid]
	} else if other != "" {
		other = "[\n" + other
	}
	all = append(all, mirrors(mapped)...)
	return append(all, drbd9Resyncs(other)...)
}

// arrays reads /proc/mdstat. The kernel counts in blocks of 1 KiB of one member.
func arrays(text string) []kernelMove {
	var all []kernelMove
	name, about := "", ""
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if f := strings.Fields(line); len(f) > 3 && f[1] == ":" && line[0] != ' ' {
			name, about = f[0], arrayWords(f[3:])
			continue
		}
		if k, ok := arrayWork(strings.TrimSpace(line)); ok && name != "" {
			k.tool, k.target, k.id = "md", "/dev/"+name, name
			k.name = name + " " + k.name
			if k.detail == "" {
				k.detail = about
			}
			all = append(all, k)
			name = ""
		}
	}
	return all
}

// arrayWords says what an array is made of: "raid1 of sda1, sdb1".
func arrayWords(words []string) string {
	for len(words) > 0 && strings.HasPrefix(words[0], "(") { // (auto-read-only)
		words = words[1:]
	}
	if len(words) == 0 {
		return ""
	}
	var members []string
	for _, w := range words[1:] {
		if disk, _, ok := strings.Cut(w, "["); ok {
			members = append(members, disk)
		}
	}
	return printable(words[0]+" of "+strings.Join(members, ", "), 160)
}

// arrayWork reads "[==>...]  recovery = 12.6% (123456/976630464) finish=127.5min speed=33440K/sec", or "resync=DELAYED".
func arrayWork(line string) (kernelMove, bool) {
	for _, verb := range []string{"resync", "recovery", "reshape", "check", "repair"} {
		if rest, ok := strings.CutPrefix(line, verb+"="); ok {
			k := kernelMove{name: verb, state: observe.TransferQueued}
			switch {
			case strings.HasPrefix(rest, "DELAYED"):
				k.detail = "waits until another array on the same disks is done"
			case strings.HasPrefix(rest, "PENDING"):
				k.detail = "waits until the array is written to for the first time"
			case strings.HasPrefix(rest, "REMOTE"):
				k.state, k.detail = observe.TransferRunning, "another machine of the cluster does it"
			default:
				return kernelMove{}, false
			}
			return k, true
		}
		_, rest, ok := strings.Cut(line, " "+verb+" = ")
		if !ok {
			continue
		}
		_, pair, _ := strings.Cut(rest, "(")
		done, total, ok := fraction(pair)
		if !ok {
			return kernelMove{}, false
		}
		return kernelMove{name: verb, state: observe.TransferRunning, amounts: counted("what the kernel counts of each disk", done*1024, total*1024)}, true
	}
	return kernelMove{}, false
}

// fraction reads "123456/976630464)".
func fraction(s string) (done, total float64, ok bool) {
	s, _, _ = strings.Cut(s, ")")
	a, b, _ := strings.Cut(s, "/")
	d, err1 := strconv.ParseUint(strings.TrimSpace(a), 10, 53)
	t, err2 := strconv.ParseUint(strings.TrimSpace(b), 10, 53)
	return float64(d), float64(t), err1 == nil && err2 == nil && t > 0 && d <= t
}

// counted is what the kernel counts.
func counted(what string, done, total float64) []observe.Amount {
	return []observe.Amount{{Of: observe.AmountJob, What: what, Done: done, Total: total, Unit: "bytes", By: "the kernel"}}
}

// mirrors reads the status of the device mapper's mirrors and arrays, one a line, in sectors of 512 bytes:
// "vg-pvmove0: 0 2097152 mirror 2 253:3 253:4 1024/2048 1 AA 1 core" counts regions, all of them together as long as
// the device; "vg-home: 0 83886080 raid raid1 2 aA 9830400/83886080 recover 0 0 -" counts sectors.
func mirrors(text string) []kernelMove {
	var all []kernelMove
	seen := map[string]int{}
	for line := range strings.Lines(text) {
		device, rest, ok := strings.Cut(strings.TrimSpace(line), ": ")
		f := strings.Fields(rest)
		if !ok || len(f) < 6 {
			continue
		}
		k := kernelMove{state: observe.TransferRunning}
		k.tool, k.target, k.id = "dm", "/dev/mapper/"+device, device
		if n := seen[device]; n > 0 {
			k.id += "/" + strconv.Itoa(n) // pvmove moves one segment after the other
		}
		seen[device]++
		switch f[2] {
		case "mirror":
			ok = k.mirror(device, f)
		case "raid":
			ok = k.raid(device, f)
		default:
			ok = false
		}
		if ok {
			all = append(all, k)
		}
	}
	return all
}

func (k *kernelMove) mirror(device string, f []string) bool {
	length, err1 := strconv.ParseUint(f[1], 10, 53)
	legs, err2 := strconv.Atoi(f[3])
	if err1 != nil || err2 != nil || legs < 1 || len(f) < 5+legs {
		return false
	}
	done, total, ok := fraction(f[4+legs])
	if !ok || done == total {
		return false
	}
	bytes := float64(length) * 512
	k.name, k.amounts = device+" mirror", counted("regions that the kernel has copied", bytes*done/total, bytes)
	if strings.Contains(device, "pvmove") {
		k.tool, k.name = "pvmove", device
		k.detail = "one part of what pvmove moves: it moves one after the other"
	}
	return true
}

func (k *kernelMove) raid(device string, f []string) bool {
	if len(f) < 8 {
		return false
	}
	done, total, ok := fraction(f[6])
	action := f[7]
	if !ok || action == "idle" || action == "frozen" || done == total {
		return false
	}
	k.name, k.detail = device+" "+printable(action, 16), printable(f[3], 16)
	k.amounts = counted("sectors that the kernel counts of each disk", done*512, total*512)
	return true
}

// kernelEnd says how a copy of the kernel's ended which it does not list any more; running while it has not come to
// rest.
func kernelEnd(t observe.Transfer, texts map[string]string) (observe.TransferState, string) {
	switch t.Tool {
	case "md":
		switch action := strings.TrimSpace(texts[strings.Replace(mdDoes, "md*", t.ID, 1)]); action {
		case "", "idle", "frozen":
			return arrayEnd(t.ID, texts[mdStat])
		default: // it goes on at once, or its last blocks are written
			return observe.TransferRunning, t.Detail
		}
	case "drbd":
		if minor, ok := strings.CutPrefix(t.ID, "drbd"); ok {
			return drbd8End(minor, texts[drbd8])
		}
	case "dm", "pvmove":
		for line := range strings.Lines(texts[kernelSaid]) {
			f := strings.Fields(line)
			if device, _, _ := strings.Cut(t.ID, "/"); len(f) > 5 && f[0] == device+":" && (f[3] == "raid" && len(f) > 8 && f[8] == "idle" || f[3] == "mirror") {
				return observe.TransferDone, "the kernel says that it is in sync"
			}
		}
	}
	return observe.TransferGone, "the kernel does not list it any more"
}

// arrayEnd looks whether an array has all its disks: "[3/2] [UU_]" lacks one.
func arrayEnd(name, text string) (observe.TransferState, string) {
	_, rest, ok := strings.Cut("\n"+text, "\n"+name+" : ")
	if !ok {
		return observe.TransferGone, name + " was stopped"
	}
	about, rest, _ := strings.Cut(rest, "\n")
	if at := strings.Index(rest, "\nmd"); at >= 0 {
		rest = rest[:at]
	}
	for word := range strings.FieldsSeq(rest) {
		want, have, ok := strings.Cut(strings.Trim(word, "[]"), "/")
		n, err1 := strconv.Atoi(want)
		m, err2 := strconv.Atoi(have)
		switch {
		case !ok || err1 != nil || err2 != nil || word[0] != '[':
		case m < n:
			return observe.TransferFailed, name + " has " + have + " of " + want + " disks: " + missingDisks(about, rest)
		default:
			return observe.TransferDone, name + " has all its " + want + " disks"
		}
	}
	return observe.TransferGone, "the kernel does not list it any more"
}

// missingDisks says what an array lacks: by the disks that are marked as failed, "sdd1[4](F)", or else by the places
// that are empty, "[UU_]".
func missingDisks(about, rest string) string {
	var failed, empty []string
	for word := range strings.FieldsSeq(about) {
		if disk, mark, ok := strings.Cut(word, "["); ok && strings.HasSuffix(mark, "(F)") {
			failed = append(failed, printable(disk, 32))
		}
	}
	for word := range strings.FieldsSeq(rest) {
		if !strings.HasPrefix(word, "[") || strings.Trim(word, "[U_]") != "" {
			continue
		}
		for i, r := range strings.Trim(word, "[]") {
			if r == '_' {
				empty = append(empty, strconv.Itoa(i+1))
			}
		}
	}
	if len(failed) > 0 {
		return strings.Join(failed, ", ") + " has failed"
	}
	return "no disk at place " + strings.Join(empty, ", ")
}
