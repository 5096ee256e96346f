package watchers

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestEveryBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var every Every
		pause := func(last Look) time.Duration {
			began := time.Now()
			if err := every.Wait(t.Context(), last); err != nil {
				t.Fatal(err)
			}
			return time.Since(began)
		}
		for range 50 { // ten seconds
			if got := pause(Look{}); got != 200*time.Millisecond {
				t.Fatalf("waits %v while the log may still grow", got)
			}
		}
		if got := pause(Look{}); got != time.Second {
			t.Errorf("waits %v for a silent log", got)
		}
		if got := pause(Look{Within: 300 * time.Millisecond}); got != 300*time.Millisecond {
			t.Errorf("waits %v although there is something to do", got)
		}
		if got := pause(Look{Grew: true}); got != 200*time.Millisecond {
			t.Errorf("waits %v for a log that grows", got)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := every.Wait(ctx, Look{}); err == nil {
			t.Error("no error after the end")
		}
	})
}
