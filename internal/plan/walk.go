package plan

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"ronda/internal/recipe"
)

// The library's own strict decoding stops at the first unknown key and loses the position of values that
// do not parse. So the syntax tree is walked here, once, and every problem is collected.

// walker reads a syntax tree into the structs of document.go and collects what is wrong.
type walker struct {
	file     string
	lines    []string
	problems []Problem
	notices  []Problem
	anchors  map[string]ast.Node
	nodes    int
	merges   int          // mappings being merged right now, one into the other
	secrets  map[int]bool // lines that were looked at: whether they seem to hold a secret
}

// value is a leaf of the document that reads itself from a node. key is its name for messages.
type value interface {
	read(w *walker, n ast.Node, key string)
}

// placed is a struct of the document that wants to know where it stands.
type placed interface{ put(at place, broken bool) }

// maxProblems bounds what is collected: beyond it somebody has given the wrong file.
const maxProblems = 200

func (w *walker) problem(at place, hint, format string, args ...any) {
	switch {
	case len(w.problems) > maxProblems:
		return
	case len(w.problems) == maxProblems:
		at, hint, format, args = place{}, "is it a plan at all?", "there are more than %d problems", []any{maxProblems}
	}
	w.problems = append(w.problems, w.at(at, hint, fmt.Sprintf(format, args...)))
}

func (w *walker) notice(at place, hint, format string, args ...any) {
	w.notices = append(w.notices, w.at(at, hint, fmt.Sprintf(format, args...)))
}

func (w *walker) at(at place, hint, message string) Problem {
	p := Problem{
		File: w.file, Line: at.line, Column: at.column,
		Message: printable(message), Hint: printable(hint), Excerpt: excerpt(w.lines, at),
	}
	if p.Excerpt != "" && w.secretLine(at.line) {
		p.Excerpt = "" // a screen is shared, and a terminal keeps what it has shown
	}
	return p
}

func (w *walker) secretLine(line int) bool {
	secret, known := w.secrets[line]
	if !known {
		if w.secrets == nil {
			w.secrets = map[int]bool{}
		}
		secret = holdsSecret(w.lines[line-1])
		w.secrets[line] = secret
	}
	return secret
}

// where returns the position of the first token of a node.
func where(n ast.Node) place {
	if m, ok := n.(*ast.MappingNode); ok && !m.IsFlowStyle && len(m.Values) > 0 {
		return where(m.Values[0].Key) // a block mapping's own token is its first colon
	}
	if m, ok := n.(*ast.MappingValueNode); ok {
		return where(m.Key)
	}
	if t := n.GetToken(); t != nil && t.Position != nil {
		return place{t.Position.Line, t.Position.Column}
	}
	return place{}
}

// resolve follows anchors and aliases to the node that holds the value; nil after a problem was noted.
func (w *walker) resolve(n ast.Node) ast.Node {
	for range maxDepth {
		w.nodes++
		if w.nodes > maxNodes {
			if w.nodes == maxNodes+1 {
				w.problem(place{}, "split it, or take out aliases", "the plan holds more than %d values", maxNodes)
			}
			return nil
		}
		switch v := n.(type) {
		case nil:
			return nil
		case *ast.AnchorNode:
			n = v.Value
		case *ast.AliasNode:
			name := v.Value.GetToken().Value
			target, ok := w.anchors[name]
			if !ok {
				w.problem(where(v), "a text that begins with * must stand in quotes", "there is no anchor %q", name)
				return nil
			}
			n = target
		case *ast.TagNode:
			w.problem(where(v), "leave the tag out", "tags such as %q are not used in a plan", v.GetToken().Value)
			return nil
		default:
			return n
		}
	}
	w.problem(where(n), "write the value out", "this alias leads back to itself")
	return nil
}

// into reads a node into v, which is addressable.
func (w *walker) into(n ast.Node, v reflect.Value, key string) {
	if n = w.resolve(n); n == nil {
		return
	}
	if leaf, ok := reflect.TypeAssert[value](v.Addr()); ok {
		leaf.read(w, n, key)
		return
	}
	if n.Type() == ast.NullType {
		return // an empty table or list is the same as none
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		w.into(n, v.Elem(), key)
	case reflect.Struct:
		w.mapping(n, v, key)
	case reflect.Slice:
		w.list(n, v, key)
	case reflect.Map:
		w.table(n, v, key)
	default:
		panic("plan: a document field of kind " + v.Kind().String()) // a programmer's mistake; TestDecode meets it
	}
}

// entry is one key of a mapping, those of merged mappings included.
type entry struct {
	key   string
	at    place
	value ast.Node
	bare  bool // stands in { } without a value: often the rest of a text with a comma in it
}

