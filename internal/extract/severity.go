package extract

import "strings"

// The words of trouble, in the languages that the tools of our users speak. They are read only.
var (
	errorWords = setOf(`error errors err fatal panic exception exceptions traceback failed
		failure failures failing segfault aborted abort aborting denied refused corrupt corrupted killed
		unrecoverable severe
		fehler fehlgeschlagen abgebrochen gescheitert erreur erreurs échec échoué échouée errores falló fallo fallido
		kesalahan gagal galat`)
	// loudWords are words of trouble where they stand as a level does; elsewhere they are talk: "12 alert rules loaded".
	loudWords = setOf(`crit critical emerg alert fail`)
	warnWords = setOf(`warning warnings warn deprecated retry retrying retries timeout timeouts throttled throttling
		stuck lost disconnected stale lag lagging unreachable warnung warnungen avertissement avertissements advertencia
		advertencias peringatan`)
	// counted words make a line trouble by the number that counts them.
	countedWarnings = setOf(`warning warnings warn unreachable warnung warnungen avertissements advertencias peringatan`)
	// before a word of trouble they say that there is none, or that it is only talked about.
	without = setOf(`no without zero ignore ignoring ignored any on for if any previous prevent avoid not-an not
		show max handle handling check of keine kein ohne aucune aucun sans sin ningún tanpa`)
	// behind a word of trouble and a colon they say that there is none.
	nothing = setOf(`none nil null false`)
	// between those and a word of trouble.
	between = setOf(`fatal critical serious new more other further known unrecoverable fehler error`)
	// behind a word of trouble they make it the name of something.
	about = setOf(`log logs page pages handler handlers handling reporting rate rates free template templates
		document documents budget threshold limit count`)
	// behind "error" and the like only.
	aboutErrors = setOf(`correction recovery report reports file files folder directory table tables column columns class
		classes type types codes messages module modules tolerance tracking margin`)
	// before "code" or "status" they make the number the end of a process.
	exits     = setOf(`exit exited return returned error`)
	waitWords = setOf(`wait waiting waits waited retry retrying retries attempt attempts elapsed still sleeping warte
		attente esperando menunggu`)
	// beginnings anew, after which counters say nothing new by counting the same again.
	againWords = setOf(`again restart restarting restarted reconnect reconnecting reconnected resume resuming lost broken redo
		starting-over aborted interrupted`)
	// levelKeys are the names under which structured logs tell a line's level.
	levelKeys = setOf(`level lvl severity loglevel levelname log_level log.level`)
	// what such results are called in a row of counts: "PASS 12 WARN 0 FAIL 1".
	results = setOf(`pass passed ok fail failed failures error errors warn warnings skip skipped info total`)
)

// levels are what programs call the level of a line.
var levels = map[string]Severity{
	"trace": Plain, "debug": Plain, "info": Plain, "information": Plain, "notice": Plain, "note": Plain, "verbose": Plain,
	"fine": Plain, "hinweis": Plain, "warn": Warning, "warning": Warning, "warnung": Warning, "error": Error, "err": Error,
	"fatal": Error, "critical": Error, "crit": Error, "alert": Error, "emerg": Error, "panic": Error, "severe": Error,
}

// phrases of trouble that are more than one word, in lower case.
var errorPhrases = []string{
	"no space left", "can't ", "cannot ", "could not ", "unable to ", "out of memory", "permission denied", "timed out",
	"connection refused", "no such file", "core dumped", "not executable", "unexpectedly", "giving up", "kein speicherplatz",
	"tidak dapat ", "tidak bisa ",
}

// gravity is what a line's words say of trouble. A number may decide: "errors: 0" is none.
type gravity struct {
	base    Severity
	tallies []tally
	calm    bool // the line's own program calls it information: no more than a warning
	waits   bool // speaks of waiting, retrying or something failed: new words in it are not news
	again   bool // speaks of a beginning anew: what was counted before is counted again
	tries   bool // speaks of trying again
}

// tally makes a line as grave as sev when its number is beyond above.
type tally struct {
	num   int8
	sev   Severity
	above float64
}

// severity is how grave a line is whose numbers are in s.
func (g *gravity) severity(s *scan) Severity {
	sev := g.base
	for _, t := range g.tallies {
		if int(t.num) < s.nnum && s.nums[t.num].value > t.above {
			sev = max(sev, t.sev)
		}
	}
	if g.calm {
		sev = min(sev, Warning)
	}
	return sev
}

