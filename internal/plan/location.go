package plan

import (
	"regexp"
	"runtime"
	"strings"

	"ronda/internal/observe"
)

// local is the name that stands for this machine where a host may be named.
const local = "local"

// splitPath takes HOST:path apart. A path with a slash before the first colon has no host, nor has a
// Windows path such as C:\x.
func splitPath(s string) (host, path string) {
	i := strings.IndexByte(s, ':')
	if i <= 0 || strings.ContainsAny(s[:i], `/\`) || isDrive(s) {
		return "", s
	}
	return s[:i], s[i+1:]
}

// isDrive tells whether s begins with a Windows drive. C:/x is one only on Windows: elsewhere c may be a
// host.
func isDrive(s string) bool {
	if len(s) < 3 || s[1] != ':' || (s[0]|0x20) < 'a' || (s[0]|0x20) > 'z' {
		return false
	}
	return s[2] == '\\' || s[2] == '/' && runtime.GOOS == "windows"
}

// What a plan's URLs and commands show secrets in, beyond what observe.Redact finds in any text.
var (
	// secretQuery is a parameter of a URL that is a secret by its name.
	secretQuery = regexp.MustCompile(`(?i)[?&][a-z_-]*(?:token|secret|passw(?:or)?d|api_?key|signature|sig|auth)=[^&\s'"]{3,}`)
	// secretTool is a password where curl, wget and sshpass take theirs.
	secretTool = regexp.MustCompile(`\bcurl\b[^|;&]*\s(?:-u|--user)[= ]?["']?[^\s"':]+:[^\s"']{3,}|\bsshpass\s+-p\s*["']?[^\s"']{3,}`)
	// variable is what the shell puts in later: no secret yet.
	variable = regexp.MustCompile("\\$(?:\\w+|\\{[^}]*\\}|\\([^)]*\\))|`[^`]*`")
)

// holdsSecret tells whether a text of the plan, which will be recorded, seems to hold a secret.
func holdsSecret(s string) bool {
	s = variable.ReplaceAllString(s, "ok")
	return observe.Redact(s) != s || secretQuery.MatchString(s) || secretTool.MatchString(s)
}
