package extract

import "strings"

// What stands around a word of trouble.
const (
	inTrouble = -1 // nothing that takes it back
	harmless  = -2
)

// harmlessAt looks around the word of trouble at token i: it returns the index of the number that counts it,
// harmless when the words around it take it back, or inTrouble.
func (s *scan) harmlessAt(i int) int {
	w, next := s.lowerWord(i), s.lowerWord(i+1)
	if about[next] || aboutErrors[next] && (strings.HasPrefix(w, "err") || strings.HasPrefix(w, "exc")) {
		return harmless
	}
	if at := s.at[i]; at.end < len(s.text) && (s.text[at.end] == '/' || at.start > 0 && s.text[at.start-1] == '/') {
		return harmless // part of a path
	}
	if s.emptyKey(i) || nothing[next] && strings.ContainsAny(s.gap(i), ":=") {
		return harmless
	}
	if k := s.valueOf(i); k >= 0 {
		return k // errors: 0, failed=0
	}
	before := i - 1
	for before > 0 && before > i-3 && between[s.lowerWord(before)] {
		before--
	}
	if without[s.lowerWord(before)] || s.lowerWord(before) == "ada" && s.lowerWord(before-1) == "tidak" {
		return harmless
	}
	for k := range s.nums[:s.nnum] {
		if n := &s.nums[k]; !n.glued && int(n.token) == before && n.end+1 == s.at[before+1].start {
			return k // 0 errors, 0 fatal errors
		}
	}
	return inTrouble
}

// gap is what stands between token i and the next.
func (s *scan) gap(i int) string { return s.text[s.at[i].end:s.at[i+1].start] }

// numberAt returns the index of the plain number that token i begins with; inTrouble when it is none.
func (s *scan) numberAt(i int) int {
	for k := range s.nums[:s.nnum] {
		if n := &s.nums[k]; !n.glued && int(n.token) == i && n.sub == 0 {
			return k
		}
	}
	return inTrouble
}

// valueOf returns the index of the number that stands behind token i and a sign that gives it to the token
// ("errors: 0", "failed=0", "errors (0)"), or that counts it in a row of counts ("WARN 0"); inTrouble when
// there is none.
func (s *scan) valueOf(i int) int {
	if i+1 >= s.ntok {
		return inTrouble
	}
	k := s.numberAt(i + 1)
	if k < 0 {
		return inTrouble
	}
	n, gap := &s.nums[k], s.text[s.at[i].end:s.nums[k].start]
	if strings.TrimLeft(gap, "=: \"(") == "" && strings.ContainsAny(gap, "=:(") {
		return k
	}
	if strings.TrimLeft(gap, " ") == "" && (n.end == len(s.text) || strings.IndexByte(",;)|", s.text[n.end]) >= 0 || results[s.lowerWord(i+2)]) {
		return k
	}
	return inTrouble
}

// emptyKey tells whether token i is a key in JSON whose value is nothing, or holds more keys: "error":null, "failures":[].
func (s *scan) emptyKey(i int) bool {
	value, ok := strings.CutPrefix(s.text[s.at[i].end:], `":`)
	if value = strings.TrimLeft(value, " "); !ok || value == "" {
		return false
	}
	return value[0] == '{' || value[0] == '[' || strings.HasPrefix(value, "null") || strings.HasPrefix(value, "false") || strings.HasPrefix(value, `""`)
}

// valued tells whether token i is the name of a value that follows it: "timeout 5m0s", "Lag: 0.02s", "retries=3".
func (s *scan) valued(i int) bool {
	rest := s.text[s.at[i].end:]
	trimmed := strings.TrimLeft(strings.TrimPrefix(rest, " of"), " =:\"(")
	return trimmed != rest && trimmed != "" && digit(trimmed[0])
}

// codeAt returns the index of the number in "exit code 1", "exit status: 1" or "returned 1" whose last word is
// token i; inTrouble when there is none.
func (s *scan) codeAt(i int) int {
	w := s.lowerWord(i)
	if w != "returned" && (w != "code" && w != "status" || !exits[s.lowerWord(i-1)]) {
		return inTrouble
	}
	k := s.numberAt(i + 1)
	if k < 0 || s.nums[k].kind != plain {
		return inTrouble
	}
	return k
}
