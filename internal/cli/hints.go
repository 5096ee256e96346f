package cli

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// nearestFlag is the flag that a person most likely meant, or how its value is written; a hint to the help
// when neither is known.
func nearestFlag(cmd *cobra.Command, err error) string {
	help := cmd.CommandPath() + " --help"
	if invalid, ok := errors.AsType[*pflag.InvalidValueError](err); ok {
		if v, ok := invalid.GetFlag().Value.(hintedValue); ok {
			return v.Hint()
		}
	}
	_, wrong, found := strings.Cut(err.Error(), "unknown flag: --")
	if !found {
		return help
	}
	wrong, _, _ = strings.Cut(wrong, "=")
	best, distance := "", 3
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if d := edits(wrong, f.Name); d < distance {
			best, distance = f.Name, d
		}
	})
	if best == "" {
		return help
	}
	return "--" + best
}

// edits is the Levenshtein distance of two words.
func edits(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			next := min(row[j+1], row[j]) + 1
			if a[i] == b[j] {
				next = min(next, corner)
			} else {
				next = min(next, corner+1)
			}
			corner, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