// gravityOf judges a line by its words.
func gravityOf(s *scan) gravity {
	var g gravity
	said, level := g.level(s)
	for i := range s.ntok {
		w := s.lowerWord(i)
		g.again = g.again || againWords[w]
		switch {
		case waitWords[w]:
			g.waits = true
			g.tries = g.tries || strings.HasPrefix(w, "retr") || strings.HasPrefix(w, "attempt")
			if warnWords[w] && (w != "retries" || !s.valued(i) && !s.emptyKey(i)) {
				g.base = max(g.base, Warning)
			}
		case errorWords[w], named3(s, i), loudWords[w] && (s.levelAt(i) || s.valueOf(i) >= 0):
			g.trouble(s, i, Error)
		case countedWarnings[w]:
			g.trouble(s, i, Warning)
		case warnWords[w] && !s.valued(i) && s.harmlessAt(i) == inTrouble:
			g.base = max(g.base, Warning)
		case s.codeAt(i) >= 0:
			g.tallies = append(g.tallies, tally{num: int8(s.codeAt(i)), sev: Error})
			g.waits = true
		}
	}
	g.base = max(g.base, marked(s.text))
	if g.base < Error && hasPhrase(s.text) {
		g.base = Error
	}
	if level {
		g.calm = said < Error // a program knows best what is an error of its own
		g.base = max(g.base, said)
	}
	g.waits = g.waits || g.base >= Warning
	return g
}

// trouble takes in the word of trouble at token i.
func (g *gravity) trouble(s *scan, i int, sev Severity) {
	switch n := s.harmlessAt(i); {
	case n == harmless:
	case n >= 0:
		g.tallies = append(g.tallies, tally{num: int8(n), sev: sev})
	default:
		g.base = max(g.base, sev)
	}
}

// level returns the level that the line's program gave it: under a key ("level=error", {"severity":"INFO"}), or as
// programs write it at the beginning of a line (INFO, [Warning], note:).
func (g *gravity) level(s *scan) (sev Severity, ok bool) {
	if sev, ok := glog(s.text); ok {
		return sev, true
	}
	for i := range s.ntok {
		w := s.lowerWord(i)
		if levelKeys[w] && i+1 < s.ntok && strings.ContainsAny(s.gap(i), ":=") && strings.Trim(s.gap(i), ` ":='`) == "" {
			if sev, ok := levels[s.lowerWord(i+1)]; ok {
				return sev, true
			}
			if n := s.numberAt(i + 1); n >= 0 { // pino and bunyan: 30 information, 40 warning, 50 error
				g.tallies = append(g.tallies, tally{int8(n), Warning, 39}, tally{int8(n), Error, 49})
			}
		}
		if sev, ok := levels[w]; ok && i < 8 && sev < Error && s.levelAt(i) {
			return sev, true
		}
	}
	return Plain, false
}

// levelAt tells whether token i stands where and as a level does: in capitals, in brackets, or with a colon at
// the beginning of the line.
func (s *scan) levelAt(i int) bool {
	w, at := s.word(i), s.at[i]
	before, after := byte(' '), byte(' ')
	if at.start > 0 {
		before = s.text[at.start-1]
	}
	if at.end < len(s.text) {
		after = s.text[at.end]
	}
	switch {
	case before == '[' && after == ']', before == '<' && after == '>':
		return true
	case s.valued(i): // "WARN 0": it is counted
		return false
	case w == strings.ToUpper(w):
		return before == ' ' && (after == ' ' || after == ':' || after == ']') || before == '['
	}
	return i < 4 && (after == ':' || strings.HasPrefix(strings.TrimLeft(s.text[at.end:], " "), ": ")) && (before == ' ' || i == 0)
}

// glog reads the level of Kubernetes and other programs of Google: "E1202 10:06:18.561234   4914 kubelet.go:1597] text".
func glog(text string) (Severity, bool) {
	if len(text) < 8 || text[5] != ' ' || !digit(text[1]) || !digit(text[2]) || !digit(text[3]) || !digit(text[4]) || !digit(text[6]) {
		return Plain, false
	}
	switch text[0] {
	case 'I':
		return Plain, true
	case 'W':
		return Warning, true
	case 'E', 'F':
		return Error, true
	}
	return Plain, false
}

// marked recognizes the marks that tools put before their complaints: apt's E: and W:, Oracle's ORA-01555:, SQL Server's
// "Msg 3013, Level 16".
func marked(text string) Severity {
	switch {
	case strings.HasPrefix(text, "E: "):
		return Error
	case strings.HasPrefix(text, "W: "):
		return Warning
	case strings.HasPrefix(text, "ORA-"), strings.HasPrefix(text, "Msg ") && strings.Contains(text, ", Level 1"):
		return Error
	}
	return Plain
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
		i := strings.Index(low, p)
		if i >= 0 && (p != "cannot " || !talk(low[i+len(p):])) {
			return true
		}
	}
	return false
}

// talk tells whether what follows "cannot" only says how it is: "cannot be undone".
func talk(rest string) bool {
	rest, ok := strings.CutPrefix(rest, "be ")
	word, _, _ := strings.Cut(rest, " ")
	switch strings.TrimRight(word, ".,!)") {
	case "canceled", "cancelled", "undone", "reverted", "interrupted", "stopped", "changed", "paused":
		return ok
	}
	return false
}
