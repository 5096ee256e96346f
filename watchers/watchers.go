// Package watchers follows what changes by itself: log files, trees of processes, standard input. There is
// one file a kind. A watcher reports observations and judges nothing; what it cannot see it reports as a
// source state, not as an error. It never writes to what it watches and never blocks it.
//
// A watcher runs on this machine or on a remote one through the small interfaces below; it does not know
// which. Calls through them wait while the link to the host is down.
package watchers

import (
	"context"

	"ronda/internal/observe"
)

// Emit hands payloads to the session, in order, as one batch. It blocks while the session is behind, and
// returns at once when the session has ended. The payloads must not be changed afterwards.
type Emit = func(...observe.Payload)

// Files is how a log watcher reaches the files of a host. All methods are safe for concurrent use; they
// wait while the host cannot be reached, until ctx ends. Errors say what and where, and match
// fs.ErrNotExist and fs.ErrPermission where that is the reason.
type Files interface {
	// OpenFile opens a regular file and follows symbolic links. The handle it returns stays with the file
	// when it is renamed or removed.
	OpenFile(ctx context.Context, path string) (handle int, info observe.FileInfo, err error)
	// ReadFile looks at an open file: what it is now, what stands under its path now, and at most limit
	// bytes from off. Over a lost and regained link the handle is gone: the error matches fs.ErrClosed, and
	// the file must be opened again.
	ReadFile(ctx context.Context, handle int, off int64, limit int) (observe.FileRead, error)
	// CloseFile gives the handle back. An unknown handle is ignored.
	CloseFile(handle int)
	// Siblings lists the regular files whose names are path with something after it (x.log.1,
	// x.log-20261124), newest first, compressed ones left out.
	Siblings(ctx context.Context, path string) ([]observe.FileInfo, error)
}

// Procs is how a process watcher reaches the /proc of a host. The same promises hold as for Files.
type Procs interface {
	// ReadFiles returns the text of small files, by path. A pattern with * or [ ] is expanded. What is
	// missing or may not be read is absent. NUL bytes are returned as spaces.
	ReadFiles(ctx context.Context, patterns ...string) (map[string]string, error)
	// ReadLinks returns where the symbolic links in directories point, by the link's path; as with
	// /proc/PID/fd. It never follows one. What may not be read is absent.
	ReadLinks(ctx context.Context, dirs ...string) (map[string]string, error)
	// Holders returns the pids of the processes that hold path open, as far as we may know, ours left out.
	Holders(ctx context.Context, path string) ([]int, error)
	// StatFiles returns what the files are, by path, following links. What is missing is absent.
	StatFiles(ctx context.Context, paths ...string) (map[string]observe.FileInfo, error)
}

// Runner runs a command line with the host's POSIX shell.
type Runner interface {
	// Run returns what the command printed, each stream cut at 64 KiB, and its exit code. The error is
	// about reaching or starting it, never about its exit code. When ctx ends, the command is ended with it.
	Run(ctx context.Context, command string) (stdout, stderr []byte, code int, err error)
}
