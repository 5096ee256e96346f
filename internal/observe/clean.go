package observe

import (
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"
)

// blot stands where a secret stood.
const blot = "••••"

// secrets are the forms in which commands and logs show secrets; the groups around the secret stay. The
// forms are those of mysql, PostgreSQL and curl command lines, URLs, SQL and HTTP headers. Words that only
// say how it went ("password: changed") are let through.
var secrets = []*regexp.Regexp{
	regexp.MustCompile(`(?i)((?:password|passwd|passphrase|secret|token|api[_-]?key|pgpassword|mysql_pwd)["']?\s?(?:=|:)\s?["']?)([^\s"',;&]{3,})`),
	regexp.MustCompile(`(?i)(--?(?:password|passwd|passphrase|secret|token|api-key)\s+["']?)([^\s"'-][^\s"']*)`),
	regexp.MustCompile(`(?i)(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)([^\s/@]+)(@)`),
	regexp.MustCompile(`(?i)(\b(?:identified\s+by|password)\s+(?:password\s+)?['"])([^'"]+)(['"])`),
	regexp.MustCompile(`(?i)(\b(?:bearer|basic)\s+)([a-z0-9+/._~-]{8,}=*)`),
	regexp.MustCompile(`(\b(?:mysql\S*|mariadb\S*)\s(?:.*\s)?-p)([^\s-]\S*)`),
	regexp.MustCompile(`(\b(?:ldap\w+|slap\w+)\s(?:.*\s)?-w\s?)([^\s-]\S*)`),
	regexp.MustCompile(`(\bzmprov\b(?:.*?)\s(?:sp|setPassword|ca|createAccount)\s+\S+\s+)(\S+)`),
}

// harmless is what stands after "password:" when no password does.
var harmless = regexp.MustCompile(`(?i)^(?:ok|done|failed|changed|set|unchanged|expired|required|missing|yes|no|none|null|empty|invalid|wrong|updated)?[.…!]*$`)

// Redact blots out what looks like a secret. A text without one is returned as it is.
func Redact(s string) string {
	if !suspicious(s) {
		return s
	}
	for _, re := range secrets {
		s = re.ReplaceAllStringFunc(s, func(hit string) string {
			g := re.FindStringSubmatch(hit)
			if harmless.MatchString(g[2]) || g[2] == blot {
				return hit
			}
			tail := ""
			if len(g) > 3 {
				tail = g[3]
			}
			return g[1] + blot + tail
		})
	}
	return s
}

// suspicious is the cheap look that nearly every line passes: no regular expression runs without a hit. It
// walks the text once and looks back from letters that are rare where they end the beginning of a tell-tale
// word: passw, passp, ldap, zmpro(v), tok, ecr(et), api, ://, bear(er), basi(c), ntif(ied), mysq(l), riad(b).
func suspicious(s string) bool {
	for i := 2; i < len(s); i++ {
		switch s[i] | 0x20 {
		case 'w', 'p':
			if back(s, i, "ass") || ((back(s, i, "lda") || back(s, i, "sla")) && strings.Contains(s, " -w")) {
				return true
			}
		case 'o':
			if back(s, i, "zmpr") {
				return true
			}
		case 'k':
			if back(s, i, "to") {
				return true
			}
		case 'r':
			if back(s, i, "ec") || back(s, i, "bea") {
				return true
			}
		case 'i':
			if back(s, i, "ap") || back(s, i, "bas") {
				return true
			}
		case 'f':
			if back(s, i, "nti") {
				return true
			}
		case 'q', 'd':
			if (back(s, i, "mys") || back(s, i, "ria")) && strings.Contains(s, " -p") {
				return true
			}
		case '/':
			if s[i-1] == '/' && s[i-2] == ':' && strings.Contains(s[i:], "@") {
				return true
			}
		}
	}
	return false
}

// back tells whether word stands before place i, whatever its case.
func back(s string, i int, word string) bool {
	if i < len(word) {
		return false
	}
	for j := range len(word) {
		if s[i-len(word)+j]|0x20 != word[j] {
			return false
		}
	}
	return true
}

