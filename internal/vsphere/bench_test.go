package vsphere_test

import (
	"bytes"
	"context"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"ronda/internal/observe"
	"ronda/internal/vsphere"
)

// meter counts what goes over the connections to a vCenter.
type meter struct {
	net.Conn
	asked, in, out *atomic.Int64
}

func (m *meter) Read(p []byte) (int, error) {
	n, err := m.Conn.Read(p)
	m.in.Add(int64(n))
	return n, err
}

func (m *meter) Write(p []byte) (int, error) {
	n, err := m.Conn.Write(p)
	m.asked.Add(int64(bytes.Count(p, []byte("POST "))))
	m.out.Add(int64(n))
	return n, err
}

// BenchmarkLook is what one look costs a vCenter that remembers 200 tasks, the most that one does, two of which run.
func BenchmarkLook(b *testing.B) {
	s := startSim(b, false)
	for range 198 {
		task := s.begin(clone, first)
		s.run(task)
		s.end(task, nil, "")
	}
	s.run(s.begin(clone, first))
	s.run(s.begin(clone, second))
	var asked, in, out, looks atomic.Int64
	w, err := vsphere.New(vsphere.Config{
		URL: s.url(), User: user, Password: secret(password), Every: time.Nanosecond, Finders: []vsphere.Wanted{wanted("all", "clone", "")},
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			c, err := new(net.Dialer).DialContext(ctx, network, address)
			return &meter{c, &asked, &in, &out}, err
		},
	})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	enough := make(chan struct{})
	took := time.Duration(0)
	var start time.Time
	err = w.Run(ctx, func(...observe.Payload) {
		switch n := looks.Add(1); n {
		case 2: // the first one logs in and reads everything
			asked.Store(0)
			in.Store(0)
			out.Store(0)
			b.ResetTimer()
			start = time.Now()
		case int64(b.N) + 2:
			took = time.Since(start)
			close(enough)
			cancel()
		}
	})
	<-enough
	b.ReportMetric(float64(took.Microseconds())/float64(b.N), "µs/look")
	b.ReportMetric(float64(asked.Load())/float64(b.N), "requests/look")
	b.ReportMetric(float64(in.Load()+out.Load())/float64(b.N), "bytes/look")
	if err != nil {
		b.Fatal(err)
	}
}
