package fold

import "strings"

// lockTold tells whether a line says that the job waits for a lock which it asks for again and again: the system
// shows no process that waits for one then.
func lockTold(text string) (string, bool) {
	if !strings.Contains(text, "lock") && !strings.Contains(text, "Waiting for process") {
		return "", false
	}
	for _, w := range []string{
		"Waiting for cache lock", "Could not get lock", "currently holding the yum lock", "Waiting for process with pid", "waiting for file lock",
		"Waiting for lock", "waiting for lock", "Waiting for table metadata lock", "database is locked", "Unable to acquire lock", "is locked by another process",
	} {
		if strings.Contains(text, w) {
			return "the log says “" + brief(lastState(text)) + "”", true
		}
	}
	return "", false
}

// saysThatItWaits tells whether a line says that the job waits for something else, and not only that it goes on.
func saysThatItWaits(text string) bool {
	low := strings.ToLower(text)
	return (strings.Contains(low, "waiting for ") || strings.Contains(low, "waiting until ")) && !strings.Contains(low, "still ") && !strings.Contains(low, "elapsed")
}