// entries lists the keys of a mapping, each once; ok is false when n is no mapping, which is noted.
func (w *walker) entries(n ast.Node, key string) (list []entry, ok bool) {
	var values []*ast.MappingValueNode
	flow := false
	switch m := n.(type) {
	case *ast.MappingNode:
		values, flow = m.Values, m.IsFlowStyle
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{m}
	default:
		w.problem(where(n), "", "%s takes keys with values, not %s", key, kindOf(n))
		return nil, false
	}
	var merged []entry
	seen := map[string]place{}
	for _, v := range values {
		if v.Key == nil || v.Key.GetToken() == nil {
			continue
		}
		e := entry{key: v.Key.GetToken().Value, at: where(v.Key), value: v.Value}
		e.bare = flow && v.Value != nil && v.Value.Type() == ast.NullType
		if first, twice := seen[e.key]; twice {
			w.problem(e.at, fmt.Sprintf("keep one of them; the first is on line %d", first.line), "key %q stands twice", e.key)
			continue
		}
		seen[e.key] = e.at
		if v.Key.Type() == ast.MergeKeyType {
			merged = w.merge(v)
			continue
		}
		list = append(list, e)
	}
	for _, e := range merged {
		if _, own := seen[e.key]; !own {
			seen[e.key] = e.at
			list = append(list, e)
		}
	}
	return list, true
}

// maxMerges bounds mappings that are merged into mappings that are merged.
const maxMerges = 8

// merge lists the keys of the mapping that << names.
func (w *walker) merge(v *ast.MappingValueNode) []entry {
	if w.merges == maxMerges {
		w.problem(where(v.Key), "write the keys out", "this << leads back to itself, or too far")
		return nil
	}
	w.merges++
	defer func() { w.merges-- }()
	base := w.resolve(v.Value)
	if base == nil {
		return nil
	}
	list, _ := w.entries(base, "<<")
	return list
}

func (w *walker) mapping(n ast.Node, v reflect.Value, key string) {
	entries, ok := w.entries(n, key)
	if !ok {
		return
	}
	before := len(w.problems)
	fields := map[string]int{}
	var known []string
	for i := range v.NumField() {
		if name := v.Type().Field(i).Tag.Get("yaml"); name != "" {
			fields[name] = i
			known = append(known, name)
		}
	}
	for _, e := range entries {
		if i, ok := fields[e.key]; ok {
			w.into(e.value, v.Field(i), e.key)
			continue
		}
		w.problem(e.at, keyHint(e, known), "unknown key %q", e.key)
	}
	if p, ok := reflect.TypeAssert[placed](v.Addr()); ok {
		p.put(where(n), len(w.problems) > before)
	}
}

func keyHint(e entry, known []string) string {
	if near := recipe.Nearest(e.key, known); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if e.bare {
		return "inside { } a comma ends a value: put a text with a comma in quotes"
	}
	return "known here: " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}

func (w *walker) list(n ast.Node, v reflect.Value, key string) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		w.problem(where(n), "begin each entry with a dash: - …", "%s is a list, not %s", key, kindOf(n))
		return
	}
	out := reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values))
	for i, item := range seq.Values {
		if item == nil || item.Type() == ast.NullType {
			w.problem(w.inList(seq, i), "write it, or remove its dash", "%s holds an empty entry", key)
			continue
		}
		w.into(item, out.Index(i), "an entry of "+key)
	}
	v.Set(out)
}

// inList returns the place of an entry that may be missing.
func (w *walker) inList(seq *ast.SequenceNode, i int) place {
	if item := seq.Values[i]; item != nil && where(item).isSet() {
		return where(item)
	}
	return where(seq)
}

func (w *walker) table(n ast.Node, v reflect.Value, key string) {
	entries, ok := w.entries(n, key)
	if !ok {
		return
	}
	out := reflect.MakeMap(v.Type())
	for _, e := range entries {
		item := reflect.New(v.Type().Elem()).Elem()
		w.into(e.value, item, e.key)
		if p, ok := reflect.TypeAssert[placed](item.Addr()); ok {
			p.put(e.at, false)
		}
		out.SetMapIndex(reflect.ValueOf(e.key), item)
	}
	v.Set(out)
}

// kindOf names what a node is, for people.
func kindOf(n ast.Node) string {
	switch n.Type() {
	case ast.NullType:
		return "nothing"
	case ast.BoolType:
		return "true or false"
	case ast.IntegerType, ast.FloatType, ast.InfinityType, ast.NanType:
		return "a number"
	case ast.MappingType, ast.MappingValueType:
		return "keys with values"
	case ast.SequenceType:
		return "a list"
	default:
		return "a text"
	}
}
