package watchers

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ronda/internal/observe"
)

// logtestFlood is a log of lines of 100 bytes that grows by rate bytes a second, behind a link that carries
// thin bytes a second. Line n holds n.
type logtestFlood struct {
	began      time.Time
	rate, thin int64
	until      time.Duration
}

const logtestFloodLine = 100

func (f *logtestFlood) size() int64 {
	return int64(min(time.Since(f.began), f.until).Seconds()*float64(f.rate)) / 10 * 10 // also in the middle of a line
}

func (f *logtestFlood) info() observe.FileInfo {
	return observe.FileInfo{Path: "flood", Ident: "1:1", Size: f.size(), Modified: time.Now()}
}

func (f *logtestFlood) OpenFile(context.Context, string) (int, observe.FileInfo, error) {
	return 1, f.info(), nil
}

func (f *logtestFlood) ReadFile(ctx context.Context, _ int, off int64, limit int) (observe.FileRead, error) {
	info := f.info()
	n := max(0, min(int64(limit), info.Size-off))
	var b strings.Builder
	for line := off / logtestFloodLine; int64(b.Len()) < off%logtestFloodLine+n; line++ {
		fmt.Fprintf(&b, "%-99d\n", line)
	}
	data := []byte(b.String())[off%logtestFloodLine:][:n]
	carry := 150*time.Millisecond + time.Duration(float64(n)/float64(f.thin)*float64(time.Second))
	return observe.FileRead{File: info, Path: &info, Data: data}, sleep(ctx, carry)
}

func (f *logtestFlood) CloseFile(int) {}

func (f *logtestFlood) Siblings(context.Context, string) ([]observe.FileInfo, error) { return nil, nil }

// A log grows by 50 MB a second, and the link carries 1 Mbit/s: the newest line stays in sight, and what was
// passed over is said to the byte.
func TestLogFloodOnThinLink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flood := &logtestFlood{began: time.Now(), rate: 50_000_000, thin: 125_000, until: time.Minute}
		var (
			at      int64 // all bytes before it were seen or skipped
			shown   int64
			skips   int
			slowest time.Duration
		)
		emit := func(batch ...observe.Payload) {
			for _, p := range batch {
				switch p := p.(type) {
				case observe.Line:
					if p.Partial {
						continue
					}
					if p.Offset != at {
						t.Fatalf("line at %d, expected at %d: %+v", p.Offset, at, p)
					}
					end := p.Offset + logtestFloodLine
					if p.Truncated {
						end = p.Offset + int64(len(p.Text))
					} else if strings.TrimSpace(p.Text) != fmt.Sprint(p.Offset/logtestFloodLine) {
						t.Fatalf("garbled: %+v", p)
					}
					at, shown = end, shown+end-p.Offset
					lag := time.Since(flood.began) - time.Duration(float64(end)/float64(flood.rate)*float64(time.Second))
					if time.Since(flood.began) > 5*time.Second && time.Since(flood.began) < flood.until {
						slowest = max(slowest, lag)
					}
				case observe.Skip:
					if p.From != at || p.To <= p.From {
						t.Fatalf("skip %+v, expected from %d", p, at)
					}
					at, skips = p.To, skips+1
				}
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 70*time.Second)
		defer cancel()
		log := NewLog(LogConfig{Path: "flood", Files: flood, Wake: &Every{}, Thin: func() int64 { return flood.thin }})
		if err := log.Run(ctx, emit); err != nil {
			t.Fatal(err)
		}
		if at != flood.size() {
			t.Errorf("seen up to %d of %d bytes", at, flood.size())
		}
		if slowest > 1500*time.Millisecond {
			t.Errorf("the newest line was %v old", slowest)
		}
		if shown < 60*flood.thin/4 || skips == 0 {
			t.Errorf("shown %d bytes between %d skips", shown, skips)
		}
		t.Logf("shown %d bytes, %d skips, lag at most %v", shown, skips, slowest)
	})
}

// The same where nobody knows what the link carries: it is measured, the log is skipped to its end after a few
// seconds, and once the flood is over nothing is skipped any more.
func TestLogFloodIsMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flood := &logtestFlood{began: time.Now(), rate: 5_000_000, thin: 125_000, until: time.Minute}
		var at int64
		var late time.Duration
		skips := 0
		emit := func(batch ...observe.Payload) {
			for _, p := range batch {
				switch p := p.(type) {
				case observe.Line:
					if p.Partial {
						continue
					}
					if p.Offset != at {
						t.Fatalf("line at %d, expected at %d", p.Offset, at)
					}
					at = p.Offset + logtestFloodLine
					if p.Truncated {
						at = p.Offset + int64(len(p.Text))
					}
					if since := time.Since(flood.began); since > 10*time.Second && since < flood.until {
						late = max(late, since-time.Duration(float64(at)/float64(flood.rate)*float64(time.Second)))
					}
				case observe.Skip:
					if p.From != at {
						t.Fatalf("skip %+v, expected from %d", p, at)
					}
					at, skips = p.To, skips+1
				}
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 80*time.Second)
		defer cancel()
		if err := NewLog(LogConfig{Path: "flood", Files: flood, Wake: &Every{}, MaySkip: true}).Run(ctx, emit); err != nil {
			t.Fatal(err)
		}
		if at != flood.size() || skips == 0 || late > 5*time.Second {
			t.Errorf("seen up to %d of %d bytes, %d skips, the newest line %v old", at, flood.size(), skips, late)
		}
	})
}

// A long backlog over a thin link that can be caught up with is read in full.
func TestLogBacklogIsNoFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flood := &logtestFlood{began: time.Now().Add(-time.Minute), rate: 50_000, thin: 125_000, until: 3 * time.Minute}
		emit := func(batch ...observe.Payload) {
			for _, p := range batch {
				if s, ok := p.(observe.Skip); ok {
					t.Errorf("%+v", s)
				}
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
		defer cancel()
		if err := NewLog(LogConfig{Path: "flood", Files: flood, Wake: &Every{}, MaySkip: true}).Run(ctx, emit); err != nil {
			t.Fatal(err)
		}
	})
}

// Without a limit nothing is skipped, however slow the link is.
func TestLogFloodIsReadInFullWhenNotThin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		flood := &logtestFlood{began: time.Now(), rate: 200_000, thin: 125_000, until: 10 * time.Second}
		lines := 0
		emit := func(batch ...observe.Payload) {
			for _, p := range batch {
				switch p := p.(type) {
				case observe.Skip:
					t.Errorf("%+v", p)
				case observe.Line:
					if !p.Partial {
						lines++
					}
				}
			}
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := NewLog(LogConfig{Path: "flood", Files: flood, Wake: &Every{}}).Run(ctx, emit); err != nil {
			t.Fatal(err)
		}
		if lines != 20_000 {
			t.Errorf("%d lines", lines)
		}
	})
}
