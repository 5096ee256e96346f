package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"ronda/internal/observe"
	"ronda/internal/score"
)

// pack writes the record with the truth in it, shrunk and free of names, and returns its size in bytes.
func (p *play) pack() (int64, error) {
	night, err := p.night()
	if err != nil {
		return 0, err
	}
	truth, err := p.truth()
	if err != nil {
		return 0, err
	}
	night = append(night, truth...)
	slices.SortStableFunc(night, func(a, b observe.Observation) int { return a.At.Compare(b.At) })
	if end := slices.IndexFunc(night, isEnd); end >= 0 { // what the script told afterwards still belongs to the night
		last := night[end]
		night = append(slices.Delete(night, end, end+1), last)
		if before := night[max(len(night)-2, 0)].At; before.After(last.At) {
			night[len(night)-1].At = before
		}
	}
	var text []byte
	var encoder observe.Encoder
	for i := range night {
		night[i].Seq = uint64(i + 1) //nolint:gosec // an index is not negative
		if text, err = encoder.Append(text, night[i]); err != nil {
			return 0, fmt.Errorf("pack: %w", err)
		}
	}
	text, err = nameless(text)
	if err != nil {
		return 0, err
	}
	return p.write(text)
}

func isEnd(o observe.Observation) bool { _, ok := o.Payload.(observe.End); return ok }

// night reads the record and leaves out what is written for readers only.
func (p *play) night() ([]observe.Observation, error) {
	data, err := os.ReadFile(p.session())
	if err != nil {
		return nil, fmt.Errorf("read the record: %w", err)
	}
	if p.keep {
		if err := os.WriteFile(filepath.Join(p.out, p.name+".raw.jsonl"), data, 0o600); err != nil {
			return nil, fmt.Errorf("keep the record: %w", err)
		}
	}
	var night []observe.Observation
	for line := range bytes.Lines(data) {
		o, err := observe.Decode(line)
		if err != nil {
			return nil, fmt.Errorf("read the record: %w", err)
		}
		switch o.Payload.Kind() {
		case observe.KindVerdict, observe.KindAlert, observe.KindSnapshot:
		default:
			night = append(night, o)
		}
	}
	return night, nil
}

// truth reads the marks of the script: seconds since 1970 with a fraction, a space, the text.
func (p *play) truth() ([]observe.Observation, error) {
	f, err := os.Open(p.marks())
	if err != nil {
		return nil, fmt.Errorf("read the truth: %w", err)
	}
	defer f.Close() //nolint:errcheck // only read
	var truth []observe.Observation
	for in := bufio.NewScanner(f); ; {
		if !in.Scan() {
			if err := in.Err(); err != nil {
				return nil, fmt.Errorf("read the truth: %w", err)
			}
			return truth, nil
		}
		at, text, _ := strings.Cut(in.Text(), " ")
		seconds, err := strconv.ParseFloat(at, 64)
		if err != nil {
			return nil, fmt.Errorf("read the truth %q: %w", in.Text(), err)
		}
		task, rest, _ := strings.Cut(text, ": ")
		word, detail, _ := strings.Cut(rest, " ")
		when := time.UnixMilli(int64(seconds * 1000)).UTC()
		truth = append(truth, score.Event{At: when, Task: task, Word: word, Detail: detail}.Mark())
	}
}

// nameless puts neutral names in the place of this machine's.
func nameless(text []byte) ([]byte, error) {
	host, err := os.Hostname()
	if err != nil {
		return nil, fmt.Errorf("hide the machine's name: %w", err)
	}
	if len(host) < 3 || host == "localhost" {
		return text, nil
	}
	return bytes.ReplaceAll(text, []byte(host), []byte("host1")), nil
}

// write packs text into the run's file.
func (p *play) write(text []byte) (size int64, err error) {
	name := filepath.Join(p.out, p.name+".jsonl.gz")
	f, err := os.Create(name)
	if err != nil {
		return 0, fmt.Errorf("pack: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	packer, err := gzip.NewWriterLevel(f, gzip.BestCompression)
	if err != nil {
		return 0, fmt.Errorf("pack: %w", err)
	}
	if _, err := packer.Write(text); err != nil {
		return 0, fmt.Errorf("pack %s: %w", name, err)
	}
	if err := packer.Close(); err != nil {
		return 0, fmt.Errorf("pack %s: %w", name, err)
	}
	return f.Seek(0, io.SeekCurrent)
}
