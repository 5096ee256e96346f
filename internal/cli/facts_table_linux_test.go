package cli

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ronda/internal/faults"
)

const (
	soon  = 25 * time.Second // a fact that is plain at once
	later = 75 * time.Second // one that must last for a while to be believed
)

// askingFacts wait for a person.
func askingFacts(m *tmux) []fact {
	asks := func(prompt string) string { return `: BLOCKED.*waits for input: “.*` + prompt + `.*”` }
	return []fact{
		{name: "read", begin: m.typed(`read -r -p "Continue with the upgrade? [Y/n] " x`, "y", "Enter"), says: asks(`Continue with the upgrade\? \[Y/n\]`), within: soon, after: well},
		{name: "readline", begin: m.typed(`read -r -e -p "Name of the new volume: " x`, "vol1", "Enter"), says: asks("Name of the new volume:"), within: soon, after: well},
		{name: "python", begin: m.typed(`python3 -c 'input("Proceed with 12 mailboxes? ")'`, "y", "Enter"), says: asks(`Proceed with 12 mailboxes\?`), within: soon, after: well},
		{name: "pager", begin: m.typed(`less /etc/services`, "q"), says: `: BLOCKED.*waits for input in a pager.*\(less, pid`, within: soon, after: well},
		{name: "dialog", begin: m.typed(`whiptail --yesno "Restart services during package upgrades without asking?" 10 60`, "Enter"), says: asks(`Restart services during package upgrades without asking\?`), within: soon, after: well},
		{name: "passphrase", begin: m.typed(`ssh-keygen -q -t ed25519 -N `+secret+` -f key; echo made; ssh-keygen -y -f key`, secret, "Enter"), says: asks("Enter passphrase"), within: soon, after: well},
		{name: "openssl", begin: m.typed(`echo `+secret+` >word; echo data | openssl enc -aes-128-cbc -pbkdf2 -pass file:word -out data.enc; openssl enc -d -aes-128-cbc -pbkdf2 -in data.enc`, secret, "Enter"), says: asks("password:"), within: soon, after: well},
		{name: "unlogged", begin: m.unlogged(`read -r -p "Remove the old database as well? " x`, "n", "Enter"), says: asks(`Remove the old database as well\?`), within: soon, after: well},
		{name: "conffile", begin: conffile(m), says: asks(`lab\.conf \(Y/I/N/O/D/Z\) \[default=N\] \?`), within: soon, after: well},
	}
}

// conffile is the upgrade of a package whose configuration file was changed on this machine: dpkg asks. It is
// installed below a folder of its own, so that the machine's packages are left alone.
func conffile(m *tmux) func(t *testing.T, f *fact, dir string) string {
	return func(t *testing.T, f *fact, dir string) string {
		t.Helper()
		faults.Sh(t, `cd "$1"; mkdir -p root/var/lib/dpkg/updates root/var/lib/dpkg/info root/var/log; touch root/var/lib/dpkg/status root/var/lib/dpkg/available
for v in 1 2; do
	mkdir -p p$v/DEBIAN p$v/etc; echo "setting = $v" >p$v/etc/lab.conf; echo /etc/lab.conf >p$v/DEBIAN/conffiles
	printf 'Package: lab\nVersion: %s\nArchitecture: all\nMaintainer: Nobody <nobody@example.com>\nDescription: a package for a test\n' $v >p$v/DEBIAN/control
	dpkg-deb --root-owner-group -b p$v lab$v.deb >/dev/null
done
dpkg --root=root --force-not-root --log=root/var/log/dpkg.log -i lab1.deb >/dev/null 2>&1; echo "setting = mine" >root/etc/lab.conf`, dir)
		return m.typed(`dpkg --root=root --log=root/var/log/dpkg.log -i lab2.deb`, "n", "Enter")(t, f, dir)
	}
}

