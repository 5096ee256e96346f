package plan

import (
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Bounds of a plan's source. The parser is recursive, and a mapping costs it the square of its keys: without
// them a hostile file would overflow the stack or take minutes.
const (
	maxSource = 128 << 10 // bytes
	maxDepth  = 64        // of brackets, and of structure that opens on one line
	maxNodes  = 50_000    // values, those seen through aliases counted each time
)

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
