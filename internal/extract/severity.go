package extract

import "strings"

// The words of trouble. They are read only.
var (
	errorWords = setOf(`error errors err fatal panic crit critical emerg alert exception traceback failed failure
		failures failing segfault aborted abort aborting denied refused corrupt corrupted killed unrecoverable`)
	warnWords = setOf(`warning warnings warn deprecated retry retrying retries timeout timeouts throttled throttling
		skipped stuck stale lag lagging unreachable`)
	// levels below warning: what such a line calls an error is part of its text.
	calmWords = setOf(`info debug trace note notice verbose`)
	// before a word of trouble they say that there is none, or that it is only talked about.
	without = setOf(`no without zero ignore ignoring ignored any on for if any previous prevent avoid not-an
		show max handle handling check of`)
	// behind a word of trouble they make it the name of something.
	about = setOf(`log logs page pages handler handlers handling reporting rate rates free template templates
		document documents budget threshold limit count`)
	// before "code" or "status" they make the number the end of a process.
	exits     = setOf(`exit exited return returned error`)
	waitWords = setOf(`wait waiting waits waited retry retrying retries attempt attempts elapsed still`)
)

// phrases of trouble that are more than one word, in lower case.
var errorPhrases = []string{
	"no space left", "can't ", "cannot ", "could not ", "unable to ", "out of memory", "permission denied", "timed out",
	"connection refused", "no such file", "core dumped", "not executable", "unexpectedly", "giving up",
}

// severity judges a line by its words. zero is the index of the number that makes it harmless when it is 0
// ("errors: 0"), or -1; waits tells that new words in such a line are no news.
func severity(s *scan) (sev Severity, zero int8, waits bool) {
	zero = -1
	calm := false
	for i := range s.ntok {
		w := s.lowerWord(i)
		switch {
		case i < 8 && calmWords[w]:
			calm = true
		case waitWords[w]:
			waits = true
			if warnWords[w] {
				sev = max(sev, Warning)
			}
		case errorWords[w] || named3(s, i):
			n := s.harmlessAt(i)
			switch {
			case n == harmless:
			case n >= 0:
				zero = int8(n)
				sev = Error
			default:
				return s.settle(Error, calm), -1, true
			}
		case warnWords[w] && s.harmlessAt(i) == inTrouble:
			sev = max(sev, Warning)
		case s.codeAt(i) >= 0:
			zero, sev, waits = int8(s.codeAt(i)), Error, true
		case w == "e" && i == 0 && strings.HasPrefix(s.text, "E: "):
			return Error, -1, true
		case w == "w" && i == 0 && strings.HasPrefix(s.text, "W: "):
			sev = max(sev, Warning)
		}
	}
	if sev < Error && hasPhrase(s.text) {
		sev = Error
	}
	return s.settle(sev, calm), zero, waits || sev >= Warning
}

// settle keeps a line that its own program calls information from being an error.
func (s *scan) settle(sev Severity, calm bool) Severity {
	if calm {
		return min(sev, Warning)
	}
	return sev
}

// named3 tells whether token i is the name of an exception: OperationalError, java.io.IOException.
func named3(s *scan, i int) bool {
	w := s.word(i)
	if !strings.HasSuffix(w, "Error") && !strings.HasSuffix(w, "Exception") || len(w) < 7 {
		return false
	}
	end := s.at[i].end
	return end >= len(s.text) || s.text[end] == ':'
}

func hasPhrase(text string) bool {
	low := strings.ToLower(text)
	for _, p := range errorPhrases {
		if strings.Contains(low, p) {
			return true
		}
	}
	return false
}

// What stands around a word of trouble.
const (
	inTrouble = -1 // nothing that takes it back
	harmless  = -2
)

// harmlessAt looks around the word of trouble at token i: it returns the index of the number that counts it,
// harmless when the words around it take it back, or inTrouble.
func (s *scan) harmlessAt(i int) int {
	if without[s.lowerWord(i-1)] || about[s.lowerWord(i+1)] {
		return harmless
	}
	if at := s.at[i]; at.end < len(s.text) && (s.text[at.end] == '/' || at.start > 0 && s.text[at.start-1] == '/') {
		return harmless // part of a path
	}
	if k := s.valueOf(i); k >= 0 {
		return k // errors: 0, failed=0
	}
	for k := range s.nums[:s.nnum] {
		if n := &s.nums[k]; !n.glued && int(n.token) == i-1 && n.end+1 == s.at[i].start {
			return k // 0 errors
		}
	}
	return inTrouble
}

// valueOf returns the index of the number that stands behind token i and a sign that gives it to the token
// ("errors: 0", "failed=0"); inTrouble when there is none.
func (s *scan) valueOf(i int) int {
	for k := range s.nums[:s.nnum] {
		if n := &s.nums[k]; !n.glued && int(n.token) == i+1 {
			if gap := s.text[s.at[i].end:n.start]; strings.TrimLeft(gap, "=: \"") == "" && strings.ContainsAny(gap, "=:") {
				return k
			}
		}
	}
	return inTrouble
}

// codeAt returns the index of the number in "exit code 1", "exit status: 1" or "returned 1" whose last word is
// token i; inTrouble when there is none.
func (s *scan) codeAt(i int) int {
	w := s.lowerWord(i)
	if w != "returned" && (w != "code" && w != "status" || !exits[s.lowerWord(i-1)]) {
		return inTrouble
	}
	for k := range s.nums[:s.nnum] {
		if n := &s.nums[k]; !n.glued && int(n.token) == i+1 && n.kind == plain {
			return k
		}
	}
	return inTrouble
}
