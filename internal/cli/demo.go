package cli

import (
	"context"

	"ronda/internal/demo"
)

// demo starts the work and watches it like any other night, through a plan.
func (a *app) demo(ctx context.Context, f watchFlags) error {
	work, err := demo.Start(ctx)
	if err != nil {
		return &exitError{exitNothing, err, "the demo needs a Unix shell and a writable temporary directory"}
	}
	defer work.Close()
	src, err := work.Plan()
	if err != nil {
		return err
	}
	recipes, err := a.recipes()
	if err != nil {
		return err
	}
	p, conn, err := a.decodeSource("demo.yaml", src, recipes, f.baseline)
	if err != nil {
		return err
	}
	return a.watch(ctx, p, conn, f)
}
