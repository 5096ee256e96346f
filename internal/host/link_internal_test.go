package host

import (
	"net"
	"testing"
	"time"
)

func TestSleepIsTold(t *testing.T) {
	for _, c := range []struct {
		name       string
		mono, wall time.Duration
		slept      bool
	}{
		{"a tick", time.Second, time.Second, false},
		{"a late tick", 3 * time.Second, 3 * time.Second, false},
		{"the machine slept", time.Second, time.Hour, true},
		{"the process was stopped", 30 * time.Second, 30 * time.Second, true},
		{"the clock was set back", time.Second, -time.Hour, false},
		{"the clock was corrected", time.Second, 1500 * time.Millisecond, false},
	} {
		if got := sleptIn(c.mono, c.wall); got != c.slept {
			t.Errorf("%s: slept %v", c.name, got)
		}
	}
	var w sleepWatch
	start := time.Now()
	for i, want := range []bool{false, false, true, false} {
		if got := w.tick(start.Add([]time.Duration{0, time.Second, time.Minute, time.Minute + time.Second}[i])); got != want {
			t.Errorf("tick %d: slept %v", i, got)
		}
	}
}

func TestBackoffGrowsToItsBound(t *testing.T) {
	for failures, ms := range []int{250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000} {
		longest := time.Duration(ms) * time.Millisecond
		for range 50 {
			if d := backoff(failures, 30*time.Second); d < longest/2 || d > longest {
				t.Fatalf("after %d failures %v, want %v to %v", failures, d, longest/2, longest)
			}
		}
	}
	if d := backoff(1000, time.Minute); d > time.Minute {
		t.Errorf("after 1000 failures %v", d)
	}
}

// localConn is a connection that starts from an address.
type localConn struct {
	net.Conn
	ip string
}

func (c localConn) LocalAddr() net.Addr { return &net.TCPAddr{IP: net.ParseIP(c.ip), Port: 1} }

func TestLostAddress(t *testing.T) {
	for ip, lost := range map[string]bool{"192.0.2.77": true, "127.0.0.1": false, "::1": false} {
		c := newConnection()
		c.meters = []*meter{newMeter(localConn{ip: ip})}
		if _, got := c.lostAddress(); got != lost {
			t.Errorf("%s: lost %v, want %v", ip, got, lost)
		}
	}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range addrs {
		c := newConnection()
		c.meters = []*meter{newMeter(localConn{ip: a.(*net.IPNet).IP.String()})}
		if _, lost := c.lostAddress(); lost {
			t.Errorf("%v is this machine's", a)
		}
	}
}

// TestPatience: the clock stands while a person is asked, and runs out otherwise.
func TestPatience(t *testing.T) {
	expired := make(chan struct{})
	p := newPatience(50*time.Millisecond, func() { close(expired) })
	p.pause()
	select {
	case <-expired:
		t.Error("it ran out while it was stopped")
	case <-time.After(200 * time.Millisecond):
	}
	p.resume()
	<-expired
	if !p.stop() {
		t.Error("it does not know that it ran out")
	}
}
