package extract

import (
	"strconv"
	"strings"
)

// Tools that copy and pack, whose own lines would be misread: what looks like a share is a ratio of compression, or is
// of one file of many.

// copies is what has to be kept of their earlier lines.
type copies struct {
	file     string  // scp: the one that is copied
	share    float64 // of it, in percent
	finished float64 // files before it
	several  bool    // it is not the only one

	sending  bool    // zfs send has begun to say how much it has sent
	snapshot string  // which one
	sent     float64 // of it
	before   float64 // of those before it
	planned  float64 // of all

	total float64 // restic's, which grows while it looks for files
}

// resticLooks is why restic names no total at first.
const resticLooks = "restic is still looking for files"

// formOfCopy recognizes the lines of such a tool.
func (l *Log) formOfCopy(body string) form {
	switch {
	case strings.Contains(body, " O ") && len(borgSizes(body)) == 3,
		strings.Contains(body, `"type": "archive_progress"`) && strings.Contains(body, `"original_size": `):
		return formBorg
	case strings.HasPrefix(body, `{"message_type":"status",`):
		return formResticJSON
	case strings.Contains(body, "Consumed:") && strings.Contains(body, "Compressed:"), strings.Contains(body, " ==> ") && strings.HasSuffix(strings.TrimRight(body, " "), "%"):
		return formZstd
	case strings.Contains(body, "% ") && strings.Contains(body, " => ") && strings.HasSuffix(strings.TrimRight(body, " "), ")"):
		return formQuiet // x.tar : 49.99%   (  53.2 MiB =>   26.6 MiB, x.zst): a ratio, at the end
	case strings.Contains(body, " / ") && strings.Contains(body, " = ") && xzLine(body):
		return formXZ
	case strings.Contains(body, "B/s ") && scpLine(body).ok:
		return formSCP
	case strings.HasPrefix(body, "TIME ") && strings.Contains(body, "SENT") && strings.Contains(body, "SNAPSHOT"), strings.HasPrefix(body, "total estimated size is "),
		l.copies.sending && zfsSnapshot(body) != "":
		return formZFS
	default:
		return formNone
	}
}

// copyTool reads a line of a known form.
func (l *Log) copyTool(f form, body string) *candidate {
	e, k := &l.election, &l.copies
	switch f {
	case formBorg:
		c := e.family(&found{form: f, name: "borg", unit: "bytes"}, 0, "")
		c.why = "borg does not count beforehand how much there is"
		if sizes := borgSizes(body); len(sizes) == 3 {
			c.take(sizes[0], 0, e)
			return c
		}
		c.take(jsonNumber(body, `"original_size": `), 0, e)
		return c
	case formResticJSON:
		c := e.family(&found{form: f, name: "restic", unit: "bytes"}, 0, "")
		total := jsonNumber(body, `"total_bytes":`)
		c.files, c.filesTotal = jsonNumber(body, `"files_done":`), jsonNumber(body, `"total_files":`)
		if total != k.total {
			k.total, total, c.filesTotal, c.why = total, 0, 0, resticLooks
		}
		c.take(jsonNumber(body, `"bytes_done":`), total, e)
		return c
	case formZstd:
		return l.zstd(body)
	case formXZ:
		c := e.family(&found{form: f, percent: true, name: "xz"}, 0, "")
		share, ok := strings.CutSuffix(firstField(body), "%")
		if !ok { // " 10.9 % ": French and others set a blank
			share = firstField(body)
		}
		v, err := strconv.ParseFloat(strings.Replace(share, ",", ".", 1), 64)
		if err != nil { // "--- %": it reads from a pipe
			return nil
		}
		c.take(v, 100, e)
		return c
	case formSCP:
		return l.scp(body)
	case formZFS:
		return k.zfs(body, e)
	default:
		return nil
	}
}

// zstd reads "Consumed: 5.50 MiB" and "Read: 5.00 MiB /  53.1 MiB ==> 50%". The percentage is how small it became.
func (l *Log) zstd(body string) *candidate {
	c := l.election.family(&found{form: formZstd, name: "zstd", unit: "bytes"}, 0, "")
	c.why = "zstd does not say how much there is"
	for _, key := range []string{"Consumed:", "Read:", "Read :"} {
		_, rest, ok := strings.Cut(body, key)
		if !ok {
			continue
		}
		done, rest, ok := byteSize(rest)
		if !ok {
			return nil
		}
		total := 0.0
		if rest, ok = strings.CutPrefix(strings.TrimLeft(rest, " "), "/"); ok {
			total, _, _ = byteSize(rest)
		}
		c.take(done, max(total, 0), &l.election)
		return c
	}
	return nil
}

// scp reads scp's and sftp's "big.bin   24%   13MB   1.5MB/s   00:26 ETA". It says nothing of the files to come: as soon as
// there is a second one, files are counted.
func (l *Log) scp(body string) *candidate {
	e, k, s := &l.election, &l.copies, scpLine(body)
	if k.file != "" && (s.name != k.file || s.share < k.share && k.share >= 100) {
		if k.share >= 100 {
			k.finished++
		}
		if !k.several { // how far the first one was says nothing any more
			k.several = true
			e.family(&found{form: formSCP, unit: "bytes"}, 0, "bytes").resets = 2
		}
	}
	k.file, k.share = s.name, s.share
	if k.several {
		c := e.family(&found{form: formSCP, name: "copied", unit: "files"}, 0, "files")
		c.why = "scp does not say how many files there are"
		done := k.finished
		if s.share >= 100 {
			done++
		}
		c.take(done, 0, e)
		return c
	}
	c := e.family(&found{form: formSCP, unit: "bytes"}, 0, "bytes")
	c.fraction(&number{value: s.size, scale: s.scale}, s.share, e)
	return c
}

