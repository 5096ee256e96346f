package watchers

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ronda/internal/observe"
)

// dead is a host on which the file system that is asked for never answers.
type dead struct{ asked int }

func (d *dead) Run(ctx context.Context, _ string) (stdout, stderr []byte, code int, err error) {
	d.asked++
	<-ctx.Done()
	return []byte(askBegins + "\n"), nil, 0, ctx.Err()
}

// TestGrowthMute: a file system that does not answer is asked ever more seldom: each time something may stay behind there
// that not even a signal ends.
func TestGrowthMute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &dead{}
		g := NewGrowth(GrowthConfig{Ref: observe.TransferRef{Path: "/mnt/nas/x"}, Target: "/mnt/nas/x", Runner: d})
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var last observe.Source
		if err := g.Run(ctx, func(all ...observe.Payload) {
			for _, p := range all {
				if s, ok := p.(observe.Source); ok {
					last = s
				}
			}
		}); err != nil {
			t.Error(err)
		}
		if d.asked > 20 || d.asked < 12 {
			t.Errorf("asked %d times in an hour", d.asked)
		}
		if want := (observe.Source{State: observe.SourceFailed, Why: "the file system of /mnt/nas/x does not answer"}); last != want {
			t.Errorf("told %+v", last)
		}
	})
}
