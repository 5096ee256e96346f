package watchers

import "bytes"

// piece is one line as the splitter sees it. Its text is only good until the splitter is used again.
type piece struct {
	off       int64 // where text starts
	end       int64 // where the next line starts; of a line that has not ended: where it goes on
	text      []byte
	truncated bool // the line is longer than text
}

// MaxText bounds the text of one line in bytes; what a line has beyond it is passed over.
const MaxText = 64 << 10

// splitter cuts a stream of bytes into lines, in whatever chunks the stream comes. It keeps at most MaxText
// bytes of a line that has not ended, and allocates nothing for the lines that lie within one chunk.
//
// A line ends at a newline, before which carriage returns are not part of it. Within a line a carriage return
// followed by more starts it anew, as on a terminal: only the last such state is its text. NUL bytes at a
// line's start are passed over: a file that was cut to nothing under a writer without O_APPEND begins with a
// hole of them.
//
// The zero value splits a stream from offset 0. It must not be used by two goroutines at once.
type splitter struct {
	off   int64  // of the next byte of the stream
	buf   []byte // text of the line that has not ended, at most MaxText bytes
	start int64  // where buf starts; it means nothing while open is false
	open  bool   // the line that has not ended has text
	over  bool   // its text is longer than buf
	cr    bool   // it ended with a carriage return: more text will start it anew
	anew  bool   // it was started anew at least once
}

// reset lets the splitter go on at offset off of its stream, at the start of a line; what it held is dropped.
func (s *splitter) reset(off int64) { *s = splitter{off: off, buf: s.buf[:0]} }

// split takes the next bytes of the stream and calls line for each line that ends in them.
func (s *splitter) split(p []byte, line func(piece)) {
	if s.open || s.cr || s.anew {
		n := bytes.IndexByte(p, '\n')
		if n < 0 {
			s.keep(p)
			return
		}
		s.keep(p[:n])
		s.off++
		s.end(line)
		p = p[n+1:]
	}
	// One look for a carriage return a block is cheaper than one a line.
	for len(p) > 0 {
		n := bytes.LastIndexByte(p[:min(len(p), blockSize)], '\n')
		if n < 0 {
			n = bytes.IndexByte(p, '\n')
		}
		if n < 0 {
			s.keep(p)
			return
		}
		block := p[:n+1]
		s.lines(block, bytes.IndexByte(block, '\r') < 0, line)
		p = p[n+1:]
	}
}

// blockSize keeps a block in the processor's first cache between the two looks at it.
const blockSize = 16 << 10

// lines splits a block that starts at a line's start and ends at a line's end.
func (s *splitter) lines(block []byte, plain bool, line func(piece)) {
	off, from := s.off, 0
	for from < len(block) {
		n := bytes.IndexByte(block[from:], '\n')
		text := block[from : from+n]
		end := off + int64(n) + 1
		if plain && n <= MaxText && block[from] != 0 {
			line(piece{off: off, end: end, text: text})
		} else {
			s.off = off
			s.keep(text)
			s.off = end
			s.end(line)
		}
		off, from = end, from+n+1
	}
	s.off = off
}

// partial returns the line that has not ended, and whether it has any text. repainted tells that a carriage
// return started it anew.
func (s *splitter) partial() (p piece, repainted, ok bool) {
	return piece{off: s.start, end: s.off, text: s.buf, truncated: s.over}, s.anew, s.open
}

// flush calls line for the line that has not ended, if it has any text, as if it ended here.
func (s *splitter) flush(line func(piece)) {
	if s.open {
		s.end(line)
	}
	s.reset(s.off)
}

// keep adds bytes without a newline to the line that has not ended.
func (s *splitter) keep(p []byte) {
	at := s.off
	s.off += int64(len(p))
	text := bytes.TrimRight(p, "\r")
	if len(text) == 0 {
		s.cr = s.cr || len(p) > 0
		return
	}
	cr := len(text) < len(p)
	if n := bytes.LastIndexByte(text, '\r'); n >= 0 || s.cr {
		text = text[n+1:]
		at += int64(n) + 1
		s.buf, s.open, s.over, s.anew = s.buf[:0], false, false, true
	}
	s.cr = cr
	if !s.open {
		n := len(text)
		text = bytes.TrimLeft(text, "\x00")
		at += int64(n - len(text))
		if len(text) == 0 {
			return
		}
		s.open, s.start = true, at
	}
	room := min(MaxText-len(s.buf), len(text))
	s.buf = append(s.buf, text[:room]...)
	s.over = s.over || room < len(text)
}

// end hands the line over that ended before s.off and makes room for the next.
func (s *splitter) end(line func(piece)) {
	if !s.open {
		s.start = s.off - 1
	}
	line(piece{off: s.start, end: s.off, text: s.buf, truncated: s.over})
	s.reset(s.off)
}
