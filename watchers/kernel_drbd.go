package watchers

import (
	"encoding/json"
	"strconv"
	"strings"

	"ronda/internal/observe"
)

// drbd8Resyncs reads /proc/drbd of DRBD 8: a line with the number of a device and its connection, and further down
// "[>...] sync'ed: 9.2% (250448/275668)M", which is what is left of what there was, and "oos:" what is out of sync in
// KiB, which is exact.
func drbd8Resyncs(text string) []kernelMove {
	var all []kernelMove
	minor, connection, left := "", "", -1.0
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if number, rest, ok := strings.Cut(line, ": cs:"); ok {
			if _, err := strconv.Atoi(number); err == nil {
				minor, connection, left = number, firstWord(rest), -1
			}
			continue
		}
		if _, rest, ok := strings.Cut(line, " oos:"); ok {
			if n, err := strconv.ParseFloat(firstWord(rest), 64); err == nil {
				left = n * 1024
			}
			continue
		}
		_, rest, ok := strings.Cut(line, "sync'ed:")
		if !ok || minor == "" {
			continue
		}
		_, pair, _ := strings.Cut(rest, "(")
		rest2, total, ok := fraction(pair)
		if !ok {
			continue
		}
		unit := 1024.0
		if _, behind, _ := strings.Cut(pair, ")"); strings.HasPrefix(behind, "M") {
			unit = 1 << 20
		}
		if left < 0 || left > total*unit {
			left = rest2 * unit
		}
		k := resync("drbd"+minor, connection)
		k.target = "/dev/drbd" + minor
		k.amounts = counted("what is in sync of what was not", total*unit-left, total*unit)
		all = append(all, k)
		minor = ""
	}
	return all
}

// resync makes a copy of a state of replication: SyncSource, PausedSyncT, VerifyS.
func resync(name, state string) kernelMove {
	k := kernelMove{id: name, name: name + " resync", state: observe.TransferRunning, detail: printable(state, 32)}
	k.tool = "drbd"
	switch {
	case strings.HasPrefix(state, "Paused"):
		k.state, k.detail = observe.TransferQueued, printable(state, 32)+": it is paused, or waits until another one is done"
	case strings.HasPrefix(state, "Verify"):
		k.name = name + " verify"
	case strings.HasSuffix(state, "Source"), strings.HasSuffix(state, "SyncS"):
		k.detail += ": this machine sends"
	case strings.HasSuffix(state, "Target"), strings.HasSuffix(state, "SyncT"):
		k.detail += ": this machine receives"
	}
	return k
}

// drbd9 is what "drbdsetup status --json" says, as far as it is of use. Sizes are in KiB.
type drbd9 []struct {
	Name    string `json:"name"`
	Devices []struct {
		Volume int     `json:"volume"`
		Minor  int     `json:"minor"`
		Size   float64 `json:"size"`
	} `json:"devices"`
	Connections []struct {
		Name string `json:"name"`
		Peer []struct {
			Volume    int      `json:"volume"`
			State     string   `json:"replication-state"`
			Suspended string   `json:"resync-suspended"`
			OutOfSync *float64 `json:"out-of-sync"`
			InSync    *float64 `json:"percent-in-sync"`
		} `json:"peer_devices"`
	} `json:"connections"`
}

// drbd9Resyncs reads what drbdsetup says. Each connection of each volume may be in sync or not.
func drbd9Resyncs(text string) []kernelMove {
	var status drbd9
	if strings.TrimSpace(text) == "" || json.Unmarshal([]byte(text), &status) != nil {
		return nil
	}
	var all []kernelMove
	for _, r := range status {
		for _, c := range r.Connections {
			for _, p := range c.Peer {
				if !strings.Contains(p.State, "Sync") && !strings.HasPrefix(p.State, "Verify") {
					continue
				}
				name := printable(r.Name, 64) + "/" + strconv.Itoa(p.Volume) + " with " + printable(c.Name, 64)
				k := resync(name, p.State)
				if p.Suspended != "" && p.Suspended != "no" {
					k.state, k.detail = observe.TransferQueued, printable(p.State, 32)+": suspended by "+printable(p.Suspended, 32)
				}
				for _, d := range r.Devices {
					if d.Volume != p.Volume {
						continue
					}
					k.target = "/dev/drbd" + strconv.Itoa(d.Minor)
					if p.OutOfSync != nil && d.Size > 0 && *p.OutOfSync >= 0 && *p.OutOfSync <= d.Size {
						k.amounts = counted("what is in sync", (d.Size-*p.OutOfSync)*1024, d.Size*1024)
					}
				}
				if k.amounts == nil && p.InSync != nil {
					k.amounts = []observe.Amount{{Of: observe.AmountJob, What: "what is in sync", Done: *p.InSync, Total: 100, Unit: "percent", By: "the kernel"}}
				}
				all = append(all, k)
			}
		}
	}
	return all
}

// drbd8End looks whether both sides of a device are up to date.
func drbd8End(minor, text string) (observe.TransferState, string) {
	for line := range strings.Lines(text) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), minor+": cs:")
		if !ok {
			continue
		}
		if strings.Contains(rest, "ds:UpToDate/UpToDate") {
			return observe.TransferDone, "both sides are up to date"
		}
		return observe.TransferGone, "it was interrupted: " + printable(strings.TrimSpace("cs:"+rest), 120)
	}
	return observe.TransferGone, "the kernel does not list it any more"
}
