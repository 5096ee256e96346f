package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"ronda/internal/plan"
)

func (a *app) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [RECIPE]",
		Short: "Print a plan to start from",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			recipes, err := a.recipes()
			if err != nil {
				return err
			}
			text, err := plan.InitFrom(recipes, strings.Join(args, ""))
			if err != nil {
				return usage(err, "ronda recipes")
			}
			_, err = a.out.Write(text)
			return err
		},
	}
}

func (a *app) recipesCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "recipes",
		Short: "List what is known of Zimbra, PostgreSQL, rsync, apt and others",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			recipes, err := a.recipes()
			if err != nil {
				return err
			}
			for _, name := range recipes.Names() {
				r, _ := recipes.Lookup(name)
				if _, err := fmt.Fprintf(a.out, "%-14s %s\n", name, r.Title); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of a plan, for editors",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			text, err := plan.Schema()
			if err != nil {
				return err
			}
			_, err = a.out.Write(text)
			return err
		},
	}
}

func (a *app) demoCommand() *cobra.Command {
	var f watchFlags
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Watch a real upgrade on this machine, made for the purpose: see it all in a minute",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return a.demo(cmd.Context(), f) },
	}
	f.register(cmd, false)
	return cmd
}
