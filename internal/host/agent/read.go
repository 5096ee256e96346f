package agent

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// read waits for the hello, then hands each answer to the request that is next in order, until the stream
// ends. It is the only one that reads.
func (a *Agent) read(ready chan<- error) {
	defer close(a.done)
	err := a.greet()
	ready <- err
	for err == nil {
		err = a.answer()
	}
	if errors.Is(err, io.EOF) {
		err = errors.New("the host closed it")
	}
	a.end(err)
}

// greet passes over what the login says and takes in the hello.
func (a *Agent) greet() error {
	mark := a.nonce + " hi "
	var said noise
	for {
		line, err := a.out.ReadSlice('\n')
		if rest, ok := strings.CutPrefix(string(line), mark); ok && err == nil {
			return a.introduced(rest)
		}
		if said.add(line); said.n > maxNoise {
			return errors.New("the login talks without end; is its rc file waiting for something?")
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			if words := said.String(); words != "" {
				return fmt.Errorf("the host ended the session and said: %s", words)
			}
			return errors.New("the host ended the session without a word; the account may not run commands")
		}
	}
}

// introduced reads the hello: the shell's pid, and what it can do.
func (a *Agent) introduced(rest string) error {
	words := strings.Fields(rest)
	if len(words) != 2 {
		return fmt.Errorf("the hello is not understood: %q", rest)
	}
	pid, err := strconv.Atoi(words[0])
	if err != nil {
		return fmt.Errorf("the hello is not understood: %q", rest)
	}
	caps, missing, lacks := strings.Cut(words[1], ",")
	if lacks {
		return fmt.Errorf("the host lacks what reading its files needs: %s", plain(missing))
	}
	a.hello = hello{pid: pid, caps: caps}
	a.handles.allow(caps)
	return nil
}

// answer reads one answer and hands it over. The request that it belongs to is the oldest one on its way.
func (a *Agent) answer() error {
	head, err := a.out.ReadSlice('\n')
	if err != nil {
		return err
	}
	var r *request
	select {
	case r = <-a.sent:
	default:
		return fmt.Errorf("the host answers unasked: %q", clip(head, 80))
	}
	start := time.Now()
	var p reply
	same := head[0] == '='
	switch head[0] {
	case '=':
		if p.text = r.entry.last; p.text == "" {
			return errors.New("the host repeats an answer that it never gave")
		}
	case ':':
		p.text, err = a.text(head[1 : len(head)-1])
	case '~':
		p.text, err = a.zipped()
	default:
		err = fmt.Errorf("the host's answer is not understood: %q", clip(head, 80))
	}
	if err == nil && r.limit > 0 && !same {
		p.data, err = a.data(p.text, r.limit)
	}
	if err != nil {
		return err
	}
	a.learn(r, p, same, start)
	a.deliver(r, p)
	return nil
}

// learn remembers an answer as the far side does, and what it tells of the link.
func (a *Agent) learn(r *request, p reply, same bool, start time.Time) {
	e := r.entry
	if !same {
		e.last = p.text
		if len(p.text) > 64<<10 || p.data != nil { // the far side does not keep these either
			e.last = ""
		}
	}
	now := time.Now()
	a.mu.Lock()
	defer a.mu.Unlock()
	e.same = same
	if r.alone && p.data == nil {
		a.pace.answered(now.Sub(r.at))
	}
	a.pace.received(len(p.data), now.Sub(start))
}

// text reads a text that comes with its length.
func (a *Agent) text(length []byte) (string, error) {
	n, err := strconv.Atoi(string(length))
	if err != nil || n < 0 || n > maxText {
		return "", fmt.Errorf("the host announces an answer of %q bytes; at most %d are taken", clip(length, 20), maxText)
	}
	var b bytes.Buffer
	if _, err := io.CopyN(&b, a.out, int64(n)+1); err != nil {
		return "", err
	}
	return string(b.Bytes()[:n]), nil
}

// zipped reads a compressed text.
func (a *Agent) zipped() (string, error) {
	raw, err := a.marked(maxText)
	if err != nil {
		return "", err
	}
	text, err := unzip(raw, maxText)
	return string(text), err
}

// data reads the bytes that follow an answer to a read: as many as its first line says, raw or compressed.
func (a *Agent) data(text string, limit int) ([]byte, error) {
	line, _, _ := strings.Cut(text, "\n")
	num, how, ok := strings.Cut(line, " ")
	n, err := strconv.Atoi(num)
	if !ok || err != nil || n <= 0 {
		return nil, nil
	}
	if n > limit {
		return nil, fmt.Errorf("the host offers %d bytes where %d were asked for", n, limit)
	}
	room := limit + 2*bigBlock
	data, err := a.marked(room + room/100 + 1024) // what cannot be compressed grows a little
	if err == nil && how == "1" {
		data, err = unzip(data, room)
	}
	if data == nil {
		data = []byte{}
	}
	return data, err
}

// marked reads up to the secret mark on a line of its own, which no file on the host can hold.
func (a *Agent) marked(limit int) ([]byte, error) {
	end := []byte(a.nonce + " e\n")
	var b bytes.Buffer
	whole := true // what comes starts a line
	for {
		piece, err := a.out.ReadSlice('\n')
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return nil, err
		}
		if whole && bytes.Equal(piece, end) {
			return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
		}
		whole = err == nil
		if b.Len()+len(piece) > limit+1 {
			return nil, fmt.Errorf("the host sends more than the %d bytes that fit its answer", limit)
		}
		b.Write(piece)
	}
}

// unzip decompresses at most limit bytes.
func unzip(raw []byte, limit int) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("decompress the host's answer: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(z, int64(limit)+1))
	if err != nil {
		return nil, fmt.Errorf("decompress the host's answer: %w", err)
	}
	if len(text) > limit {
		return nil, fmt.Errorf("the host's answer is longer than the %d bytes that are taken", limit)
	}
	return text, nil
}

// noise keeps the end of what the login says, for the error message.
type noise struct {
	tail []byte
	n    int
}

func (s *noise) add(line []byte) {
	s.n += len(line)
	s.tail = append(s.tail, line...)
	if over := len(s.tail) - 300; over > 0 {
		s.tail = append(s.tail[:0], s.tail[over:]...)
	}
}

// String returns it as one line that is safe to show.
func (s *noise) String() string { return plain(string(s.tail)) }

// plain makes what a host says fit for a message: printable, on one line.
func plain(s string) string {
	s = strings.Join(strings.Fields(strings.ToValidUTF8(s, "\uFFFD")), " ")
	q := strconv.QuoteToGraphic(s)
	return strings.ReplaceAll(q[1:len(q)-1], `\"`, `"`)
}

func clip(b []byte, n int) []byte { return b[:min(len(b), n)] }
