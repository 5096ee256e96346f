package extract

import (
	"testing"

	"ronda/internal/observe"
)

func newLog(t *testing.T, p observe.Patterns) *Log {
	t.Helper()
	l, err := NewLog(p, "")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestPatternsCompileOrAreNamed(t *testing.T) {
	_, err := NewLog(observe.Patterns{Done: []string{"("}}, "")
	if err == nil || !contains(err.Error(), "done pattern \"(\"") {
		t.Errorf("error %v does not name the pattern", err)
	}
}

// line is what lines a benchmark reads: the mix of an upgrade's log, 137 bytes on average.
var mix = []string{
	"Nov 22 01:09:03 mail1 postfix/smtpd[12345]: connect from mail.example.com[192.0.2.17] client=mail.example.com, sasl_method=PLAIN, user=someone@example.com",
	"Sun Nov 22 01:09:03 2026 *** Running as zimbra user: /opt/zimbra/bin/zmcertmgr addcacert /opt/zimbra/conf/ca/ca.pem --deploy --force-all",
	"2026-11-22 01:09:03,123 INFO  [btpool0-12://localhost/service/soap/AuthRequest] [oip=192.0.2.17;ua=zclient/8.7.11;] soap - AuthRequest elapsed=17 ms",
	"Sun Nov 22 01:31:40 2026: Migrating mboxgroup17.  This can take a substantial amount of time, please be patient and do not interrupt the process here",
	"     63,832,064  15%   58.28MB/s    0:00:05 (xfr#12, to-chk=1082/1184) some/deep/directory/with/a/mailbox/file-123456.msg and the rest of it all",
}

func BenchmarkRead(b *testing.B) {
	l, _ := NewLog(observe.Patterns{}, "")
	for _, m := range mix {
		l.Read(m, false)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.Read(mix[i%len(mix)], false)
		i++
	}
}

func contains(s, sub string) bool {
	for i := range s {
		if len(s)-i >= len(sub) && s[i:i+len(sub)] == sub {
			return true
		}
	}
	return false
}
