package watchers

import (
	"sort"
	"strconv"
	"strings"
)

const procUptime = "/proc/uptime"

// procFile returns the path of a file of a process.
func procFile(pid int, name string) string { return "/proc/" + strconv.Itoa(pid) + "/" + name }

// pidOf returns the pid in a path under /proc; 0 when there is none.
func pidOf(file string) int {
	rest, ok := strings.CutPrefix(file, "/proc/")
	if !ok {
		return 0
	}
	n, _, _ := strings.Cut(rest, "/")
	pid, err := strconv.Atoi(n)
	if err != nil || pid < 0 {
		return 0
	}
	return pid
}

// keys returns a map's pids, smallest first.
func keys[V any](m map[int]V) []int {
	pids := make([]int, 0, len(m))
	for pid := range m {
		pids = append(pids, pid)
	}
	sort.Ints(pids)
	return pids
}

func firstWord(s string) string {
	f := strings.Fields(s)
	if len(f) == 0 {
		return ""
	}
	return f[0]
}

func lastWord(s string) string {
	f := strings.Fields(s)
	if len(f) == 0 {
		return ""
	}
	return f[len(f)-1]
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}

// quoteShell quotes a word for a POSIX shell.
func quoteShell(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// effectiveRoot reads from /proc/self/status whether we are root.
func effectiveRoot(status string) bool {
	v, ok := field(status, "Uid")
	f := strings.Fields(v)
	return ok && len(f) > 1 && f[1] == "0"
}

// hidesPIDs reads from /proc/self/mountinfo whether /proc is mounted with hidepid.
func hidesPIDs(mounts string) bool {
	for line := range strings.Lines(mounts) {
		f := strings.Fields(line)
		if len(f) < 6 || f[4] != "/proc" || !strings.Contains(line, " - proc ") {
			continue
		}
		_, opt, ok := strings.Cut(line, "hidepid=")
		if ok && !strings.HasPrefix(opt, "0") && !strings.HasPrefix(opt, "off") {
			return true
		}
	}
	return false
}

// sortedKeys returns the paths of texts in order.
func sortedKeys(texts map[string]string) []string {
	files := make([]string, 0, len(texts))
	for file := range texts {
		files = append(files, file)
	}
	sort.Strings(files)
	return files
}
