package watchers

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"ronda/internal/observe"
)

// LogConfig says which log to follow, and how.
type LogConfig struct {
	Path  string // as the host understands it; the Lines and Skips carry it as their File
	Files Files
	Wake  Waker // Notify for a log on this machine; nil means Every, for one elsewhere
	From  From  // where in a log that exists already to begin

	// Resume is the newest Line of this log that is recorded already; nil when there is none. The log goes
	// on right after it, in whatever file it stands by now. Where it is not found any more, a Skip says so
	// and the log is begun anew as From says.
	Resume *observe.Line

	// MaySkip lets a log that grows faster than it can be read be skipped to its end: for a link that may be
	// thin. How much it carries is measured while it falls behind.
	MaySkip bool

	// Thin returns how many bytes a second the link to the host carries; 0, or a nil Thin, means that there
	// is no such limit. A log that grows faster is skipped to its end, and a Skip says which bytes.
	Thin func() int64

	ReadSize int // most bytes of one read; 0 means 256 KiB
}

// From is where to begin in a log that exists already. The zero value is its start; of a log longer than
// MaxBacklog only that much at its end is read.
type From struct {
	End  bool  // at its last line, if that has not ended, or else at its end
	Byte int64 // at the first line that starts at or after this offset; 0 is the start
}

// ParseFrom reads what a person gives for it: start, end, or a number of bytes.
func ParseFrom(s string) (From, error) {
	switch s {
	case "start":
		return From{}, nil
	case "end":
		return From{End: true}, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 {
		return From{}, fmt.Errorf("cannot begin at %q: give start, end, or a number of bytes from the start", s)
	}
	return From{Byte: n}, nil
}

// MaxBacklog bounds what is read of a log that was there before ronda looked, in bytes.
const MaxBacklog = 64 << 20

const standardReadSize = 256 << 10

// Log follows one log file, on whatever host, through everything that may happen to it: rotation by renaming
// and by copying, truncation, removal, a lost link. It emits Line, Skip and Source observations, one batch a
// read. Each byte of the log is emitted in exactly one Line that has ended or covered by exactly one Skip,
// as far as the host still has it; only Lines with Partial come in addition.
//
// What is known of the log's place is its identity, an offset and the few bytes before it, by which a look
// makes sure that the file is still the one it was.
type Log struct{ cfg LogConfig }

// NewLog makes a watcher for a log. It does nothing before Run.
func NewLog(cfg LogConfig) *Log {
	if cfg.ReadSize <= 0 {
		cfg.ReadSize = standardReadSize
	}
	if cfg.Wake == nil {
		cfg.Wake = &Every{}
	}
	if cfg.Thin == nil {
		cfg.Thin = func() int64 { return 0 }
	}
	return &Log{cfg: cfg}
}

// Name returns "log".
func (l *Log) Name() string { return "log" }

// Run follows the log until ctx ends, and then returns nil. What cannot be seen is emitted as a Source; an
// error is ronda's own trouble. Run must not be called again while it runs.
func (l *Log) Run(ctx context.Context, emit Emit) (err error) {
	f := &follower{cfg: l.cfg, emit: emit, first: true, batch: batch{file: l.cfg.Path}}
	defer func() {
		f.close()
		if closeErr := l.cfg.Wake.Close(); err == nil {
			err = closeErr
		}
	}()
	for ctx.Err() == nil {
		last, again := f.look(ctx)
		f.batch.emit(emit)
		if again {
			continue
		}
		if err := l.cfg.Wake.Wait(ctx, last); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// follower is a log while it is followed.
type follower struct {
	cfg   LogConfig
	emit  Emit
	batch batch

	// files are those that are read, oldest first. The last one stands at the path, or stood there last; the
	// others were rotated away and may still get late lines.
	files  []*tailed
	first  bool           // the first look at the log has not reached its end yet
	lost   bool           // the last look lost a handle
	pace   pace           // how it falls behind
	astray time.Time      // since when nothing that can be read stands at the path; zero: something does
	source observe.Source // as it was emitted last
	kernel []string       // the devices that the kernel's own files are on; nil: not asked yet
}

// close gives all handles back.
func (f *follower) close() {
	for _, t := range f.files {
		f.release(t)
	}
}

// say emits a change in how well the log is seen.
func (f *follower) say(state observe.SourceState, why string) {
	if source := (observe.Source{State: state, Why: why}); source != f.source {
		f.source = source
		f.batch.out = append(f.batch.out, source)
	}
}

// sayUp says that the log is seen as well as it can be.
func (f *follower) sayUp() {
	f.astray = time.Time{}
	if why := f.cfg.Wake.Limited(); why != "" {
		f.say(observe.SourceLimited, why)
		return
	}
	f.say(observe.SourceUp, "")
}
