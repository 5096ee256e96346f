package plan

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"ronda/internal/recipe"
)

// The library's own strict decoding stops at the first unknown key and loses the position of values that
// do not parse. So the syntax tree is walked here, once, and every problem is collected.

// Bounds of a plan's source. The parser is recursive: without them a hostile file would overflow the stack.
const (
	maxSource = 256 << 10 // bytes
	maxDepth  = 64        // of brackets, and of structure that opens on one line
	maxNodes  = 50_000    // values, those seen through aliases counted each time
)

// walker reads a syntax tree into the structs of document.go and collects what is wrong.
type walker struct {
	file     string
	lines    []string
	problems []Problem
	notices  []Problem
	anchors  map[string]ast.Node
	nodes    int
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

// parse returns the root of the only document in src, or nil after it has noted a problem.
func (w *walker) parse(src []byte) (root ast.Node) {
	if len(src) > maxSource {
		w.problem(place{}, "split it, or take out what is no plan", "the plan is larger than %d KiB", maxSource>>10)
		return nil
	}
	text := strings.TrimPrefix(string(src), "\ufeff")
	w.lines = strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	for i, line := range w.lines {
		if !utf8.ValidString(line) {
			w.problem(place{i + 1, 1}, "save the file as UTF-8", "the line is not UTF-8 text")
			return nil
		}
	}
	defer func() {
		// A parser that panics on some input must not take the night watch with it.
		if r := recover(); r != nil {
			root = nil
			w.problem(place{}, "look for unusual YAML and write it more simply", "the file cannot be read as YAML")
		}
	}()
	tokens := lexer.Tokenize(text)
	if at := tooDeep(tokens); at.isSet() {
		w.problem(at, "a plan needs no more than five levels", "the structure is nested too deeply")
		return nil
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		w.syntax(err)
		return nil
	}
	return w.only(file)
}

// only returns the body of the file's one document.
func (w *walker) only(file *ast.File) ast.Node {
	var root ast.Node
	for _, doc := range file.Docs {
		switch {
		case doc.Body == nil:
		case root != nil:
			w.problem(where(doc.Body), "remove it and the --- above it", "a plan is one document; here a second one begins")
			return nil
		default:
			root = doc.Body
		}
	}
	if root == nil || root.Type() == ast.NullType {
		w.problem(place{}, "start from the output of: ronda init", "the plan is empty")
		return nil
	}
	w.anchors = map[string]ast.Node{}
	ast.Walk(w, root)
	return root
}

// Visit collects the anchors, for ast.Walk.
func (w *walker) Visit(n ast.Node) ast.Visitor {
	if a, ok := n.(*ast.AnchorNode); ok && a.Name != nil && a.Value != nil {
		name := a.Name.GetToken().Value
		if _, twice := w.anchors[name]; twice {
			w.problem(where(n), "give each its own name", "anchor %q is defined twice", name)
		}
		w.anchors[name] = a.Value
	}
	return w
}

// syntax notes what the parser says, with a hint for what people run into.
func (w *walker) syntax(err error) {
	var ye yaml.Error
	if !errors.As(err, &ye) {
		w.problem(place{}, "", "the file cannot be read as YAML: %v", err)
		return
	}
	var at place
	if t := ye.GetToken(); t != nil && t.Position != nil {
		at = place{t.Position.Line, t.Position.Column}
	}
	msg := ye.GetMessage()
	var hint string
	line := ""
	if at.line >= 1 && at.line <= len(w.lines) {
		line = w.lines[at.line-1]
	}
	switch {
	case strings.Contains(line, "\t"):
		hint = "indent with spaces, not tabs"
	case strings.Contains(msg, "escape character"):
		hint = "put regular expressions in single quotes: 'done: \\d+'"
	case strings.ContainsAny(line, `:[]{}^*&%@#|>"`+"`"):
		hint = "put text that holds : [ ] { } * & % @ # in single quotes; lists inside [ ] need a comma between"
	}
	w.problem(at, hint, "the YAML cannot be read here: %s", strings.ReplaceAll(msg, "\t", "tab"))
}

// tooDeep returns the place where brackets, or structure on one line, nest beyond maxDepth.
func tooDeep(tokens token.Tokens) place {
	depth, onLine, line := 0, 0, 0
	for _, t := range tokens {
		if t.Position.Line != line {
			line, onLine = t.Position.Line, 0
		}
		switch t.Type {
		case token.MappingStartType, token.SequenceStartType:
			depth++
		case token.MappingEndType, token.SequenceEndType:
			depth--
		case token.SequenceEntryType, token.MappingKeyType, token.AnchorType, token.TagType, token.DirectiveType:
			onLine++
		default:
		}
		if depth > maxDepth || onLine > maxDepth {
			return place{t.Position.Line, t.Position.Column}
		}
	}
	return place{}
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
	if leaf, ok := v.Addr().Interface().(value); ok {
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
		if v.Key.Type() == ast.MergeKeyType {
			if base := w.resolve(v.Value); base != nil {
				more, _ := w.entries(base, "<<")
				merged = append(merged, more...)
			}
			continue
		}
		e := entry{key: v.Key.GetToken().Value, at: where(v.Key), value: v.Value}
		e.bare = flow && v.Value != nil && v.Value.Type() == ast.NullType
		if first, twice := seen[e.key]; twice {
			w.problem(e.at, fmt.Sprintf("keep one of them; the first is on line %d", first.line), "key %q stands twice", e.key)
			continue
		}
		seen[e.key] = e.at
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
	if p, ok := v.Addr().Interface().(placed); ok {
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
		if p, ok := item.Addr().Interface().(placed); ok {
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