// terminalFacts are jobs whose terminal stands in the way.
func terminalFacts(m *tmux) []fact {
	return []fact{
		{name: "control-Z", within: soon, says: `: BLOCKED.*is stopped \(SIGSTOP or \^Z\)`, after: well, begin: func(t *testing.T, f *fact, dir string) string {
			t.Helper()
			m.window(t, dir, `exec bash --norc -i`)
			faults.Set(t, dir+"/inner.sh", stepping+"echo $$ >pid; upto never")
			m.keys(t, dir, "bash inner.sh", "Enter")
			f.fault = func(t *testing.T) { t.Helper(); m.keys(t, dir, "C-z") }
			f.lift = func(t *testing.T) { t.Helper(); m.keys(t, dir, "fg", "Enter") }
			return process(pidIn(t, dir+"/pid"))
		}},
		{name: "control-S", within: soon, says: `: BLOCKED.*waits to write to /dev/pts/\d+, which is frozen \(\^S\)`, after: well, begin: func(t *testing.T, f *fact, dir string) string {
			t.Helper()
			pid := m.window(t, dir, `upto never`)
			f.fault = func(t *testing.T) { t.Helper(); m.keys(t, dir, "C-s") }
			f.lift = func(t *testing.T) { t.Helper(); m.keys(t, dir, "C-q") }
			return process(pid)
		}},
	}
}

func pidIn(t *testing.T, file string) int {
	t.Helper()
	pid := 0
	faults.Poll(t, "a pid in "+file, func() bool {
		text, _ := os.ReadFile(file)
		n, err := strconv.Atoi(strings.TrimSpace(string(text)))
		pid = n
		return err == nil && n > 0
	})
	return pid
}

// kernelFacts are hindrances that the kernel shows of the processes.
func kernelFacts() []fact {
	return []fact{
		{name: "stopped", within: soon, says: `: BLOCKED.*is stopped \(SIGSTOP or \^Z\); kill -CONT \d+`, after: well, begin: func(t *testing.T, f *fact, dir string) string {
			t.Helper()
			pid := spawn(t, dir, "bash", "-c", stepping+"upto never")
			signal := func(s syscall.Signal) func(t *testing.T) {
				return func(t *testing.T) { t.Helper(); _ = syscall.Kill(pid, s) }
			}
			f.fault, f.lift = signal(syscall.SIGSTOP), signal(syscall.SIGCONT)
			return process(pid)
		}},
		{name: "lock", within: later, says: `: BLOCKED.*waits for a lock on .*/the-lock held by flock \(pid \d+\)`, after: well, begin: func(t *testing.T, f *fact, dir string) string {
			t.Helper()
			lock := filepath.Join(dir, "the-lock")
			f.fault = func(t *testing.T) {
				t.Helper()
				holder := spawn(t, t.TempDir(), "flock", lock, "sleep", "600")
				faults.Poll(t, "the lock is held", func() bool { return shellFails("flock -n " + lock + " true") })
				f.lift = func(*testing.T) { _ = syscall.Kill(-holder, syscall.SIGKILL) }
				faults.Set(t, dir+"/go", "")
			}
			f.lift = func(*testing.T) {}
			return shell(`upto go; flock the-lock true; upto never`)(t, f, dir)
		}},
		{
			name: "pipe", within: later, says: `: BLOCKED.*waits for the reader of its full pipe: bash \(pid \d+\)`, after: well,
			begin: func(t *testing.T, f *fact, dir string) string {
				t.Helper()
				f.lift = func(t *testing.T) { t.Helper(); faults.Sh(t, `echo on >"$1/wait"`, dir) }
				return shell(`mkfifo wait; fill() { i=0; while :; do i=$((i+1)); printf '%s %4000d\n' "$i" 0; sleep 0.05; done; }
fill | { until [ -e go ]; do read -r n x; echo "Copied part $n"; done; read -r x <wait; while read -r n x; do echo "Copied part $n"; done; }`)(t, f, dir)
			},
		},
		{name: "quota", within: later, says: `: (BLOCKED|SLOWING).*gets (only|less than) .* of a processor: its cgroup quota`, after: well, begin: func(t *testing.T, f *fact, dir string) string {
			t.Helper()
			group := faults.NewGroup(t, "cpu")
			pid := spawn(t, dir, "bash", "-c", `n=0; while :; do n=$((n+1)); [ $((n % 100000)) = 0 ] && echo "Sorted block $((n/100000))"; done`)
			f.fault = func(t *testing.T) {
				t.Helper()
				faults.Set(t, group+"/cpu.cfs_quota_us", "2000")
				faults.Set(t, group+"/cgroup.procs", strconv.Itoa(pid))
			}
			f.lift = func(t *testing.T) { t.Helper(); faults.Set(t, group+"/cpu.cfs_quota_us", "-1") }
			return process(pid)
		}},
		{name: "peer", within: later, says: `: BLOCKED.*waits for its peer 10\.199\.9\.2:5544, which does not answer: \d+ retransmissions`, after: well, begin: func(t *testing.T, f *fact, dir string) string {
			t.Helper()
			cable := faults.NewCable(t)
			server := t.TempDir()
			spawn(t, server, "ip", "netns", "exec", cable.B, "python3", "-c", `import socket
s=socket.create_server(("`+cable.Addr+`",5544)); open("up","w").write("1\n")
c,_=s.accept()
while c.recv(65536): pass`)
			pidIn(t, server+"/up")
			f.fault = func(t *testing.T) { t.Helper(); cable.Pull(t) }
			f.lift = func(t *testing.T) { t.Helper(); cable.Plug(t) }
			return process(spawn(t, dir, "ip", "netns", "exec", cable.A, "python3", "-u", "-c", `import socket,time
s=socket.create_connection(("`+cable.Addr+`",5544)); n=0
while True: n+=1; s.sendall(b"x"*200000); print("Sent part", n); time.sleep(0.1)`))
		}},
	}
}

