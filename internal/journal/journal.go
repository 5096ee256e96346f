// Package journal is the session file: JSON Lines that are only ever appended to. It knows the file, its
// torn tail and its durability; what the lines mean is told by package observe.
//
// An observation is written with write(2) at each Flush, at least every flushAt bytes, and synced to disk
// once a second: a kill of ronda costs nothing that was flushed, a crash of its machine at most the last
// second.
package journal

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"ronda/internal/observe"
)

const (
	flushAt    = 64 << 10
	syncEvery  = time.Second
	maxUnsaved = 32 << 20 // bytes kept in memory while the disk takes nothing
	maxLine    = 16 << 20 // a longer line of a session file is not ours
)

// ErrNotSession is wrapped where a file is not a session file.
var ErrNotSession = errors.New("not a ronda session file")

// ErrBusy is wrapped where another ronda writes the file.
var ErrBusy = errors.New("another ronda is writing it")

// Writer appends observations to a session file. Append and Flush are for one goroutine.
type Writer struct {
	file    *os.File
	enc     observe.Encoder
	buf     []byte
	lost    int   // observations dropped since the disk took nothing more
	failing error // of the last write; nil when it went well

	dirty chan struct{}
	stop  chan struct{}
	done  sync.WaitGroup

	mu      sync.Mutex
	syncErr error
}

// Create starts a new session file, readable by its owner only. It refuses an existing one.
func Create(path string) (*Writer, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create session file: %w", err)
	}
	return newWriter(file)
}

func newWriter(file *os.File) (*Writer, error) {
	if err := lock(file); err != nil {
		return nil, errors.Join(fmt.Errorf("lock session file %s: %w", file.Name(), err), file.Close())
	}
	w := &Writer{file: file, dirty: make(chan struct{}, 1), stop: make(chan struct{})}
	w.done.Go(w.syncLoop)
	return w, nil
}

// Resume reads an existing session file through each, cuts off a torn last line, and continues the file.
// It returns what was read. The error wraps ErrNotSession where the file holds anything else.
func Resume(path string, each func(observe.Observation) error) (*Writer, Read, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND, 0)
	if err != nil {
		return nil, Read{}, fmt.Errorf("resume session file: %w", err)
	}
	w, err := newWriter(file) // locked before it is read: nobody may append meanwhile
	if err != nil {
		return nil, Read{}, err
	}
	read, err := Scan(file, each)
	if err == nil && read.Torn > 0 {
		err = file.Truncate(read.End)
	}
	if err != nil {
		return nil, read, errors.Join(fmt.Errorf("resume session file %s: %w", path, err), w.Close())
	}
	return w, read, nil
}

// Append adds observations. They are in the file after the next Flush. The error is that of the disk; the
// observations are kept and written later when it takes them again, up to a bound.
func (w *Writer) Append(batch ...observe.Observation) error {
	for _, o := range batch {
		if len(w.buf) > maxUnsaved {
			w.lost++
			continue
		}
		buf, err := w.enc.Append(w.buf, o)
		if err != nil {
			return err
		}
		w.buf = buf
		if len(w.buf) >= flushAt && w.failing == nil {
			if err := w.Flush(); err != nil {
				return err
			}
		}
	}
	return w.failing
}

// Flush hands all that was appended to the operating system.
func (w *Writer) Flush() error {
	for len(w.buf) > 0 {
		n, err := w.file.Write(w.buf)
		w.buf = w.buf[:copy(w.buf, w.buf[n:])]
		if err != nil {
			w.failing = fmt.Errorf("write session file: %w", err)
			return w.failing
		}
		select {
		case w.dirty <- struct{}{}:
		default:
		}
	}
	w.failing = nil
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.syncErr
}

// Lost is how many observations had to be dropped because the disk took nothing for too long.
func (w *Writer) Lost() int { return w.lost }

// Path is the file's name.
func (w *Writer) Path() string { return w.file.Name() }

// Close flushes, syncs and closes.
func (w *Writer) Close() error {
	flushed := w.Flush()
	close(w.stop)
	w.done.Wait()
	return errors.Join(flushed, w.sync(), w.file.Close())
}

// syncLoop syncs once a second while something was written. A sync may take long: it never holds up Append.
func (w *Writer) syncLoop() {
	for {
		select {
		case <-w.stop:
			return
		case <-w.dirty:
		}
		err := w.sync()
		w.mu.Lock()
		w.syncErr = err
		w.mu.Unlock()
		select {
		case <-w.stop:
			return
		case <-time.After(syncEvery):
		}
	}
}

func (w *Writer) sync() error {
	if err := w.file.Sync(); err != nil && !unsyncable(err) {
		return fmt.Errorf("sync session file: %w", err)
	}
	return nil
}

// Read says what a scan found.
type Read struct {
	Observations int
	Damaged      int       // lines within the file that could not be read
	Torn         int64     // bytes of a last line without end
	End          int64     // where the last whole line ends
	LastSeq      uint64    // of the last observation
	LastAt       time.Time // of the last observation
}

// Scan reads a session file from its start and hands every observation to each, in order. A damaged line is
// counted and passed over; a torn last line is counted and left. An error of each ends the scan.
func Scan(r io.Reader, each func(observe.Observation) error) (Read, error) {
	var read Read
	in := bufio.NewReaderSize(r, 256<<10)
	for {
		line, size, err := readLine(in)
		if errors.Is(err, io.EOF) {
			read.Torn = size
			if read.Observations == 0 && size > 0 {
				return read, ErrNotSession
			}
			return read, nil
		}
		if err != nil {
			return read, fmt.Errorf("read session file: %w", err)
		}
		read.End += size
		o, err := observe.Decode(line)
		if read.Observations == 0 && (err != nil || o.Payload.Kind() != observe.KindSession) {
			return read, ErrNotSession
		}
		if err != nil {
			read.Damaged++
			continue
		}
		read.Observations++
		read.LastSeq, read.LastAt = o.Seq, o.At
		if err := each(o); err != nil {
			return read, err
		}
	}
}

// readLine returns a line with its end, or what stands at the end of the input without one, together with
// io.EOF. size counts all bytes; the line is cut at maxLine.
func readLine(in *bufio.Reader) (line []byte, size int64, err error) {
	line, err = in.ReadSlice('\n')
	size = int64(len(line))
	if !errors.Is(err, bufio.ErrBufferFull) {
		return line, size, err
	}
	long := bytes.Clone(line)
	for errors.Is(err, bufio.ErrBufferFull) {
		line, err = in.ReadSlice('\n')
		size += int64(len(line))
		if len(long) < maxLine {
			long = append(long, line...)
		}
	}
	return long, size, err
}
