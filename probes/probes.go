// Package probes asks once: is the service well, how far is the job. There is one file a kind. A probe
// reports what was answered and judges nothing; the session repeats it at its interval, and the next
// question is only asked after the last one was answered.
//
// A probe asks from this machine or from a remote one through the small interfaces below.
package probes

import (
	"context"
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