// diskFacts are disks that are frozen, full or broken.
func diskFacts() []fact {
	on := func(script string, fault, lift func(faults.Disk, testing.TB)) func(t *testing.T, f *fact, dir string) string {
		return func(t *testing.T, f *fact, dir string) string {
			t.Helper()
			disk := faults.NewDisk(t, 20)
			f.fault = func(t *testing.T) { t.Helper(); fault(disk, t) }
			if lift != nil {
				f.lift = func(t *testing.T) { t.Helper(); lift(disk, t) }
			}
			return process(spawn(t, dir, "bash", "-c", stepping+script, "sh", disk.Dir))
		}
	}
	return []fact{
		{
			name: "frozen disk", within: later, says: `: BLOCKED.*waits for a frozen file system \(ext4 /dev/loop\d+ at .*\): write to .*/data does not return \(D`, after: well,
			begin: on(`exec 7>"$1/data"; while :; do step; echo $i >&7; done`, faults.Disk.Freeze, faults.Disk.Thaw),
		},
		{name: "FUSE", within: later, says: `: BLOCKED.*waits for the program behind a FUSE file system: openat does not return`, after: well, begin: func(t *testing.T, f *fact, dir string) string {
			t.Helper()
			far := filepath.Join(dir, "far")
			faults.Sh(t, `mkdir "$1"`, far)
			f.lift = func(*testing.T) {}
			f.fault = func(t *testing.T) {
				t.Helper()
				end := faults.Hang(t, far)
				f.lift = func(*testing.T) { end() }
				faults.Set(t, dir+"/go", "")
			}
			return shell(`upto go; cat far/x; upto never`)(t, f, dir)
		}},
		{
			name: "full disk", within: later, says: `: BLOCKED.*No space left on device`, after: well,
			begin: on(`while :; do dd if=/dev/zero of="$1/data$i" bs=64k count=1 2>err || { grep error err; sleep 1; continue; }; rm "$1/data$i"; step; done`, faults.Disk.Fill, faults.Disk.Empty),
		},
		{
			name: "silent full disk", within: later, says: `: BLOCKED.*cannot write to .*/data: its file system is full \(ext4 /dev/loop`, after: well,
			begin: on(`exec python3 -u -c 'import os,sys,time
fd=os.open(sys.argv[1]+"/data", os.O_WRONLY|os.O_CREAT); n=0
while True:
    try: os.pwrite(fd, b"x"*100000, 100000*(n%5)); n+=1; print("Wrote part", n); os.ftruncate(fd, 0); time.sleep(0.2)
    except OSError: time.sleep(1)' "$1"`, faults.Disk.Fill, faults.Disk.Empty),
		},
		{
			name: "broken disk", within: later, says: `: BLOCKED.*(cannot write to .*/data: its file system has become read-only|Read-only file system)`,
			begin: on(`exec 7>"$1/data"; while :; do if echo $i >&7; then step; else sleep 2; fi; done`, faults.Disk.Break, nil),
		},
	}
}

