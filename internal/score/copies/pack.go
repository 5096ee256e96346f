package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"ronda/internal/observe"
	"ronda/internal/score"
)

// pack writes the record with the marks in it, shrunk and free of names, and returns its size in bytes.
func (r *recorder) pack(name, session string, marks []observe.Observation) (int64, error) {
	data, err := os.ReadFile(session)
	if err != nil {
		return 0, fmt.Errorf("read the record: %w", err)
	}
	if err := os.MkdirAll(r.out, 0o755); err != nil {
		return 0, fmt.Errorf("pack: %w", err)
	}
	if r.keep {
		if err := os.WriteFile(filepath.Join(r.out, name+".raw.jsonl"), data, 0o600); err != nil {
			return 0, fmt.Errorf("keep the record: %w", err)
		}
	}
	if len(data) == 0 {
		return 0, fmt.Errorf("read the record: %s is empty", session)
	}
	if host, err := os.Hostname(); err == nil && len(host) > 2 && host != "localhost" {
		data = bytes.ReplaceAll(data, []byte(host), []byte("host1"))
	}
	var night []observe.Observation
	for l := range bytes.Lines(data) {
		o, err := observe.Decode(l)
		if err != nil {
			return 0, fmt.Errorf("read the record: %w", err)
		}
		switch o.Payload.Kind() {
		case observe.KindVerdict, observe.KindAlert, observe.KindSnapshot:
		default:
			night = append(night, o)
		}
	}
	for _, m := range marks { // a session file begins with its session: ronda starts a moment after the copy
		if m.At.Before(night[0].At) {
			m.At = night[0].At
		}
		night = append(night, m)
	}
	slices.SortStableFunc(night, func(a, b observe.Observation) int { return a.At.Compare(b.At) })
	for i := range night {
		night[i].Seq = uint64(i + 1) //nolint:gosec // an index is not negative
	}
	return score.Run{Name: name, Night: night}.Save(filepath.Join(r.out, name+".jsonl.gz"))
}