// scpState is one line of scp.
type scpState struct {
	name               string
	share, size, scale float64
	ok                 bool
}

// scpLine takes it apart from its end: name, share, size, speed, time.
func scpLine(body string) (s scpState) {
	rest := strings.TrimRight(body, " ")
	if cut, ok := strings.CutSuffix(rest, "- stalled -"); ok {
		rest = cut + "--:--"
	}
	rest = strings.TrimSuffix(rest, " ETA")
	var last [4]string
	for i := range last {
		rest = strings.TrimRight(rest, " ")
		at := strings.LastIndexByte(rest, ' ')
		if at < 0 {
			return s
		}
		rest, last[i] = rest[:at], rest[at+1:]
	}
	share, ok := strings.CutSuffix(last[3], "%")
	pct, err := strconv.ParseFloat(share, 64)
	if s.name = strings.TrimSpace(rest); s.name == "" || !ok || err != nil || !strings.Contains(last[0], ":") || !strings.HasSuffix(last[1], "B/s") {
		return s
	}
	size, behind, ok := byteSize(last[2])
	if last[2] == "0" {
		size, behind, ok = 0, "", true
	}
	if !ok || behind != "" {
		return s
	}
	s.share, s.size, s.scale, s.ok = pct, size, 1, true
	if strings.IndexByte("KMGTP", last[2][max(0, len(last[2])-2)]) >= 0 {
		s.scale = 1024
	}
	return s
}

// xzLine tells whether a line is xz's "10.9 %   3.4 MiB / 5.8 MiB = 0.586": what is packed, what was read, their ratio.
func xzLine(body string) bool {
	first := strings.TrimLeft(body, " ")
	at := strings.IndexByte(first, '%')
	return at > 0 && at < 8 && strings.Trim(first[:at], "0123456789., -") == "" && strings.Contains(first, "B / ")
}

// zfs reads what zfs send -v says: "total estimated size is 120G", and each second "23:10:05   1.10G   tank/mail@night",
// which is of one snapshot after the other.
func (k *copies) zfs(body string, e *election) *candidate {
	if rest, ok := strings.CutPrefix(body, "total estimated size is "); ok {
		k.planned, _, _ = byteSize(rest)
		return nil
	}
	name := zfsSnapshot(body)
	if name == "" {
		k.sending = true
		return nil
	}
	sent, _, ok := byteSize(body)
	if !ok {
		return nil
	}
	if name != k.snapshot {
		k.before, k.snapshot = k.before+k.sent, name
	}
	k.sent = sent
	c := e.family(&found{form: formZFS, name: "sent", unit: "bytes"}, 0, "")
	total := k.planned
	if k.before+sent > total { // it was an estimate
		total = 0
	}
	c.take(k.before+sent, total, e)
	c.derived = true
	return c
}

// zfsSnapshot returns the snapshot of "1.10G   tank/mail@night"; empty for another line.
func zfsSnapshot(body string) string {
	_, rest, ok := byteSize(body)
	name := strings.TrimSpace(rest)
	if !ok || !strings.HasPrefix(rest, " ") || !strings.Contains(name, "@") || strings.Contains(name, " ") {
		return ""
	}
	return name
}

// borgSizes reads "5.65 MB O 4.06 MB C 4.06 MB D 5 N src/f": original, compressed, deduplicated; in powers of 1000.
func borgSizes(body string) (sizes []float64) {
	rest := body
	for _, letter := range []string{" O ", " C ", " D "} {
		part, behind, ok := strings.Cut(rest, letter)
		v, left, sized := byteSize(part)
		if !ok || !sized || left != "" {
			return nil
		}
		if unit := strings.TrimLeft(part, " 0123456789.,"); !strings.Contains(unit, "i") {
			v = decimalSize(v, unit)
		}
		sizes, rest = append(sizes, v), behind
	}
	if !strings.Contains(rest, " N ") {
		return nil
	}
	return sizes
}

// decimalSize turns a size that was read in powers of 1024 into one of powers of 1000.
func decimalSize(v float64, unit string) float64 {
	if unit == "" {
		return v
	}
	for range strings.IndexByte("KMGTPE", unit[0]&^0x20) + 1 {
		v = v / 1024 * 1000
	}
	return v
}

// byteSize reads a size at the beginning of s, "53.1 MiB", "13MB", "1.10G", "0   B", in powers of 1024, and returns what
// stands behind it.
func byteSize(s string) (v float64, rest string, ok bool) {
	s = strings.TrimLeft(s, " ")
	end := len(s) - len(strings.TrimLeft(s, "0123456789.,"))
	v, err := strconv.ParseFloat(strings.Replace(s[:end], ",", ".", 1), 64)
	if err != nil {
		return 0, "", false
	}
	rest = strings.TrimLeft(s[end:], " ")
	if rest == "" {
		return 0, "", false
	}
	power := strings.IndexByte("KMGTPE", rest[0]&^0x20) + 1
	if power == 0 && rest[0] != 'B' {
		return 0, "", false
	}
	for range power {
		v *= 1024
	}
	if power > 0 {
		rest = strings.TrimPrefix(rest[1:], "i")
	}
	rest = strings.TrimPrefix(rest, "B")
	return v, rest, rest == "" || rest[0] == ' '
}

// jsonNumber reads the number behind a key; 0 where there is none.
func jsonNumber(body, key string) float64 {
	_, rest, ok := strings.Cut(body, key)
	if !ok {
		return 0
	}
	end := len(rest) - len(strings.TrimLeft(rest, "0123456789.eE+"))
	v, err := strconv.ParseFloat(rest[:end], 64)
	if err != nil {
		return 0
	}
	return finite(v)
}

func firstField(s string) string { return firstWord(strings.TrimLeft(s, " ")) }
