// Package score measures how well ronda judges: it folds runs of which the truth is known, simulated ones and
// recorded ones, and compares what was said when with what was so. It is a workshop beside the program: no command
// of ronda uses it.
package score

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ronda/internal/observe"
)

// Run is a night of which the truth is known. The truth stands among its observations as marks by TruthTeller, which
// a fold only notes.
type Run struct {
	Name  string
	Night []observe.Observation
}

// TruthTeller is who wrote the marks that tell the truth.
const TruthTeller = "truth"

// Event is a turn in the true state of a task. Its mark's text is "TASK: WORD DETAIL".
type Event struct {
	At     time.Time
	Task   string
	Word   string // one of the words below
	Detail string
}

// The words of the truth.
const (
	Fault  = "fault"  // a fault begins; Detail is its kind, a key of Expected
	Healed = "healed" // it is lifted
	Silent = "silent" // the task goes on working, and shows no progress from here on
	Speaks = "speaks" // it shows progress again
	Ended  = "ended"  // Detail is "done" or "failed"
)

// Mark is the observation that tells e.
func (e Event) Mark() observe.Observation {
	text := strings.TrimSpace(e.Task + ": " + e.Word + " " + e.Detail)
	return observe.Observation{At: e.At, Payload: observe.Mark{By: TruthTeller, Text: text}}
}

// Truth returns the events of a run in order.
func (r Run) Truth() []Event {
	var events []Event
	for _, o := range r.Night {
		if e, ok := told(o); ok {
			events = append(events, e)
		}
	}
	return events
}

// told reads the mark that tells an event.
func told(o observe.Observation) (Event, bool) {
	m, ok := o.Payload.(observe.Mark)
	if !ok || m.By != TruthTeller {
		return Event{}, false
	}
	task, rest, _ := strings.Cut(m.Text, ": ")
	word, detail, _ := strings.Cut(rest, " ")
	return Event{o.At, task, word, detail}, true
}

// Save writes the run as a session file, packed with gzip, and returns its packed size in bytes.
func (r Run) Save(path string) (size int64, err error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, fmt.Errorf("save run: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	packer, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return 0, fmt.Errorf("save run: %w", err)
	}
	var encoder observe.Encoder
	var text []byte
	for _, o := range r.Night {
		if text, err = encoder.Append(text[:0], o); err != nil {
			return 0, fmt.Errorf("save run %s: %w", path, err)
		}
		if _, err := packer.Write(text); err != nil {
			return 0, fmt.Errorf("save run %s: %w", path, err)
		}
	}
	if err := packer.Close(); err != nil {
		return 0, fmt.Errorf("save run %s: %w", path, err)
	}
	return f.Seek(0, io.SeekCurrent)
}

// Load reads a recorded run: a session file, packed with gzip.
func Load(path string) (Run, error) {
	run := Run{Name: strings.TrimSuffix(filepath.Base(path), ".jsonl.gz")}
	f, err := os.Open(path)
	if err != nil {
		return run, fmt.Errorf("load run: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	unpacked, err := gzip.NewReader(f)
	if err != nil {
		return run, fmt.Errorf("load run %s: %w", path, err)
	}
	in := bufio.NewReader(unpacked)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if len(bytes.TrimSpace(line)) > 0 {
			o, err := observe.Decode(line)
			if err != nil {
				return run, fmt.Errorf("load run %s, line %d: %w", path, n, err)
			}
			run.Night = append(run.Night, o)
		}
		if err == io.EOF {
			return run, nil
		}
		if err != nil {
			return run, fmt.Errorf("load run %s: %w", path, err)
		}
	}
}
