package probes

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"ronda/internal/observe"
)

// serve runs handle for each connection to a free port of the loopback, and returns the address.
func serve(t *testing.T, handle func(conn *net.TCPConn)) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			if c, ok := conn.(*net.TCPConn); ok {
				handle(c)
			}
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	return l.Addr().String()
}

func says(text string) func(*net.TCPConn) {
	return func(conn *net.TCPConn) {
		_, _ = conn.Write([]byte(text))
		hold(conn)
	}
}

// hold keeps a connection open until the other side closes it.
func hold(conn *net.TCPConn) { _, _ = io.Copy(io.Discard, conn) }

func reset(conn *net.TCPConn) { _ = conn.SetLinger(0) }

func hangUp(*net.TCPConn) {}

// closedPort is an address at which nobody listens.
func closedPort(t *testing.T) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

func TestTCP(t *testing.T) {
	slowly := func(conn *net.TCPConn) {
		for _, part := range []string{"22", "0 mail1 ", "ESMTP\r\n"} {
			_, _ = conn.Write([]byte(part))
			time.Sleep(20 * time.Millisecond) // so that the parts travel apart
		}
		hold(conn)
	}
	tests := []struct {
		name   string
		handle func(*net.TCPConn)
		banner string
		ok     bool
		detail string
	}{
		{"open", hold, "", true, "connected"},
		{"banner", says("220 mail1 ESMTP\r\n"), "^220 ", true, "220 mail1 ESMTP"},
		{"banner in parts", slowly, "^220 .* ESMTP", true, "220 mail1 ESMTP"},
		{"banner in the second line", says("220-hello\r\n220 ready\r\n"), "(?m)^220 ready", true, "220-hello"},
		{"other banner, then the end", func(c *net.TCPConn) { _, _ = c.Write([]byte("554 no\r\n")) }, "^220 ", false, `banner "554 no" does not match "^220 "`},
		{"other banner, then nothing", says("554 no\r\n"), "^220 ", false, `banner "554 no" does not match "^220 "`},
		{"banner with colour and bell", says("\x1b[31mSSH-2.0\x1b[0m\a x\r\n"), "SSH", true, "SSH-2.0 x"},
		{"too long", says(strings.Repeat("x", bannerLimit+1)), "y", false, `banner "` + strings.Repeat("x", 77) + `…" does not match "y"`},
		{"silent", hold, "^220 ", false, "connected, but no answer within 1 s"},
		{"closed", hangUp, "^220 ", false, "the server closed the connection without a banner"},
		{"reset", reset, "^220 ", false, "connection reset by the server"},
	}
	for _, tt := range tests {
		for _, deadlines := range []bool{true, false} {
			t.Run(tt.name, func(t *testing.T) {
				h := newHost(t)
				h.deadlines = deadlines
				address := serve(t, tt.handle)
				timeout := patience
				if !tt.ok && (strings.Contains(tt.name, "silent") || strings.Contains(tt.name, "nothing")) {
					timeout = short
				}
				c := askWithin(t, observe.Service{TCP: address, Expect: observe.Expect{Banner: tt.banner}}, h, timeout)
				wantCheck(t, c, tt.ok, tt.detail)
				if c.MS <= 0 || !c.Expires.IsZero() {
					t.Errorf("MS %v, Expires %v", c.MS, c.Expires)
				}
			})
		}
	}
}

func TestTCPRefused(t *testing.T) {
	h := newHost(t)
	wantCheck(t, ask(t, observe.Service{TCP: closedPort(t)}, h), false, "connection refused")
}

// A service that dies between two questions is noticed at the second.
func TestTCPNoticesTheEnd(t *testing.T) {
	h := newHost(t)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p, err := ForService(observe.Service{TCP: l.Addr().String()}, h)
	if err != nil {
		t.Fatal(err)
	}
	wantCheck(t, question(t, p, patience), true, "connected")
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	wantCheck(t, question(t, p, patience), false, "connection refused")
}
