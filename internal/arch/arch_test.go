package arch

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrows are the rooms that a room may import. What is absent is forbidden. Rooms below a room (host/agent)
// belong to it.
var arrows = map[string][]string{
	".":                {"internal/cli"},
	"internal/cli":     {"tui", "watchers", "probes", "internal/observe", "internal/fold", "internal/rate", "internal/judge", "internal/journal", "internal/session", "internal/host", "internal/plan", "internal/recipe", "internal/report", "internal/demo", "internal/words", "internal/vsphere"},
	"tui":              {"internal/fold", "internal/observe", "internal/rate", "internal/words"},
	"watchers":         {"internal/observe"},
	"probes":           {"internal/observe"},
	"internal/session": {"internal/observe", "internal/fold", "internal/journal"},
	"internal/fold":    {"internal/observe", "internal/extract", "internal/rate", "internal/judge", "internal/words"},
	"internal/judge":   {"internal/observe", "internal/words"},
	"internal/extract": {"internal/observe"},
	"internal/rate":    {},
	"internal/report":  {"internal/fold", "internal/observe", "internal/rate", "internal/words"},
	"internal/journal": {"internal/observe"},
	"internal/host":    {"internal/observe"},
	"internal/vsphere": {"internal/observe"},
	"internal/plan":    {"internal/observe", "internal/recipe"},
	"internal/recipe":  {"internal/observe"},
	"internal/demo":    {},
	"internal/words":   {},
	"internal/observe": {},
	"internal/arch":    {},
	"internal/faults":  {},
	"internal/score":   {"internal/observe", "internal/fold", "internal/rate", "internal/words"},
}

// pure are the rooms without I/O, waiting and clock; the linter also forbids time.Now in them.
var pure = []string{"internal/observe", "internal/extract", "internal/rate", "internal/judge", "internal/fold", "internal/report", "internal/words"}

// impure is what a pure room may not import, with what lies below it.
var impure = []string{"os", "net", "sync", "context", "io/ioutil", "math/rand", "runtime", "syscall"}

// owners are the only rooms that may import a library.
var owners = map[string][]string{
	"charm.land/":                      {"tui", "internal/cli"},
	"golang.org/x/crypto/":             {"internal/host"},
	"github.com/fsnotify/":             {"watchers"},
	"github.com/goccy/go-yaml":         {"internal/plan", "internal/recipe"},
	"github.com/kevinburke/ssh_config": {"internal/host"},
	"github.com/spf13/":                {"internal/cli"},
	"github.com/creack/pty":            {"internal/demo"},
	"github.com/vmware/govmomi":        {"internal/vsphere"},
}

func TestArrows(t *testing.T) {
	seen := map[string]bool{}
	for file, imports := range sources(t, "../..") {
		room := roomOf(path.Dir(file))
		allowed, known := arrows[room]
		if !known {
			t.Errorf("%s: the room %s is in no arrow: draw it in docs/architecture.md and here", file, room)
			continue
		}
		seen[room] = true
		for _, imp := range imports {
			switch target, ours := strings.CutPrefix(imp, "ronda/"); {
			case ours && roomOf(target) != room && !slices.Contains(allowed, roomOf(target)):
				t.Errorf("%s imports %s: there is no arrow from %s to it", file, imp, room)
			case ours && strings.HasPrefix(target, "internal/host/hosttest"), ours && target == "internal/faults":
				t.Errorf("%s imports %s: it is for tests only", file, imp)
			case !ours:
				checkLibrary(t, file, room, imp)
			}
		}
	}
	for room := range arrows {
		if !seen[room] {
			t.Errorf("the room %s has arrows but no code", room)
		}
	}
}

func checkLibrary(t *testing.T, file, room, imp string) {
	t.Helper()
	if slices.Contains(pure, room) && slices.ContainsFunc(impure, func(p string) bool { return imp == p || strings.HasPrefix(imp, p+"/") }) {
		t.Errorf("%s imports %s: %s is pure", file, imp, room)
	}
	for library, rooms := range owners {
		if strings.HasPrefix(imp, library) && !slices.Contains(rooms, room) {
			t.Errorf("%s imports %s: only %s may", file, imp, strings.Join(rooms, " and "))
		}
	}
}

// roomOf is the room that a folder belongs to.
func roomOf(folder string) string {
	parts := strings.Split(folder, "/")
	if parts[0] == "internal" {
		return path.Join(parts[:min(2, len(parts))]...)
	}
	return parts[0]
}

// sources are the program's files, tests left out, with what each imports.
func sources(t *testing.T, root string) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel == "tools" || d.Name() == "testdata" || (rel != "." && strings.HasPrefix(d.Name(), ".")) {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") || testRoom(rel) {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		found[rel] = nil
		for _, spec := range f.Imports {
			imp, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[rel] = append(found[rel], imp)
		}
		return nil
	})
	if err != nil || len(found) < 20 {
		t.Fatalf("read %d source files: %v", len(found), err)
	}
	return found
}

// testRoom tells that a file is there for tests of several rooms.
func testRoom(file string) bool {
	return strings.HasPrefix(file, "internal/host/hosttest/") || strings.HasPrefix(file, "internal/host/conformance/")
}
