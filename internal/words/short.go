package words

import "unicode/utf8"

// Short is a text of at most limit characters: what is longer ends in "…".
func Short(text string, limit int) string {
	if len(text) <= limit || utf8.RuneCountInString(text) <= limit {
		return text
	}
	n := 0
	for i := range text {
		if n++; n == limit {
			return text[:i] + "…"
		}
	}
	return text
}
