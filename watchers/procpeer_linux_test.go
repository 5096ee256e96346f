package watchers

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"ronda/internal/observe"
)

// procTestShell runs commands on this machine.
type procTestShell struct{}

func (procTestShell) Run(ctx context.Context, command string) (stdout, stderr []byte, code int, err error) {
	var out, errs bytes.Buffer
	c := exec.CommandContext(ctx, "sh", "-c", command)
	c.Stdout, c.Stderr = &out, &errs
	err = c.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		code, err = exit.ExitCode(), nil
	}
	return out.Bytes(), errs.Bytes(), code, err
}

// A client that waits for its server shows the server, and that it works.
func TestProcessFollowsTheServer(t *testing.T) {
	if _, err := exec.LookPath("ss"); err != nil {
		t.Fatal("ss is missing: apt-get install iproute2")
	}
	for _, kind := range []string{"unix", "tcp"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			server := procTestStart(t, "python3", "-c", `import socket,os
s=socket.socket(socket.AF_UNIX if "`+kind+`"=="unix" else socket.AF_INET)
s.bind("sock" if "`+kind+`"=="unix" else ("127.0.0.1",0))
s.listen()
p=str(s.getsockname()[1])
open("port.new","w").write(p+"\n" if "`+kind+`"=="tcp" else "1\n")
os.rename("port.new","port")
c,_=s.accept()
while True: pass`)
			port := procTestPID(t, filepath.Join(server.Dir, "port"))
			client := procTestStart(t, "python3", "-c", `import socket
s=socket.socket(socket.AF_UNIX if "`+kind+`"=="unix" else socket.AF_INET)
s.connect("`+server.Dir+`/sock" if "`+kind+`"=="unix" else ("127.0.0.1",`+strconv.Itoa(port)+`))
s.recv(1)`)
			cfg := procTestOf(client)
			cfg.Runner = procTestShell{}
			w := procTestRun(t, cfg)
			p := w.proc(t, "the server at work", func(p observe.Proc) bool { return p.PID == server.Process.Pid && p.CPU > 0 })
			if p.Command != "peer of python3 (pid "+strconv.Itoa(client.Process.Pid)+")" {
				t.Fatalf("%+v", p)
			}
			w.proc(t, "its work goes on", func(q observe.Proc) bool { return q.PID == p.PID && q.CPU > p.CPU })
			c := w.proc(t, "the client", func(p observe.Proc) bool {
				return p.PID == client.Process.Pid && strings.HasSuffix(p.Waits, ", which works")
			})
			if c.Blocker != "" || c.Waits != "waits for its server python3 (pid "+strconv.Itoa(server.Process.Pid)+"), which works" {
				t.Fatalf("%+v", c)
			}
			if s := procTestFull(w.all()); s.Count != 1 || s.CPU > 2000 {
				t.Fatalf("the server is counted in: %+v", s)
			}
			_ = server.Process.Signal(syscall.SIGSTOP)
			c = w.blocked(t, observe.BlockerStopped)
			if c.Name != "python3" || !strings.HasSuffix(c.Waits, ", which is stopped; kill -CONT "+strconv.Itoa(server.Process.Pid)+" lets it go on") {
				t.Fatalf("%+v", c)
			}
			_ = server.Process.Signal(syscall.SIGCONT)
			w.proc(t, "the server goes on", func(p observe.Proc) bool {
				return p.PID == client.Process.Pid && p.Blocker == "" && strings.HasSuffix(p.Waits, ", which works")
			})
		})
	}
}
