// Package probes asks once: is the service well, how far is the job. There is one file a kind. A probe
// reports what was answered and judges nothing; the session repeats it at its interval, and the next
// question is only asked after the last one was answered.
//
// A probe asks from this machine or from a remote one through the small interfaces below. It holds nothing
// between two questions: no connection, no goroutine, no process; every question is asked anew, as a new
// client would. It writes nothing but what its protocol needs to be asked, and ends when its ctx ends.
//
// What a probe says in words is short (at most 200 bytes), without control characters, and without the
// secrets that URLs and command output carry.
package probes

import (
	"context"
	"errors"
	"fmt"
	"net"

	"ronda/internal/observe"
)

// Probe asks once. The answer is always an observation: a refused connection, a timeout and a wrong body
// are answers. The timeout is ctx's. A probe is used by one goroutine at a time.
type Probe interface {
	Probe(ctx context.Context) observe.Payload
}

// Dialer opens connections as seen from a host. *net.Dialer is one, for this machine.
type Dialer interface {
	DialContext(ctx context.Context, network, address string) (net.Conn, error)
}

// Runner runs a command line with the host's POSIX shell.
type Runner interface {
	// Run returns what the command printed, each stream cut at 64 KiB, and its exit code. The error is
	// about reaching or starting it, never about its exit code. When ctx ends, the command is ended with it.
	Run(ctx context.Context, command string) (stdout, stderr []byte, code int, err error)
}

// Host is what a probe needs of the machine that it asks from.
type Host interface {
	Dialer
	Runner
}

// Factory builds the probe that asks a service of one kind, from h. It asks nothing yet. An error says what
// is wrong in the plan.
type Factory func(s observe.Service, h Host) (Probe, error)

// All returns the factories of the services' probes by kind, which is the key in the plan that names it.
// The map is the caller's own.
func All() map[string]Factory {
	return map[string]Factory{
		"http":    newHTTP,
		"tcp":     newTCP,
		"tls":     newTLS,
		"command": newCommand,
		"unit":    newUnit,
	}
}

// ForService builds the probe that asks a service, from h. Its answers are observe.Check.
func ForService(s observe.Service, h Host) (Probe, error) {
	var kinds []string
	for kind, value := range map[string]string{
		"http": s.HTTP, "tcp": s.TCP, "tls": s.TLS, "command": s.Command, "unit": s.Unit,
	} {
		if value != "" {
			kinds = append(kinds, kind)
		}
	}
	if len(kinds) != 1 {
		return nil, fmt.Errorf("service %q: say how to ask it by exactly one of http, tcp, tls, command and unit", s.Name)
	}
	p, err := All()[kinds[0]](s, h)
	if err != nil {
		return nil, fmt.Errorf("service %q: %s: %w", s.Name, kinds[0], err)
	}
	return p, nil
}

// ForProgress builds the probe that runs a task's progress command, from h. Its answers are observe.Counter
// with the raw output; an observe.Source in state failed where there was no answer.
func ForProgress(task observe.Task, h Host) (Probe, error) {
	if task.Progress == nil || task.Progress.Command == "" {
		return nil, fmt.Errorf("task %q: progress: the command is missing", task.Name)
	}
	return &progressProbe{unit: task.Progress.Unit, command: task.Progress.Command, host: h}, nil
}

var errHostPort = errors.New("write it as host:port, with an IPv6 address in brackets")
