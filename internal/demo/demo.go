// Package demo is a real upgrade on this machine, from nothing: processes that read, compute, write, go
// silent while they work, wait at a question, stand still and go on, and a web server that restarts. It
// only makes the work; what is said of it comes from the same watchers, probes and judge as ever.
package demo

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"text/template"
	"time"

	"github.com/creack/pty"
)

//go:embed jobs/*.sh plan.yaml rehearsal.jsonl
var files embed.FS

// Times of the night, counted from its start.
const (
	answerAfter  = 40 * time.Second // when somebody comes and answers the question
	restartAfter = 20 * time.Second // when the web server goes down
	restartTakes = 12 * time.Second
	window       = 4 * time.Minute // how long the night may last
)

// rehearsal is the record of an earlier demo, which this night is compared with.
const rehearsal = "rehearsal.jsonl"

// Night is a running demo. Close ends it and removes what it wrote.
type Night struct {
	Dir  string
	URL  string    // of the web server
	Ends time.Time // the end of the window
	pids map[string]int
	stop context.CancelFunc
	done sync.WaitGroup
}

// Start makes a directory and begins all jobs in it. The caller must Close the night.
func Start(ctx context.Context) (*Night, error) {
	dir, err := os.MkdirTemp("", "ronda-demo-")
	if err != nil {
		return nil, fmt.Errorf("start demo: %w", err)
	}
	ctx, stop := context.WithCancel(ctx)
	n := &Night{Dir: dir, Ends: time.Now().Add(window), pids: map[string]int{}, stop: stop}
	for _, start := range []func(context.Context) error{n.earlier, n.jobs, n.packages, n.web} {
		if err := start(ctx); err != nil {
			n.Close()
			return nil, fmt.Errorf("start demo: %w", err)
		}
	}
	return n, nil
}

// Pid is the process of a job.
func (n *Night) Pid(job string) int { return n.pids[job] }

// Plan is the night's plan, as a person would write it.
func (n *Night) Plan() ([]byte, error) {
	t, err := template.ParseFS(files, "plan.yaml")
	if err != nil {
		return nil, fmt.Errorf("demo plan: %w", err)
	}
	var out bytes.Buffer
	if err := t.Execute(&out, n); err != nil {
		return nil, fmt.Errorf("demo plan: %w", err)
	}
	return out.Bytes(), nil
}

// Close ends what still runs, waits for it, and removes the directory.
func (n *Night) Close() {
	n.stop()
	n.done.Wait()
	_ = os.RemoveAll(n.Dir)
}

// command is a job's script run by the machine's own shell, as a process group that ends with ctx.
func (n *Night) command(ctx context.Context, job string) (*exec.Cmd, error) {
	script, err := files.ReadFile("jobs/" + job + ".sh")
	if err != nil {
		return nil, err
	}
	path := filepath.Join(n.Dir, job+".sh")
	if err := os.WriteFile(path, script, 0o600); err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, "/bin/sh", path, n.Dir)
	cmd.WaitDelay = time.Second
	ownGroup(cmd)
	return cmd, nil
}

// earlier writes the record of the rehearsal beside the jobs.
func (n *Night) earlier(context.Context) error {
	record, err := files.ReadFile(rehearsal)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(n.Dir, rehearsal), record, 0o600)
}

func (n *Night) jobs(ctx context.Context) error {
	for _, job := range []string{"copy", "schema", "sync"} {
		cmd, err := n.command(ctx, job)
		if err != nil {
			return err
		}
		if err := cmd.Start(); err != nil {
			return err
		}
		n.pids[job] = cmd.Process.Pid
		n.done.Go(func() { _ = cmd.Wait() })
	}
	return nil
}

// packages runs the job that asks on a terminal of its own, whose screen goes to a log as script(1) does
// it. After a while somebody answers.
func (n *Night) packages(ctx context.Context) error {
	cmd, err := n.command(ctx, "packages")
	if err != nil {
		return err
	}
	log, err := os.Create(filepath.Join(n.Dir, "packages.log"))
	if err != nil {
		return err
	}
	ownSession(cmd)
	terminal, err := pty.Start(cmd)
	if err != nil {
		return errors.Join(err, log.Close())
	}
	n.pids["packages"] = cmd.Process.Pid
	n.done.Go(func() {
		_, _ = io.Copy(log, terminal) // ends with the terminal's last user
		_ = log.Close()
	})
	n.done.Go(func() {
		answer := time.NewTimer(answerAfter)
		defer answer.Stop()
		select {
		case <-ctx.Done():
		case <-answer.C:
			_, _ = terminal.WriteString("N\n")
		}
		_ = cmd.Wait()
		_ = terminal.Close()
	})
	return nil
}

// web serves a page, goes down for a restart, and comes back.
func (n *Night) web(ctx context.Context) error {
	var lc net.ListenConfig
	first, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	address := first.Addr().String()
	n.URL = "http://" + address + "/"
	n.done.Go(func() {
		serve(ctx, first, restartAfter)
		if !sleep(ctx, restartTakes) {
			return
		}
		if again, err := lc.Listen(ctx, "tcp", address); err == nil {
			serve(ctx, again, time.Hour)
		}
	})
	return nil
}

func serve(ctx context.Context, on net.Listener, span time.Duration) {
	server := &http.Server{
		ReadHeaderTimeout: 5 * time.Second,
		Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "<title>Webmail</title>")
		}),
	}
	var done sync.WaitGroup
	done.Go(func() { _ = server.Serve(on) })
	sleep(ctx, span)
	_ = server.Close()
	done.Wait()
}

// sleep waits, and tells whether it was for the whole time.
func sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
