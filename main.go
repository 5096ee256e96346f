// Command ronda is the night watch for long-running upgrades. See README.md.
package main

import (
	"os"

	"ronda/internal/cli"
)

func main() { os.Exit(cli.Main(os.Args[1:])) }
