package recipe

import "strings"

// Nearest returns the one of known that word was most likely meant to be, or "" when none is near: at most
// one edit in three characters, one in two, none in one, upper and lower case alike. Edits are insertions, deletions, replacements
// and swaps of neighbours (the optimal string alignment distance). It returns the first of several that are
// equally near.
func Nearest(word string, known []string) string {
	if len(word) > 64 {
		return "" // nobody mistypes that much; and the distance costs the square of the length
	}
	n := len([]rune(word))
	best, least := "", max(min(n-1, 1), n/3)+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

func distance(from, to string) int {
	a, b := []rune(from), []rune(to)
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
