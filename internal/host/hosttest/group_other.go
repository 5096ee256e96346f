//go:build !unix

package hosttest

import "os/exec"

// ownGroup does nothing: the servers of this package need a Unix.
func ownGroup(*exec.Cmd) {}
