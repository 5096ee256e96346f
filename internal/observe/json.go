package observe

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"
)

// timeForm is how instants stand in a session file: RFC 3339 in UTC with milliseconds.
const timeForm = "2006-01-02T15:04:05.000Z"

// Encoder writes observations as lines of a session file. The zero value is ready; it is not safe for
// concurrent use.
type Encoder struct {
	at   time.Time // the instant that text says: observations of one batch share it
	text []byte
}

// Append appends o as one line of JSON, with its line end, to dst.
func (e *Encoder) Append(dst []byte, o Observation) ([]byte, error) {
	if u, ok := o.Payload.(Unknown); ok {
		return append(append(dst, u.Raw...), '\n'), nil
	}
	start := len(dst)
	dst = e.head(dst, o)
	if l, ok := o.Payload.(Line); ok {
		return append(appendLine(dst, l), '}', '\n'), nil
	}
	body, err := json.Marshal(o.Payload)
	if err != nil {
		return dst[:start], fmt.Errorf("encode %s observation of %q: %w", o.Payload.Kind(), o.Task, err)
	}
	if len(body) > len("{}") {
		dst = append(append(dst, ','), body[1:]...)
	} else {
		dst = append(dst, '}')
	}
	return append(dst, '\n'), nil
}

// head appends the opening brace and the fields that all kinds have.
func (e *Encoder) head(dst []byte, o Observation) []byte {
	if e.text == nil || !o.At.Equal(e.at) {
		e.at, e.text = o.At, o.At.UTC().AppendFormat(e.text[:0], timeForm)
	}
	dst = fmt.Appendf(dst, `{"seq":%d,"at":"`, o.Seq)
	dst = append(append(dst, e.text...), `","kind":"`...)
	dst = append(append(dst, o.Payload.Kind()...), '"')
	dst = appendField(dst, "task", o.Task)
	dst = appendField(dst, "host", o.Host)
	return appendField(dst, "source", o.Source)
}

func appendField(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return appendString(dst, value)
}

// appendLine appends a line's fields by hand: lines are by far the most frequent observation.
func appendLine(dst []byte, l Line) []byte {
	dst = appendString(append(dst, `,"file":`...), l.File)
	dst = fmt.Appendf(dst, `,"offset":%d,"text":`, l.Offset)
	dst = appendString(dst, l.Text)
	for _, f := range []struct {
		set  bool
		text string
	}{{l.Truncated, `,"truncated":true`}, {l.Partial, `,"partial":true`}, {l.Backlog, `,"backlog":true`}} {
		if f.set {
			dst = append(dst, f.text...)
		}
	}
	return dst
}

// appendString appends s as a JSON string. Invalid UTF-8 is replaced.
func appendString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < utf8.RuneSelf && c != '"' && c != '\\' {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && size == 1 {
				dst = append(append(dst, s[from:i]...), "\ufffd"...)
				from = i + 1
			}
			i += size
			continue
		}
		dst = append(dst, s[from:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\t':
			dst = append(dst, '\\', 't')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\n':
			dst = append(dst, '\\', 'n')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		from = i
	}
	return append(append(dst, s[from:]...), '"')
}

// wire is a session-file line with the fields of the most frequent kind, so that it is decoded in one pass.
type wire struct {
	Seq    uint64    `json:"seq"`
	At     time.Time `json:"at"`
	Kind   Kind      `json:"kind"`
	Task   string    `json:"task"`
	Host   string    `json:"host"`
	Source string    `json:"source"`

	File      string `json:"file"`
	Offset    int64  `json:"offset"`
	Text      string `json:"text"`
	Truncated bool   `json:"truncated"`
	Partial   bool   `json:"partial"`
	Backlog   bool   `json:"backlog"`
}

// errNotObservation is wrapped where a line is JSON but not an observation.
var errNotObservation = errors.New("not an observation: kind or at is missing")

// Decode reads one line of a session file, with or without its line end. A kind that is not known is
// returned as Unknown, without an error.
func Decode(line []byte) (Observation, error) {
	line = bytes.TrimRight(line, "\r\n")
	if kind := peekKind(line); kind != "" && kind != KindLine {
		return decodeOther(line)
	}
	var w wire
	if err := json.Unmarshal(line, &w); err != nil {
		return decodeOther(line) // another kind may use these names for other types
	}
	if w.Kind != KindLine {
		return decodeOther(line)
	}
	return w.head().with(Line{w.File, w.Offset, w.Text, w.Truncated, w.Partial, w.Backlog})
}

// peekKind finds the kind where our own encoder puts it; "" when it is elsewhere.
func peekKind(line []byte) Kind {
	_, rest, ok := bytes.Cut(line[:min(len(line), 120)], []byte(`"kind":"`))
	if !ok {
		return ""
	}
	kind, _, ok := bytes.Cut(rest, []byte{'"'})
	if !ok {
		return ""
	}
	return Kind(kind)
}

type head struct {
	Seq    uint64    `json:"seq"`
	At     time.Time `json:"at"`
	Kind   Kind      `json:"kind"`
	Task   string    `json:"task"`
	Host   string    `json:"host"`
	Source string    `json:"source"`
}

func (w wire) head() head { return head{w.Seq, w.At, w.Kind, w.Task, w.Host, w.Source} }

func (h head) with(p Payload) (Observation, error) {
	if h.Kind == "" || h.At.IsZero() {
		return Observation{}, errNotObservation
	}
	return Observation{h.Seq, h.At.UTC(), Origin{h.Task, h.Host, h.Source}, p}, nil
}

func decodeOther(line []byte) (Observation, error) {
	var h head
	if err := json.Unmarshal(line, &h); err != nil {
		return Observation{}, fmt.Errorf("decode observation: %w", err)
	}
	decode, known := decoders()[h.Kind]
	if !known {
		return h.with(Unknown{h.Kind, bytes.Clone(line)})
	}
	p, err := decode(line)
	if err != nil {
		return Observation{}, fmt.Errorf("decode %s observation: %w", h.Kind, err)
	}
	return h.with(p)
}

func decoders() map[Kind]func([]byte) (Payload, error) {
	return map[Kind]func([]byte) (Payload, error){
		KindSession: into[Session], KindLine: into[Line], KindSkip: into[Skip], KindCounter: into[Counter],
		KindProcess: into[Process], KindCheck: into[Check], KindLink: into[Link], KindSource: into[Source],
		KindGap: into[Gap], KindMark: into[Mark], KindEnd: into[End], KindVerdict: into[Ruling], KindAlert: into[Alert],
		KindSnapshot: into[Snapshot], KindTransfer: into[Transfer], KindVolume: into[Volume],
	}
}

func into[P Payload](line []byte) (Payload, error) {
	var p P
	err := json.Unmarshal(line, &p)
	return p, err
}
