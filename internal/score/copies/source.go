package main

import (
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// layout makes what is copied, below from/ of a folder.
type layout func(from string) error

// files are files of so many megabytes each.
func files(megabytes ...int64) layout {
	return func(from string) error {
		for i, mb := range megabytes {
			if err := fill(filepath.Join(from, fmt.Sprintf("disk%d.img", i)), mb*mega, uint64(i+1)); err != nil {
				return err
			}
		}
		return nil
	}
}

// fill writes a file of that size that cannot be compressed.
func fill(name string, size int64, seed uint64) error {
	f, err := os.Create(name)
	if err != nil {
		return fmt.Errorf("make a source: %w", err)
	}
	defer f.Close() //nolint:errcheck // closed below where it counts
	if _, err := io.CopyN(f, noise(seed), size); err != nil {
		return fmt.Errorf("make a source: %w", err)
	}
	return f.Close()
}

func noise(seed uint64) io.Reader {
	var s [32]byte
	s[0], s[1] = byte(seed), byte(seed>>8)
	return rand.NewChaCha8(s)
}

// tree is a tree of small files, a few hundred bytes to some kilobytes each, in folders of a hundred; behind every
// large-th part of the folders lies one larger file of so many megabytes.
func tree(small, large int, megabytes int64, seed uint64) layout {
	return func(from string) error {
		rng := rand.New(rand.NewPCG(seed, 1))
		folders := small / 100
		for d := range folders {
			dir := filepath.Join(from, fmt.Sprintf("d%03d", d))
			if err := os.Mkdir(dir, 0o755); err != nil {
				return fmt.Errorf("make a source: %w", err)
			}
			for i := range 100 {
				size := int64(1500 * math.Exp(0.8*rng.NormFloat64()))
				if err := fill(filepath.Join(dir, fmt.Sprintf("m%02d.eml", i)), size, rng.Uint64()); err != nil {
					return err
				}
			}
			if (d+1)*large/folders > d*large/folders {
				if err := fill(filepath.Join(dir, "z.index"), megabytes*mega, rng.Uint64()); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// holes is one sparse file: data and hole in turn, so many megabytes each.
func holes(megabytes ...int64) layout {
	return func(from string) error {
		f, err := os.Create(filepath.Join(from, "sparse.img"))
		if err != nil {
			return fmt.Errorf("make a source: %w", err)
		}
		defer f.Close() //nolint:errcheck // closed below where it counts
		at := int64(0)
		for i, mb := range megabytes {
			if i%2 == 0 {
				if _, err := io.CopyN(io.NewOffsetWriter(f, at), noise(uint64(i)), mb*mega); err != nil { //nolint:gosec // an index is not negative
					return fmt.Errorf("make a source: %w", err)
				}
			}
			at += mb * mega
		}
		if err := f.Truncate(at); err != nil {
			return fmt.Errorf("make a source: %w", err)
		}
		return f.Close()
	}
}
