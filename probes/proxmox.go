package probes

import (
	"context"
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// proxmoxTask asks for a task of a Proxmox node: its status, and how far it says to be in its log (pvesh). The grammar
// of both is that of Proxmox VE 7 and 8 as their documentation and logs show it; it was not tried against a real one.
type proxmoxTask struct {
	asker
	ref  observe.ProxmoxRef
	upid string // of the task that is followed; empty: none yet
	line int    // of its log, from which on it is read
	last observe.Transfer
}

func newProxmox(ref observe.ProxmoxRef, h Runner) *proxmoxTask {
	return &proxmoxTask{asker: asker{"pvesh", h}, ref: ref, upid: ref.Task}
}

// pveStatus is what Proxmox says of a task.
type pveStatus struct {
	UPID       string      `json:"upid"`
	Type       string      `json:"type"`
	ID         string      `json:"id"`
	Status     string      `json:"status"`
	ExitStatus string      `json:"exitstatus"`
	StartTime  json.Number `json:"starttime"`
	EndTime    json.Number `json:"endtime"`
}

// Probe asks once.
func (p *proxmoxTask) Probe(ctx context.Context) observe.Payload {
	if p.ref.Task == "" && (p.upid == "" || p.last.State != observe.TransferRunning && p.last.State != observe.TransferQueued) {
		if failed := p.newest(ctx); failed != nil {
			return *failed
		}
	}
	if p.upid == "" {
		return observe.Source{State: observe.SourceWaiting, Why: detail("no task of " + p.ref.VM + " runs on " + p.ref.Node)}
	}
	var s pveStatus
	if failed := p.get(ctx, &s, p.path("status")); failed != nil {
		if p.last.ID != "" && strings.Contains(failed.Why, "no such task") {
			p.last.State, p.last.Detail = observe.TransferGone, "Proxmox does not know it any more"
			return p.last
		}
		return *failed
	}
	t := observe.Transfer{ID: p.upid, Tool: s.Type, Source: s.ID, State: observe.TransferRunning, Amounts: p.last.Amounts, Detail: p.last.Detail}
	if t.Source == "" {
		t.Source = p.ref.Node
	}
	if p.last.ID != p.upid {
		t.Amounts, t.Detail = nil, ""
	}
	p.read(ctx, &t)
	if s.Status == "stopped" {
		p.end(&t, s.ExitStatus)
	}
	p.last = t
	return t
}

// newest finds the newest task of the machine that runs.
func (p *proxmoxTask) newest(ctx context.Context) *observe.Source {
	var list []pveStatus
	if failed := p.get(ctx, &list, "/nodes/"+p.ref.Node+"/tasks", "--vmid", p.ref.VM, "--source", "active"); failed != nil {
		return failed
	}
	var best int64
	upid := ""
	for _, t := range list {
		if start, err := t.StartTime.Int64(); err == nil && t.EndTime == "" && t.UPID != "" && start >= best {
			best, upid = start, t.UPID
		}
	}
	if upid != "" && upid != p.upid {
		p.upid, p.line = upid, 0
	}
	return nil
}

func (p *proxmoxTask) path(what string) string {
	return "/nodes/" + p.ref.Node + "/tasks/" + p.upid + "/" + what
}

// get asks for something, and reads the answer into v.
func (p *proxmoxTask) get(ctx context.Context, v any, path string, options ...string) *observe.Source {
	text, failed := p.ask(ctx, append([]string{"pvesh", "get", path, "--output-format", "json"}, options...)...)
	if failed != nil {
		return failed
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return p.failed("its answer is not what was asked for: " + firstLine([]byte(text)))
	}
	return nil
}

// pages bounds how much of a log is read at one question, in pages of pageLines.
const (
	pages     = 4
	pageLines = 400
)

// read takes from the log how far the task is, and what it waits for. A log that cannot be read is no trouble: the status
// tells of the end.
func (p *proxmoxTask) read(ctx context.Context, t *observe.Transfer) {
	for range pages {
		var lines []struct {
			N int    `json:"n"`
			T string `json:"t"`
		}
		if p.get(ctx, &lines, p.path("log"), "--start", strconv.Itoa(p.line), "--limit", strconv.Itoa(pageLines)) != nil {
			return
		}
		for _, l := range lines {
			if l.N <= p.line || l.T == "no content" { // of a log without lines
				continue
			}
			p.line = l.N
			text := oneLine(l.T)
			if a, ok := pveAmount(text); ok {
				t.Amounts, t.State, t.Detail = []observe.Amount{a}, observe.TransferRunning, ""
			}
			switch { // it waits for another task that has the machine or its storage
			case strings.HasPrefix(text, "trying to acquire") && strings.Contains(text, "lock"):
				t.State, t.Detail = observe.TransferQueued, detail(text)
			case t.State == observe.TransferQueued:
				t.State, t.Detail = observe.TransferRunning, ""
			}
		}
		if len(lines) < pageLines {
			return
		}
	}
}

// end says how a task ended.
func (p *proxmoxTask) end(t *observe.Transfer, status string) {
	switch {
	case status == "OK", strings.HasPrefix(status, "WARNINGS"):
		t.State, t.Detail = observe.TransferDone, ""
		if status != "OK" {
			t.Detail = "with " + strings.ToLower(status)
		}
	case strings.Contains(status, "interrupted by signal"):
		t.State, t.Detail = observe.TransferCancelled, detail(status)
	case status == "" || strings.HasPrefix(status, "unexpected status"):
		t.State, t.Detail = observe.TransferGone, "Proxmox does not tell how it ended"
	default:
		t.State, t.Detail = observe.TransferFailed, detail(status)
	}
}

// How far a task says to be in its log.
var (
	// "transferred 4.0 GiB of 32.0 GiB (12.50%)" of a clone or move; "INFO:  12% (3.9 GiB of 32.0 GiB) in 30s" of a backup.
	pveOf = regexp.MustCompile(`([\d.]+) ?(B|bytes|[KMGT]i?B) of ([\d.]+) ?(B|bytes|[KMGT]i?B)`)
	// "transferred: 1073741824 bytes remaining: 33285996544 bytes total: 34359738368 bytes progression: 3.13 %", of old ones.
	pveTotal = regexp.MustCompile(`transferred: (\d+) bytes .*total: (\d+) bytes`)
	// "progress 12% (read 4123168768 bytes, duration 23 sec)" of a restore.
	pvePercent = regexp.MustCompile(`^progress (\d+(?:\.\d+)?) ?%`)
)

// pveAmount reads how far a line of a task's log says that it is.
func pveAmount(text string) (observe.Amount, bool) {
	a := observe.Amount{Of: observe.AmountJob, Unit: "bytes", By: "the task's log"}
	if m := pveOf.FindStringSubmatch(text); m != nil {
		done, okDone := size(m[1] + " " + m[2])
		total, okTotal := size(m[3] + " " + m[4])
		a.Done, a.Total = done, total
		return a, okDone && okTotal && total > 0
	}
	if m := pveTotal.FindStringSubmatch(text); m != nil {
		done, errDone := strconv.ParseFloat(m[1], 64)
		total, errTotal := strconv.ParseFloat(m[2], 64)
		a.Done, a.Total = done, total
		return a, errDone == nil && errTotal == nil && total > 0
	}
	if m := pvePercent.FindStringSubmatch(text); m != nil {
		done, err := strconv.ParseFloat(m[1], 64)
		a.Done, a.Total, a.Unit = done, 100, "percent"
		return a, err == nil && done <= 100
	}
	return a, false
}
