package journal

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
)

func obs(seq uint64, p observe.Payload) observe.Observation {
	return observe.Observation{Seq: seq, At: time.UnixMilli(int64(seq) * 1000).UTC(), Payload: p}
}

func start() observe.Observation { return obs(1, observe.Session{Format: observe.Format, Title: "t"}) }

func scan(t *testing.T, path string) ([]observe.Observation, Read) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []observe.Observation
	read, err := Scan(f, func(o observe.Observation) error { all = append(all, o); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return all, read
}

// What was flushed is in the file at once, before any sync or close: a kill of ronda costs none of it.
func TestFlushedIsInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.jsonl")
	w, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Append(start(), obs(2, observe.Mark{Text: "a"})), w.Flush()); err != nil {
		t.Fatal(err)
	}
	if all, read := scan(t, path); len(all) != 2 || read.LastSeq != 2 || read.Torn != 0 {
		t.Fatalf("%d observations, %+v", len(all), read)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if _, err := Create(path); !errors.Is(err, os.ErrExist) {
		t.Errorf("an existing file was taken: %v", err)
	}
	if _, _, err := Resume(path, nil); !errors.Is(err, ErrBusy) {
		t.Errorf("two writers: %v", err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

// A file cut at any byte is resumed: every whole line is kept, the torn one is cut, and the next is whole.
func TestResumeAtEveryByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.jsonl")
	var enc observe.Encoder
	var whole []byte
	whole, _ = enc.Append(whole, start())
	first := len(whole)
	for i := range 3 {
		whole, _ = enc.Append(whole, obs(uint64(i+2), observe.Line{File: "/l", Text: "é " + strings.Repeat("x", i)}))
	}
	for cut := first; cut <= len(whole); cut++ {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		n := 0
		w, read, err := Resume(path, func(observe.Observation) error { n++; return nil })
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		if want := bytes.Count(whole[:cut], []byte("\n")); n != want || read.End+read.Torn != int64(cut) {
			t.Fatalf("cut at %d: %d observations, want %d; %+v", cut, n, want, read)
		}
		if err := errors.Join(w.Append(obs(9, observe.End{Why: "q"})), w.Close()); err != nil {
			t.Fatal(err)
		}
		if all, after := scan(t, path); len(all) != n+1 || after.Torn != 0 || after.Damaged != 0 {
			t.Fatalf("cut at %d: %d observations after, %+v", cut, len(all), after)
		}
	}
}

func TestNotASession(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	for _, text := range []string{"hello\n", "no end", `{"seq":1,"at":"2026-01-01T00:00:00Z","kind":"mark","text":"x"}` + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := Resume(path, func(observe.Observation) error { return nil }); !errors.Is(err, ErrNotSession) {
			t.Errorf("%q: %v", text, err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Errorf("%q was changed to %q", text, got)
		}
	}
}

func TestDamagedLineIsPassedOver(t *testing.T) {
	var enc observe.Encoder
	b, _ := enc.Append(nil, start())
	b = append(b, "garbage \x00\xff\n"...)
	b, _ = enc.Append(b, obs(3, observe.Mark{Text: "after"}))
	n := 0
	read, err := Scan(bytes.NewReader(b), func(observe.Observation) error { n++; return nil })
	if err != nil || n != 2 || read.Damaged != 1 {
		t.Fatalf("%d observations, %+v, %v", n, read, err)
	}
}

func TestLongLine(t *testing.T) {
	var enc observe.Encoder
	b, _ := enc.Append(nil, start())
	text := strings.Repeat("0123456789", 100_000)
	b, _ = enc.Append(b, obs(2, observe.Line{File: "/l", Text: text}))
	var got string
	read, err := Scan(bytes.NewReader(b), func(o observe.Observation) error {
		if l, ok := o.Payload.(observe.Line); ok {
			got = l.Text
		}
		return nil
	})
	if err != nil || got != text || read.End != int64(len(b)) {
		t.Fatalf("%d of %d bytes, %+v, %v", len(got), len(text), read, err)
	}
}

// While the disk takes nothing, observations are kept, and written once it does again.
func TestDiskFull(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatalf("needs /dev/full: %v", err)
	}
	w, err := newWriter(full)
	if err != nil {
		t.Fatal(err)
	}
	_ = w.Append(start())
	if err := w.Flush(); err == nil || len(w.buf) == 0 {
		t.Fatalf("error %v with %d bytes kept", err, len(w.buf))
	}
	path := filepath.Join(t.TempDir(), "s")
	good, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	w.file = good
	if err := errors.Join(w.Append(obs(2, observe.Mark{Text: "b"})), w.Flush()); err != nil && !strings.Contains(err.Error(), "space") {
		t.Fatal(err)
	}
	_ = full.Close()
	_ = w.Close()
	if all, _ := scan(t, path); len(all) != 2 {
		t.Fatalf("%d observations", len(all))
	}
}

func FuzzScan(f *testing.F) {
	var enc observe.Encoder
	b, _ := enc.Append(nil, start())
	b, _ = enc.Append(b, obs(2, observe.Line{File: "/l", Text: "x"}))
	f.Add(b)
	f.Add(b[:len(b)-3])
	f.Fuzz(func(t *testing.T, b []byte) {
		n := 0
		read, err := Scan(bytes.NewReader(b), func(observe.Observation) error { n++; return nil })
		if n != read.Observations {
			t.Fatal("miscounted")
		}
		if err == nil && read.End+read.Torn != int64(len(b)) {
			t.Fatalf("%d + %d of %d bytes", read.End, read.Torn, len(b))
		}
	})
}

func BenchmarkAppend(b *testing.B) {
	w, err := Create(filepath.Join(b.TempDir(), "s"))
	if err != nil {
		b.Fatal(err)
	}
	defer w.Close()
	o := obs(1, observe.Line{File: "/var/log/x.log", Offset: 1 << 30, Text: fmt.Sprint(strings.Repeat("word ", 25))})
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Append(o); err != nil {
			b.Fatal(err)
		}
	}
}
