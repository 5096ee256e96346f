package probes

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"time"

	"ronda/internal/observe"
)

// commandProbe runs a command. It is well when the command ends with the exit code that is expected, and its
// output (standard output and then standard error) is as expected.
type commandProbe struct {
	name    string
	command string
	exit    int
	output  *regexp.Regexp // nil: any
	host    Runner
}

var _ Probe = (*commandProbe)(nil)

func newCommand(s observe.Service, h Host) (Probe, error) {
	output, err := pattern("output", s.Expect.Output)
	if err != nil {
		return nil, err
	}
	return &commandProbe{name: s.Name, command: s.Command, exit: s.Expect.Exit, output: output, host: h}, nil
}

// Probe asks once.
func (p *commandProbe) Probe(ctx context.Context) observe.Payload {
	w := newWatch(ctx)
	stdout, stderr, code, err := p.host.Run(ctx, p.command)
	took := time.Since(w.start)
	if err != nil {
		return answer{detail: w.refusal(ctx, err)}.check(p.name, took)
	}
	return p.judge(stdout, stderr, code).check(p.name, took)
}

func (p *commandProbe) judge(stdout, stderr []byte, code int) answer {
	if code != p.exit {
		return answer{detail: exitWords(code, stdout, stderr)}
	}
	line := firstLine(stdout)
	if line == "" {
		line = firstLine(stderr)
	}
	if p.output != nil && !p.output.Match(stdout) && !p.output.Match(stderr) {
		return answer{detail: fmt.Sprintf("the output %q does not match %q", limit(line, 80), limit(p.output.String(), 60))}
	}
	if line == "" {
		line = fmt.Sprintf("exit code %d", code)
	}
	return answer{ok: true, detail: line}
}

// exitWords says with which code a command ended and the first thing it said, complaints first.
func exitWords(code int, stdout, stderr []byte) string {
	words := fmt.Sprintf("exit code %d", code)
	line := firstLine(stderr)
	if line == "" {
		line = firstLine(stdout)
	}
	if line == "" {
		return words
	}
	return words + ": " + line
}

// firstLine is the first line of data that holds anything to read, without its control characters.
func firstLine(data []byte) string {
	for line := range bytes.SplitSeq(data, []byte{'\n'}) {
		// A line that was repainted shows what was painted last.
		line = bytes.TrimRight(line, "\r")
		line = line[bytes.LastIndexByte(line, '\r')+1:]
		if text := oneLine(string(line)); text != "" {
			return text
		}
	}
	return ""
}
