package probes

import (
	"bytes"
	"context"
	"strings"

	"ronda/internal/observe"
)

// progressName is the name of the counter that a progress command answers with.
const progressName = "progress"

// progressProbe runs a task's progress command and records its answer raw: what it means is read in the
// fold. Output counts even when the exit code is not 0 (du and find end so when one of many files is closed
// to them); no output and a complaint is a source that failed.
type progressProbe struct {
	command string
	unit    string
	host    Runner
}

var _ Probe = (*progressProbe)(nil)

// Probe asks once.
func (p *progressProbe) Probe(ctx context.Context) observe.Payload {
	w := newWatch(ctx)
	stdout, stderr, code, err := p.host.Run(ctx, p.command)
	switch {
	case err != nil:
		return failed(w.refusal(ctx, err))
	case code != 0 && len(bytes.TrimSpace(stdout)) == 0:
		return failed(exitWords(code, stdout, stderr))
	}
	// Cut after the blotting, so that half a secret at the cut is not taken for something else.
	raw := blot(strings.ToValidUTF8(string(stdout), "\ufffd"))
	return observe.Counter{Name: progressName, Raw: head(raw, observe.RawLimit), Unit: p.unit}
}

func failed(why string) observe.Source {
	return observe.Source{State: observe.SourceFailed, Why: detail("progress command: " + why)}
}
