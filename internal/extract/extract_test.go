package extract

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
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
	if err == nil || !strings.Contains(err.Error(), `done pattern "("`) {
		t.Errorf("error %v does not name the pattern", err)
	}
}

// mix is the mix of an upgrade's log, 137 bytes a line on average.
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

// twenty are patterns as a recipe and a plan bring them.
var twenty = observe.Patterns{
	Done: []string{`completed OK!`, `Upgrade complete`, `(?i)all done`, `^Finished in \d+`},
	Fail: []string{
		`UPGRADE FAILED`, `(?i)fatal:`, `Script failed with code \d+`, `failed with exit code: [1-9]`,
		`Port conflict detected`, `Unable to (connect|bind) to`, `###ERROR###`, `slapadd import failed`,
	},
	Phase: []string{
		`Running (?:/\S+/)?(?P<phase>migrate\d+-\w+)\.pl`, `Applying updates for (?P<phase>\S+)`,
		`^== (?P<phase>\d+ \w+): migrating`, `Recipe: (?P<phase>\S+)`,
	},
	Progress: []string{`chunk (?P<done>\d+) of (?P<total>\d+)`, `(?P<percent>\d+)% complete`},
	Prompt:   []string{`\[Y\]\s*$`, `press return`},
}

func BenchmarkReadWithTwentyPatterns(b *testing.B) {
	l, err := NewLog(twenty, "")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.Read(mix[i%len(mix)], false)
		i++
	}
}

// BenchmarkReadNewLines reads a listing of files: every line is a shape of its own.
func BenchmarkReadNewLines(b *testing.B) {
	l, _ := NewLog(twenty, "")
	lines := make([]string, 20000)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range lines {
		lines[i] = fmt.Sprintf("srv/mail/%s/store/%s/msg/%s.msg", word(r), word(r), word(r))
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.Read(lines[i%len(lines)], false)
		i++
	}
}

// BenchmarkReadHostile reads 64 KiB of binary noise as one line, each time another.
func BenchmarkReadHostile(b *testing.B) {
	l, _ := NewLog(twenty, "")
	noise := make([]byte, 64<<10+4096)
	for i := range noise {
		noise[i] = byte(hash(i) >> 3)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.Read(string(noise[i%4096:i%4096+64<<10]), false)
		i++
	}
}

// word returns six random letters.
func word(r *rand.Rand) string {
	var b [6]byte
	for i := range b {
		b[i] = byte('a' + r.IntN(26))
	}
	return string(b[:])
}

// corpus returns the lines of all recorded logs and excerpts.
func corpus(tb testing.TB) (lines []string) {
	tb.Helper()
	for _, pattern := range []string{"testdata/traces/*.*", "testdata/tools/*.txt"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			tb.Fatal(err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				tb.Fatal(err)
			}
			for line := range strings.SplitSeq(strings.ReplaceAll(string(data), "\r", "\n"), "\n") {
				if line != "" && !strings.HasPrefix(line, "##") {
					lines = append(lines, strings.TrimPrefix(line, "|"))
				}
			}
		}
	}
	return lines
}

// BenchmarkCorpus reads real logs of many tools one after the other, as one log, with a recipe's and a plan's patterns,
// and says how many lines a second that is on one core.
func BenchmarkCorpus(b *testing.B) {
	lines := corpus(b)
	bytes := 0
	for _, line := range lines {
		bytes += len(line)
	}
	l, err := NewLog(twenty, "")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		l.Read(lines[i%len(lines)], false)
		i++
	}
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(float64(bytes)/float64(len(lines)), "B/line")
}

// BenchmarkCorpusAnew reads the same with no line known before: every shape is learned.
func BenchmarkCorpusAnew(b *testing.B) {
	lines := corpus(b)
	i := 0
	for b.Loop() {
		l, err := NewLog(twenty, "")
		if err != nil {
			b.Fatal(err)
		}
		for _, line := range lines {
			l.Read(line, false)
			i++
		}
	}
	b.ReportMetric(float64(i)/b.Elapsed().Seconds(), "lines/s")
}
