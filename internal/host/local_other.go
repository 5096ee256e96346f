//go:build !linux

package host

import (
	"context"
	"errors"
	"fmt"
)

// Holders is only known on Linux: the error says so, and matches errors.ErrUnsupported.
func (l *Local) Holders(_ context.Context, path string) ([]int, error) {
	return nil, fmt.Errorf("find who holds %q: this system has no /proc; name the process with --pid or --match: %w", path, errors.ErrUnsupported)
}
