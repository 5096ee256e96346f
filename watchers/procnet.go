package watchers

import (
	"net/netip"
	"strconv"
	"strings"
)

// tcpRow is one connection of /proc/PID/net/tcp or tcp6.
type tcpRow struct {
	local, remote string // in the kernel's hexadecimal form
	inode         string
	unsent        bool // bytes wait to be acknowledged
	retransmits   int
}

// parseTCP reads the rows of /proc/PID/net/tcp by their socket's inode.
func parseTCP(text string) map[string]tcpRow {
	rows := map[string]tcpRow{}
	for line := range strings.Lines(text) {
		f := strings.Fields(line)
		if len(f) < 10 || !strings.HasSuffix(f[0], ":") {
			continue
		}
		n, err := strconv.ParseInt(f[6], 16, 64) // "retrnsmt" is hexadecimal
		queue, _, _ := strings.Cut(f[4], ":")
		if err != nil || f[9] == "0" {
			continue
		}
		rows[f[9]] = tcpRow{
			local: f[1], remote: f[2], inode: f[9],
			unsent:      strings.Trim(queue, "0") != "",
			retransmits: int(min(n, 1000)),
		}
	}
	return rows
}

// address writes the kernel's hexadecimal "0100007F:15A8" as people do; each 32 bit word is in the byte
// order of the machine, which is little-endian here.
func address(hex string) string {
	ip, port, ok := strings.Cut(hex, ":")
	p, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil || (len(ip) != 8 && len(ip) != 32) {
		return ""
	}
	bytes := make([]byte, 0, 16)
	for i := 0; i < len(ip); i += 8 {
		w, err := strconv.ParseUint(ip[i:i+8], 16, 32)
		if err != nil {
			return ""
		}
		bytes = append(bytes, byte(w), byte(w>>8), byte(w>>16), byte(w>>24))
	}
	return joinAddress(bytes, uint16(p))
}

// joinAddress writes an address of 4 or 16 bytes and a port.
func joinAddress(ip []byte, port uint16) string {
	a, ok := netip.AddrFromSlice(ip)
	if !ok {
		return ""
	}
	return netip.AddrPortFrom(a.Unmap(), port).String()
}
