// Package cli is the composition root: it wires the rooms together and turns errors into exit codes.
package cli

// Main runs ronda with the arguments after the program's name and returns its exit code.
func Main(_ []string) int { return 2 }
