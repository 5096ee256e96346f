package plan

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// The leaves that say how much.

type (
	// size is a number of bytes above zero.
	size struct {
		place
		bytes int64
	}
	// factor is a number above zero.
	factor struct {
		place
		n float64
	}
	// volume is a path on a file system, or that path with what is known of it.
	volume struct {
		place
		room
	}
)

// room is a volume in its long form.
type room struct {
	section
	Path text `yaml:"path" jsonschema:"required" jsonschema_description:"Any path on the file system, or HOST:path. It need not be there yet."`
	Use  text `yaml:"use"  jsonschema_description:"What it is for: target, temp, log, or in other words."`
	Need size `yaml:"need" jsonschema_description:"Bytes that the task takes there on top of what it moves, such as 40GB."`
}

// SizeHint says how a number of bytes is written.
const SizeHint = "a number of bytes, or one with a unit: 120GB is 120 000 000 000, 120GiB is 120 × 1024³"

// ParseSize reads a number of bytes as it stands in a plan: 120GB, 1.5TiB, 1048576. Units of one letter are not
// taken: a G is a tenth more to one tool than to the other. The error quotes it and says in one clause what is
// wrong; SizeHint says what to try.
func ParseSize(s string) (int64, error) {
	number := strings.TrimRight(s, "BbKMGTPEkmgtpei ")
	unit := strings.ToLower(strings.TrimSpace(s[len(number):]))
	power := 0
	if unit != "" && unit != "b" {
		power = strings.IndexByte("kmgtpe", unit[0]) + 1
	}
	base := 1000.0
	switch rest := unit[min(len(unit), 1):]; {
	case unit == "" || unit == "b":
	case power == 0:
		return 0, fmt.Errorf("%q is not a size", s)
	case rest == "ib":
		base = 1024
	case rest == "b":
	case rest == "":
		return 0, fmt.Errorf("%q can be read in two ways: write %sB or %siB", s, s, s)
	default:
		return 0, fmt.Errorf("%q is not a size", s)
	}
	n, err := strconv.ParseFloat(number, 64)
	switch bytes := n * math.Pow(base, float64(power)); {
	case strings.ContainsAny(number, "xXpPiInN_+"): // other forms that Go takes for a number
		return 0, fmt.Errorf("%q is not a size", s)
	case errors.Is(err, strconv.ErrRange) || err == nil && bytes >= math.MaxInt64/2:
		return 0, fmt.Errorf("%q is more than can be stored anywhere", s)
	case err != nil:
		return 0, fmt.Errorf("%q is not a size", s)
	case bytes < 1:
		return 0, fmt.Errorf("%q must be at least one byte", s)
	default:
		return int64(math.Round(bytes)), nil
	}
}

func (z *size) read(w *walker, n ast.Node, key string) {
	z.place = where(n)
	raw, ok := w.raw(n, key, "a number of bytes")
	if !ok {
		return
	}
	v, err := ParseSize(raw)
	if err != nil {
		w.problem(z.place, SizeHint, "%s: %v", key, err)
	}
	z.bytes = v
}

// maxFactor bounds a ratio: what is ten times as large after it was copied is a mistake.
const maxFactor = 10

func (f *factor) read(w *walker, n ast.Node, key string) {
	f.place = where(n)
	raw, ok := w.raw(n, key, "a number")
	if !ok {
		return
	}
	v, err := strconv.ParseFloat(raw, 64)
	if err != nil || !(v > 0 && v <= maxFactor) {
		w.problem(f.place, key+": 0.3 where a third is left of what is copied", "%s: %q is not a number between 0 and %d", key, raw, maxFactor)
		return
	}
	f.n = v
}

func (v *volume) read(w *walker, n ast.Node, key string) {
	v.place = where(n)
	switch n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		w.mapping(n, reflect.ValueOf(&v.room).Elem(), key)
	default:
		v.Path.read(w, n, key)
	}
}
