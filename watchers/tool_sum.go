package watchers

import (
	"fmt"
	"math"
	"path"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// treeSize is how much several files and folders hold together.
type treeSize struct {
	known     bool
	bytes     int64 // as a reader of all of them sees it
	allocated int64 // on their disks
	files     int64
	denied    string // one that may not be read; the rest is counted
}

// by says where the total comes from.
func (s treeSize) by(m move) string {
	what := "its sources"
	if len(m.sources) == 1 {
		what = strings.TrimSuffix(m.sources[0], "/")
	}
	text := fmt.Sprintf("files in %s, added up once", what)
	switch {
	case m.chosen:
		text += "; what is left out counts too"
	case m.updates:
		text += "; what need not be copied counts too"
	case m.roughly:
		text += "; they change meanwhile"
	}
	return text
}

// sumCut is said of what could not be added up in time.
const sumCut = "it took too long to add up its files"

// Who adds up files must not be felt: it runs at the lowest priority of processor and disk, and gives up.
const (
	sumSeconds = 120
	sumGently  = "g=; command -v ionice >/dev/null && g='ionice -c3'; t=; command -v timeout >/dev/null && t='timeout %d'; "
	// With GNU's find each file is counted once however many names it has, and the kernel's own are left out.
	sumFind = `{ $t $g nice -n 19 find %[1]s '(' -fstype proc -o -fstype sysfs -o -fstype cgroup -o -fstype cgroup2 -o -fstype devtmpfs ')' -prune -o ! -type d%[2]s -printf '%%n %%D:%%i %%s %%b\n' 2>&1; echo "end $?"; } | awk -v most=%[3]d '
/^end [0-9]/ { if ($2 > 1) d = "` + sumCut + `"; next }
/^find: / { if (d == "") d = $0; next }
NF != 4 { next }
$1 > 1 { if ($2 in seen) next; seen[$2] }
++n > most { d = "there are more than " most " files"; exit }
{ s += $3; b += $4 }
END { printf "%%d %%.0f %%.0f %%s\n", n, s, b * 512, d }'`
	// Others add up what the files take on their disks.
	sumDu = `$t $g nice -n 19 du -sk %[1]s 2>/dev/null | awk '{ s += $1 } END { printf "0 %%.0f %%.0f\n", s * 1024, s * 1024 }'`
)

// sumCommand is the command that adds up files and folders, but for those of certain names, and no more than so many.
func sumCommand(most int, paths []string, without ...string) string {
	var words, but strings.Builder
	for _, p := range paths {
		words.WriteString(" " + quoteShell(p))
	}
	for _, name := range without {
		but.WriteString(" ! -name " + quoteShell(name))
	}
	return fmt.Sprintf(sumGently, sumSeconds) + "if find / -maxdepth 0 -printf '' 2>/dev/null; then " + fmt.Sprintf(sumFind, words.String(), but.String(), most) +
		"; else " + fmt.Sprintf(sumDu, words.String()) + "; fi"
}

// parseSum reads its answer.
func parseSum(out string) (treeSize, bool) {
	f := strings.SplitN(strings.TrimSpace(out), " ", 4)
	if len(f) < 3 {
		return treeSize{}, false
	}
	s := treeSize{known: true}
	for i, to := range []*int64{&s.files, &s.bytes, &s.allocated} {
		n, err := strconv.ParseInt(f[i], 10, 64)
		if err != nil || n < 0 {
			return treeSize{}, false
		}
		*to = n
	}
	if len(f) == 4 { // find: ‘/srv/x’: Permission denied
		s.denied = printable(strings.Trim(strings.TrimPrefix(f[3], "find: "), "‘’' "), 160)
	}
	return s, s.bytes > 0 || s.files > 0 || s.denied != ""
}

// question returns what is to be asked of a copy once it is found: how much its sources hold together.
func (m move) question(sizes map[string]observe.FileInfo) (question, bool) {
	if m.way == wayImage || m.way == wayGrow || len(m.sources) == 0 || m.total > 0 || m.sum.known {
		return question{}, false
	}
	l := glance{move: m, sizes: sizes}
	if l.packs = false; l.single() {
		return question{}, false
	}
	if m.way == wayRead && !m.packs {
		return question{}, false // files one after the other
	}
	for _, s := range m.sources {
		if !path.IsAbs(s) || blockDevice(s) {
			return question{}, false
		}
	}
	paths := m.sources[:min(len(m.sources), maxSummed)]
	return question{command: sumCommand(math.MaxInt32, paths, m.leaves...), paths: paths}, len(m.sources) <= maxSummed
}

// maxSummed bounds how many sources are added up: a command line has an end.
const maxSummed = 200

// answer takes in what question told.
func (m *move) answer(out string) {
	s, ok := parseSum(out)
	if !ok {
		m.unknown = firstOf(m.unknown, "how much there is to copy is not known: the files of "+m.origin()+" could not be added up")
		return
	}
	if s.denied == sumCut {
		m.unknown = firstOf(m.unknown, "how much there is to copy is not known: "+s.denied)
		return
	}
	m.sum = s
	if s.denied != "" {
		m.unknown = firstOf(m.unknown, "the size of "+m.origin()+" is not known in full: "+s.denied)
	}
}

// origin names what is read.
func (m move) origin() string {
	if len(m.sources) == 1 {
		return strings.TrimSuffix(m.sources[0], "/")
	}
	return "its sources"
}
