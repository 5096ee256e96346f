package extract

import "strings"

// secrets are asked for by these words, in lower case, in front of a colon.
var secrets = []string{"password", "passphrase", "passcode", "verification code", "pin", "otp", "token"}

// choices end a question that offers them, in lower case.
var choices = []string{
	"[y/n]", "(y/n)", "[yes/no]", "(yes/no)", "[y]", "[n]", "[yes]", "[no]", "(yes/no/[fingerprint])", "[y/n/q]", "y/n",
}

// waits for a key, in lower case, anywhere at the end of a line.
var keys = []string{
	"press return", "press enter", "press any key", "hit enter", "hit return", "hit any key", "to continue", "--more--", "(end)",
	"press [enter]", "press <enter>", "type yes", "return to exit", "[more]", "press q to quit", "entrée pour continuer",
	"eingabetaste", "tekan enter",
}

// buttons are what dialogs end with, as whiptail draws them.
var buttons = []string{"<ok>", "<yes>", "<no>", "<continue>", "<cancel>", "<go back>"}

// verbs begin a request for input, in lower case.
var verbs = setOf(`enter type select choose provide please input which login username user specify give pick your
	new current retype confirm what host domain email name address choice option selection answer overwrite abort
	masukkan pilih geben introduzca entrez`)

// prompt returns the question that the line which has not ended asks a person; empty when it does not look
// like one. A log line that is still being written rarely ends as these do.
func prompt(text string) string {
	t := strings.TrimSpace(text[stamp(text):])
	if t == "" || len(t) > 2000 || !strings.ContainsFunc(t, func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' }) {
		return ""
	}
	low := strings.ToLower(t)
	if !asks(low, strings.HasSuffix(text, " ")) {
		return ""
	}
	if len(t) > 300 { // the question stands at the end
		t = strings.ToValidUTF8(t[len(t)-300:], "")
	}
	return t
}

// asks looks at the end of a line in lower case; open tells that a blank stands behind it, as most prompts
// leave one before the cursor.
func asks(low string, open bool) bool {
	end := low[max(0, len(low)-60):]
	for _, k := range keys {
		if strings.Contains(end, k) {
			return true
		}
	}
	for _, b := range buttons {
		if strings.HasSuffix(low, b) {
			return true
		}
	}
	bare := strings.TrimRight(low, " ?:>")
	for _, c := range choices {
		if strings.HasSuffix(bare, c) {
			return true
		}
	}
	if i := strings.Index(end, "[y"); i >= 0 && (strings.HasPrefix(end[i:], "[y/n") || strings.HasPrefix(end[i:], "[yn]")) && strings.IndexByte(":?>])", low[len(low)-1]) >= 0 {
		return true // Continue? [y/n/v/...? shows all options] (y):
	}
	switch low[len(low)-1] {
	case '?':
		return true
	case ':':
		return asksFor(low, open)
	case '>':
		return shell(low)
	case ')', ']':
		return offers(low) || open && byDefault(low)
	}
	return false
}

// asksFor tells whether words in front of a colon ask for something: a secret, a request, or few words with
// the cursor behind them.
func asksFor(low string, open bool) bool {
	head := low[:len(low)-1]
	last := head[max(0, len(head)-60):]
	for _, s := range secrets {
		if i := strings.LastIndex(last, s); i >= 0 && (i == 0 || !letter(last[i-1])) {
			return true
		}
	}
	first, _, _ := strings.Cut(head, " ")
	if verbs[strings.Trim(first, "[*]-")] {
		return true
	}
	return open && len(head) <= 60 && !strings.HasSuffix(first, "ing") && !strings.ContainsAny(head, "=/%") && !digit(head[len(head)-1])
}

// byDefault recognizes a request that shows in brackets what is taken without an answer, or how help is got:
// "Create domain: [mail.example.com]", "Select from menu, or press 'a' to apply config (? - help)".
func byDefault(low string) bool {
	first, _, _ := strings.Cut(low, " ")
	if verbs[strings.TrimRight(first, ",")] {
		return true
	}
	i := strings.LastIndexByte(low, '[')
	if i <= 0 || low[len(low)-1] != ']' {
		return false
	}
	before := strings.TrimRight(low[:i], " ")
	return strings.HasSuffix(before, ":") || strings.HasSuffix(before, "?")
}

// askers begin a question to a person, in lower case.
var askers = setOf(`do would are is should shall will can which what where who how continue proceed overwrite replace
	remove delete install reinstall upgrade restart enter select choose type press confirm accept please retry abort
	ignore keep use`)

// asksWhole returns the question of a line that has ended, as a program asks it whose output goes through another
// program or whose prompt ends with its line; empty when it does not look like one. More is asked of such a line
// than of one that has not ended: logs are full of colons and question marks.
func asksWhole(body string) string {
	t := strings.TrimSpace(body)
	if len(t) < 6 || len(t) > 300 {
		return ""
	}
	if strings.HasPrefix(t, "status: ") && strings.Contains(t, " : conffile-prompt : ") || strings.HasPrefix(t, "pmconffile:") {
		return t
	}
	low := strings.ToLower(t)
	for _, k := range [...]string{"press enter", "press return", "press any key", "hit enter", "hit any key", "press [enter]", "press <enter>"} {
		if strings.Contains(low, k) {
			return t
		}
	}
	bare := strings.TrimRight(low, " ?:>")
	for _, c := range choices {
		if len(c) > 3 && strings.HasSuffix(bare, c) {
			return t
		}
	}
	first, _, _ := strings.Cut(strings.TrimLeft(low, "*->#[ "), " ")
	if low[len(low)-1] == '?' && askers[first] && !strings.ContainsAny(low, "=*") {
		return t
	}
	if strings.HasSuffix(bare, "]") && strings.Contains(bare, "default") && strings.HasSuffix(low, "?") {
		return t // dpkg: *** main.cf (Y/I/N/O/D/Z) [default=N] ?
	}
	if low[len(low)-1] == ':' && len(low) < 80 {
		for _, s := range secrets {
			if strings.HasSuffix(low, s+":") || strings.HasPrefix(low, s+" for ") || strings.HasPrefix(low, "[sudo] "+s) || strings.HasPrefix(low, "enter "+s) {
				return t
			}
		}
	}
	return ""
}

// shell recognizes the prompt of an interactive program: "mysql>", "sqlite>".
func shell(low string) bool {
	word := low[strings.LastIndexByte(low, ' ')+1 : len(low)-1]
	return word != "" && len(word) <= 20 && !strings.ContainsAny(word, "<=-|\"'/")
}

// offers recognizes choices or a default in brackets: "(a/b/c)", "[default]", when a question stands before.
func offers(low string) bool {
	i := strings.LastIndexAny(low, "([")
	if i <= 0 {
		return false
	}
	inner := strings.TrimRight(low[i+1:], ")]")
	if inner == "" || len(inner) > 40 || strings.ContainsAny(inner, "0123456789%#=>, ") {
		return false
	}
	return strings.Contains(inner, "/") || strings.Contains(low[:i], "?") || strings.HasPrefix(inner, "default")
}
