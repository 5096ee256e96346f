package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"ronda/internal/host"
	"ronda/internal/observe"
	"ronda/internal/plan"
	"ronda/internal/session"
	"ronda/internal/vsphere"
	"ronda/probes"
)

// vSphereSource is the name of the source that holds the session with a vCenter.
const vSphereSource = "vsphere"

// center is a vCenter as it is reached from a host.
type center struct{ url, host string }

// vSphere makes one source for each vCenter: all tasks and finders there share its session.
func (n *night) vSphere() error {
	all := map[center]*vsphere.Config{}
	var order []center
	on := func(c center, name string) *vsphere.Config {
		if all[c] == nil {
			login := n.conn.VSphere[name]
			all[c] = &vsphere.Config{
				URL: c.url, User: login.User, Password: n.wiring.password(login), Fingerprint: login.Fingerprint,
				Ask: n.asker, Taken: taken(n.plan),
			}
			order = append(order, c)
		}
		return all[c]
	}
	for _, t := range n.plan.Tasks {
		if t.VSphere != nil {
			cfg := on(center{t.VSphere.URL, t.Host}, t.Name)
			cfg.Tasks = append(cfg.Tasks, vsphere.Wanted{Name: t.Name, VSphereRef: *t.VSphere, Following: n.wiring.followed[t.Name]})
		}
	}
	for _, f := range n.plan.Finders {
		if f.VSphere != nil {
			cfg := on(center{f.VSphere.URL, f.Host}, f.Name)
			cfg.Finders = append(cfg.Finders, vsphere.Wanted{Name: f.Name, VSphereRef: *f.VSphere, Match: f.Match, Names: n.wiring.found.of(f.Name).names})
		}
	}
	for _, c := range order {
		cfg := all[c]
		cfg.Qualify = len(order) > 1
		if dir, err := stateDir(); err == nil { // nobody's home: it is asked each time
			cfg.Known = filepath.Join(dir, "known_vcenters")
		}
		m, err := n.wiring.on(c.host)
		if err != nil {
			return err
		}
		cfg.Dial = m.DialContext
		watch, err := vsphere.New(*cfg)
		if err != nil {
			return err
		}
		n.wiring.add(observe.Origin{Host: c.host, Source: vSphereSource}, watch)
	}
	return nil
}

// passwordTimeout bounds a password command, which may wait for a person's key.
const passwordTimeout = time.Minute

// password is how the password of a login is come by; nil: a person is asked. What a command prints, also when it fails,
// is shown nowhere.
func (w *wiring) password(login plan.VSphere) func(context.Context) (string, error) {
	switch {
	case login.PasswordEnv != "":
		return func(context.Context) (string, error) {
			if p := os.Getenv(login.PasswordEnv); p != "" {
				return p, nil
			}
			return "", fmt.Errorf("$%s is not set", login.PasswordEnv)
		}
	case login.PasswordCommand != "":
		return func(ctx context.Context) (string, error) { return passwordOf(ctx, w.local, login.PasswordCommand) }
	}
	return nil
}

func passwordOf(ctx context.Context, on *host.Local, command string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, passwordTimeout)
	defer cancel()
	out, _, code, err := on.Run(ctx, command)
	line, _, _ := bytes.Cut(out, []byte("\n"))
	line = bytes.TrimSuffix(line, []byte("\r"))
	switch {
	case ctx.Err() != nil:
		return "", errors.New("the password command does not end")
	case err != nil:
		return "", fmt.Errorf("the password command cannot be run: %w", err)
	case code != 0:
		return "", fmt.Errorf("the password command ended with exit code %d", code)
	case len(line) == 0:
		return "", errors.New("the password command printed nothing")
	}
	return string(line), nil
}

// jobTimeout is how long the answer to a question about a job of a virtual machine may take.
const jobTimeout = 20 * time.Second

// machineJobs makes the sources that ask libvirt and Proxmox.
func (w *wiring) machineJobs(t observe.Task, m machine) error {
	if t.Libvirt == nil && t.Proxmox == nil {
		return nil
	}
	probe, err := probes.ForJob(t, m)
	if err != nil {
		return err
	}
	w.add(observe.Origin{Task: t.Name, Host: t.Host, Source: transferSource}, session.Every(probe, probes.JobEvery(t), jobTimeout))
	return nil
}

// transferSource is the name of the source that watches what a task moves.
const transferSource = "transfer"