// endFacts are jobs that end.
func endFacts() []fact {
	done := "    done: 'The upgrade is complete'\n"
	ends := func(script, more string) func(t *testing.T, f *fact, dir string) string {
		return func(t *testing.T, f *fact, dir string) string { t.Helper(); return shell(script)(t, f, dir) + more }
	}
	return []fact{
		{name: "memory", within: soon, says: `: FAILED.*the kernel killed it for want of memory`, begin: func(t *testing.T, f *fact, dir string) string {
			t.Helper()
			group := faults.NewGroup(t, "memory")
			faults.Set(t, group+"/memory.limit_in_bytes", strconv.Itoa(64<<20))
			pid := spawn(t, dir, "bash", "-c", stepping+`echo $$ >"$1/cgroup.procs"; upto go; exec tail /dev/zero`, "sh", group)
			return process(pid)
		}},
		{name: "complete", within: soon, says: `: DONE.*The upgrade is complete`, begin: ends(`upto go; echo "The upgrade is complete"`, done)},
		{name: "incomplete", within: soon, says: `: FAILED.*without the line that says it succeeded`, begin: ends(`upto go`, done)},
		{name: "exit code", within: soon, says: `: FAILED.*ended with exit code 3`, begin: func(t *testing.T, _ *fact, dir string) string {
			t.Helper()
			// Its parent does not ask for the exit code, so that the kernel keeps it.
			spawn(t, dir, "bash", "-c", `bash -c "$1" & echo $! >pid; exec sleep 600`, "sh", stepping+`upto go; exit 3`)
			return process(pidIn(t, dir+"/pid"))
		}},
	}
}

// serverFacts are clients of a database server.
func serverFacts(t *testing.T) []fact {
	t.Helper()
	db := faults.NewPostgres(t)
	client := func(sql string) func(t *testing.T, f *fact, dir string) string {
		return func(t *testing.T, _ *fact, dir string) string {
			t.Helper()
			args := append([]string{"-c", stepping + `upto go; psql "$@"; upto never`, "sh"}, db.Args(db.Dir, sql)...)
			return process(spawn(t, dir, "bash", args...)) + "    fresh: 15s\n"
		}
	}
	return []fact{
		{name: "long query", within: later, says: `: QUIET.*work`, never: `: (STALLED|BLOCKED)`, begin: client("select count(*) from generate_series(1, 3000000000) g")},
		{name: "table lock", within: later, says: `: BLOCKED.*PostgreSQL backend \d+ waits for a lock`, after: well, begin: func(t *testing.T, f *fact, dir string) string {
			t.Helper()
			f.fault = func(t *testing.T) {
				t.Helper()
				spawn(t, t.TempDir(), "psql", db.Args(db.Dir, faults.LockSQL)...)
				db.Lock(t)
				faults.Set(t, dir+"/go", "")
			}
			f.lift = func(t *testing.T) { t.Helper(); db.Unlock(t) }
			return client("alter table t add column b int")(t, f, dir)
		}},
	}
}

func shellFails(command string) bool {
	return hushed(command).Run() != nil
}
