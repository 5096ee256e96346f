package extract

import "strings"

// trace follows a stack trace: all its lines are of one kind with the line that it belongs to, and none of them is
// news. A job that fails the same way again and again would else seem to say forty different things.
type trace struct {
	head uint32 // the template of the newest line that told of an error
	at   int    // which line that was
	in   bool   // the last line was one of a trace
}

// near is how many lines after an error a trace may begin that belongs to it.
const traceNear = 3

// takes tells whether line n belongs to a stack trace, or says more of the error that it follows: a line behind it that is
// indented by a tab does ("\tIs the server running on that host …?").
func (t *trace) takes(body string, n int) bool {
	t.in = frame(body) || t.in && inner(body) || t.head != 0 && n-t.at <= traceNear && (detail(body) || n-t.at == 1 && body[0] == '\t')
	return t.in
}

// detail recognizes the lines with which PostgreSQL goes on about an error: "DETAIL:  Key (id)=(7) exists.". Two
// spaces stand behind the word (errdetail and its kind in elog.c).
func detail(body string) bool {
	head := body[:min(len(body), 120)]
	for _, word := range [...]string{"DETAIL:  ", "CONTEXT:  ", "HINT:  ", "STATEMENT:  ", "QUERY:  ", "LOCATION:  "} {
		if strings.Contains(head, word) {
			return true
		}
	}
	return false
}

// kind is the template that the trace's lines at line n count as.
func (t *trace) kind(n int) uint32 {
	if t.head == 0 || n-t.at > traceNear {
		return stray
	}
	t.at = n // the next frame is near this one
	return t.head
}

// stray is the template of frames that belong to no error.
const stray = ^uint32(0)

// frame recognizes one frame of a trace, and what stands between its parts, as Java, Python, Go, Ruby, PHP, JavaScript
// and .NET write them.
func frame(body string) bool {
	text := strings.TrimLeft(body, " \t")
	indented := len(text) < len(body)
	switch {
	case text == "":
		return false
	case strings.HasPrefix(text, "at "):
		return place(text[3:], indented)
	case indented && strings.HasPrefix(text, "File \"") && strings.Contains(text, ", line "):
		return true
	case indented && strings.HasPrefix(text, "... ") && (strings.HasSuffix(text, " more") || strings.HasSuffix(text, " omitted")):
		return true
	case indented && strings.HasPrefix(text, "from ") && strings.Contains(text, ":in "):
		return true
	case indented && text[0] == '/' && strings.Contains(text, ".go:"):
		return true
	case strings.HasPrefix(text, "Caused by: "), strings.HasPrefix(text, "Suppressed: "), strings.HasPrefix(text, "Traceback (most recent call last)"):
		return true
	case strings.HasPrefix(text, "goroutine ") && strings.HasSuffix(text, "]:"), strings.HasPrefix(text, "created by ") && strings.Contains(text, "."):
		return true
	case strings.HasPrefix(text, "During handling of the above exception"), strings.HasPrefix(text, "The above exception was the direct cause"):
		return true
	}
	if text == "Stack trace:" || strings.HasPrefix(text, "thrown in ") && indented {
		return true
	}
	return text[0] == '#' && len(text) > 3 && digit(text[1]) && (strings.Contains(text, "/") && strings.ContainsAny(text, "(:") || strings.HasSuffix(text, " {main}")) ||
		strings.Contains(text, ".rb:") && strings.Contains(text, ":in `")
}

// place tells whether what stands behind "at" is one of a program's: "com.example.Importer.run(Importer.java:12)". A
// number there is how far something is, or when: "  at 12.5 % of disk-7".
func place(text string, indented bool) bool {
	if text == "" || digit(text[0]) {
		return false
	}
	return indented && strings.ContainsAny(text, "(.:") || call(text)
}

// call tells whether text is one call with its place: "com.example.Importer.run(Importer.java:12)".
func call(text string) bool {
	name, place, ok := strings.Cut(text, "(")
	return ok && strings.HasSuffix(place, ")") && !strings.Contains(name, " ") && (strings.Contains(place, ":") || strings.Contains(place, "Method"))
}

// inner recognizes what stands between frames: a line of source, the marks below it, a call without its place.
func inner(body string) bool {
	if strings.HasPrefix(body, "    ") || strings.HasPrefix(body, "\t\t") {
		return true
	}
	return strings.HasSuffix(body, ")") && !strings.Contains(body, " ") && strings.Contains(body, ".") && strings.Contains(body, "(")
}
