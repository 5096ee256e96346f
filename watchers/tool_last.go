package watchers

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"ronda/internal/observe"
)

// What the last question answers.
const (
	endClosed   = "closed"
	endUnclosed = "unclosed"
)

// tarMark stands for the two empty blocks that end an archive: tar writes them last of all.
const tarMark = "\x00"

// cheapFiles is how many files may be added up once more when a copy is gone.
const cheapFiles = 50_000

// lastQuestion returns what is to be asked of a copy that is gone: whether what it wrote ends as it should, or whether
// its target holds as much as its sources.
func (m move) lastQuestion(sizes map[string]observe.FileInfo) (question, bool) {
	whole := glance{move: m, sizes: sizes}
	switch {
	case m.closing == tarMark && localPath(m.target) && dataFile(m.target) && !m.packedBehind() && m.unchanged():
		return question{
			command: fmt.Sprintf(`if [ "$(tail -c 1024 -- %s | tr -d '\0' | wc -c)" -eq 0 ]; then echo %s; else echo %s; fi`, quoteShell(m.target), endClosed, endUnclosed),
			paths:   []string{m.target},
		}, true
	case m.closing == tarMark:
		return question{}, false
	case m.closing != "" && localPath(m.target) && dataFile(m.target) && !m.packedBehind():
		// Only whether the words are there leaves the host.
		return question{
			command: fmt.Sprintf("if tail -c 200 -- %s | grep -q -e %s; then echo %s; else echo %s; fi", quoteShell(m.target), quoteShell(m.closing), endClosed, endUnclosed),
			paths:   []string{m.target},
		}, true
	case m.way == wayFile && !whole.single() && m.sum.files <= cheapFiles && len(m.sources) > 0 && len(m.sources) <= maxSummed &&
		!slices.ContainsFunc(append(m.sources, m.target), func(p string) bool { return !localPath(p) }) && !m.replaces && !m.chosen:
		targets := m.landed()
		landed := sumCommand(cheapFiles, targets)
		if m.tool == "cp" && len(m.sources) == 1 { // a folder that was not there has become the copy itself
			landed = "if [ -e " + quoteShell(targets[0]) + " ]; then " + landed + "; else " + sumCommand(cheapFiles, []string{m.target}) + "; fi"
		}
		command := "( " + sumCommand(cheapFiles, m.sources, m.leaves...) + " ); ( " + landed + " )"
		return question{command: command, paths: append(targets, m.sources...)}, true
	default:
		return question{}, false
	}
}

// packedBehind tells whether the target's name is that of something compressed.
func (m move) packedBehind() bool {
	switch path.Ext(m.target) {
	case ".gz", ".bz2", ".xz", ".zst", ".lz4", ".lzo", ".Z", ".gpg", ".enc", ".age":
		return true
	default:
		return false
	}
}

// unchanged tells whether what the copy writes comes to its target as it writes it: what it goes through only passes on.
func (m move) unchanged() bool {
	return !slices.ContainsFunc(m.through, func(tool string) bool { return !passesOn(tool) })
}

// passes tells whether a process passes on what another gives it.
func (m move) passes() bool { return passesOn(m.tool) && len(m.sources) == 0 }

// passesOn tells whether a tool only passes on what it is given.
func passesOn(tool string) bool { return tool == "pv" || tool == "cat" }

// landed is where the sources came to lie under the target.
func (m move) landed() []string {
	if len(m.sources) == 1 && strings.HasSuffix(m.sources[0], "/") || m.tool == "rclone" || strings.Contains(m.tool, "backup") {
		return []string{m.target}
	}
	var paths []string
	for _, s := range m.sources {
		paths = append(paths, path.Join(m.target, path.Base(s)))
	}
	return paths
}

// closed tells what the last words of a dump say.
func (m move) closed(answer string) (observe.TransferState, string) {
	switch strings.TrimSpace(answer) {
	case endClosed:
		if m.closing == tarMark {
			return observe.TransferDone, m.target + " ends with the mark that tar writes last"
		}
		return observe.TransferDone, m.target + " ends with " + m.tool + "'s last line"
	case endUnclosed:
		if !m.unchanged() { // who knows what the others have made of it
			return observe.TransferGone, m.tool + " is gone; " + m.target + " does not end as it writes it, but that went through " + strings.Join(m.through, ", ")
		}
		if m.closing == tarMark {
			return observe.TransferFailed, m.target + " does not end with the mark that tar writes last: the archive is not whole"
		}
		return observe.TransferFailed, m.target + " does not end with " + m.tool + "'s last line: the dump is not whole"
	default:
		return observe.TransferGone, m.tool + " is gone, and the end of " + m.target + " could not be looked at"
	}
}

// trees compares what the sources hold with what the target holds.
func (m move) trees(answer string) (observe.TransferState, string) {
	first, second, _ := strings.Cut(strings.TrimSpace(answer), "\n")
	src, ok1 := parseSum(first)
	dst, ok2 := parseSum(second)
	gone := func(why string) (observe.TransferState, string) {
		return observe.TransferGone, m.tool + " is gone; " + why
	}
	switch {
	case !ok1 || !ok2 || src.files == 0:
		return gone("whether all was copied could not be found out")
	case src.denied != "" || dst.denied != "":
		return gone("not all files could be compared: " + firstOf(src.denied, dst.denied))
	case dst.files >= src.files && dst.bytes >= src.bytes:
		return observe.TransferDone, fmt.Sprintf("%s holds %d files of %s, as much as %s", m.target, dst.files, bytesText(dst.bytes), m.origin())
	case dst.files < src.files:
		return observe.TransferFailed, fmt.Sprintf("%s holds %d of %d files", m.target, dst.files, src.files)
	default:
		return observe.TransferFailed, fmt.Sprintf("%s holds %s of %s", m.target, bytesText(dst.bytes), bytesText(src.bytes))
	}
}

// saved returns the folder that is given one more file in the end, as far as it was looked at.
func (m move) saved(sizes map[string]observe.FileInfo) (observe.FileInfo, bool) {
	p := path.Join(m.target, m.saves)
	if d, ok := sizes[p]; ok {
		return d, true
	}
	d, ok := sizes[p+"/."]
	return d, ok
}

// another tells whether the folder has been given one more file since the copy was found.
func (m move) another(e moveEnd) (observe.TransferState, string) {
	folder := path.Join(m.target, m.saves)
	now, ok := m.saved(e.sizes)
	switch {
	case !ok || e.before.IsZero():
		return observe.TransferGone, m.tool + " is gone, and whether " + folder + " has a new file is not known"
	case now.Modified.Equal(e.before) && e.exit.Known: // it was told to make none where nothing has changed
		return observe.TransferGone, folder + " has no new file"
	case now.Modified.Equal(e.before):
		return observe.TransferFailed, folder + " has no new file: " + m.tool + " did not come to its end"
	case e.shared:
		return observe.TransferGone, m.tool + " is gone; " + folder + " has a new file, and another " + m.tool + " wrote there too: whose it is is not known"
	default:
		return observe.TransferDone, folder + " has a new file, which " + m.tool + " writes in the end"
	}
}