// Clean returns the payload as it may be recorded: without secrets, without numbers that JSON cannot say.
func Clean(whole Payload) Payload {
	switch p := whole.(type) {
	case Line:
		text := Redact(p.Text)
		if text == p.Text {
			return whole // as it came, without a copy: lines are frequent
		}
		p.Text = text
		return p
	case Counter:
		p.Raw, p.Done, p.Total = Redact(p.Raw), finite(p.Done), finite(p.Total)
		return p
	case Check:
		p.Detail = Redact(p.Detail)
		if math.IsNaN(p.MS) || math.IsInf(p.MS, 0) {
			p.MS = 0
		}
		return p
	case Source:
		p.Why = Redact(p.Why)
		return p
	case Transfer:
		return p.clean()
	case Of:
		p.Payload = Clean(p.Payload)
		return p
	case Snapshot:
		return p.clean()
	case Process:
		procs := make([]Proc, len(p.Procs))
		for i, proc := range p.Procs {
			proc.Command = Redact(proc.Command)
			procs[i] = proc
		}
		if p.Procs != nil {
			p.Procs = procs
		}
		if math.IsNaN(p.Throttled) || math.IsInf(p.Throttled, 0) {
			p.Throttled = 0
		}
		return p
	default:
		return whole
	}
}

// clean sees to it that a snapshot says nothing that an observation would not: what it is made of was clean when
// it came, and this holds even if it was not.
func (s Snapshot) clean() Snapshot {
	lines := make([]string, len(s.Lines))
	for i, text := range s.Lines {
		lines[i] = Redact(text)
	}
	if s.Lines != nil {
		s.Lines = lines
	}
	s.Prompt = Redact(s.Prompt)
	s.Ruling.Reason = Redact(s.Ruling.Reason)
	s.Ruling.Evidence = slices.Clone(s.Ruling.Evidence)
	for i := range s.Ruling.Evidence {
		s.Ruling.Evidence[i].Text = Redact(s.Ruling.Evidence[i].Text)
	}
	s.Others = slices.Clone(s.Others)
	for i := range s.Others {
		s.Others[i].Detail = Redact(s.Others[i].Detail)
	}
	if s.Counter != nil {
		if c, ok := Clean(*s.Counter).(Counter); ok {
			s.Counter = &c
		}
	}
	if s.Process != nil {
		if p, ok := Clean(*s.Process).(Process); ok {
			s.Process = &p
		}
	}
	return s
}

func finite(v *float64) *float64 {
	if v == nil || math.IsNaN(*v) || math.IsInf(*v, 0) {
		return nil
	}
	return v
}

// Same tells whether b says nothing that a did not say, so that the file grows by what changes and not by
// the clock. Lines, skips, gaps, marks are always news. A check is the same while its answer is and its
// latency stays within half and double, or within 50 ms; a process sample while only its time differs.
func Same(a, b Payload) bool {
	switch b := b.(type) {
	case Check:
		a, ok := a.(Check)
		return ok && a.Name == b.Name && a.OK == b.OK && a.Detail == b.Detail && a.Expires.Equal(b.Expires) && near(a.MS, b.MS)
	case Counter:
		return reflect.DeepEqual(a, b)
	case Link:
		a, ok := a.(Link)
		return ok && a.Up == b.Up && a.Late == b.Late && a.Detail == b.Detail && near(a.RTTMS, b.RTTMS)
	case Source:
		return a == b
	case Transfer, Volume:
		return reflect.DeepEqual(a, b)
	case Process:
		a, ok := a.(Process)
		if !ok {
			return false
		}
		a.Uptime, b.Uptime = 0, 0
		return reflect.DeepEqual(a, b)
	default:
		return false
	}
}

func near(a, b float64) bool {
	return math.Abs(a-b) <= 50 || (b <= 2*a && a <= 2*b)
}
