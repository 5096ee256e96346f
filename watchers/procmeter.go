package watchers

import "ronda/internal/observe"

// meter makes a total that never falls out of a sum over the living processes of a tree.
//
// The sum is steady when a parent reaps a child, for it takes over the child's total. It falls when a
// process ends whose parent does not take over: one that lost its parent, or whose parent ignores SIGCHLD.
// It also falls for one sample when a child is reaped between the reading of its parent and its own. So a
// fall is held for one sample, and when it lasts, it is a loss: counting goes on from where it stood. So is what
// was written to a file that is removed or cut short before it got to the storage.
type meter struct {
	base  int64 // lost from the sum so far
	sum   int64 // at the sample before
	total int64
	fell  bool
}

func (m *meter) set(sum int64) int64 {
	if m.base+sum >= m.total {
		m.total, m.fell = m.base+sum, false
	} else if !m.fell {
		m.fell = true
	} else {
		m.base = m.total - m.sum
		m.total, m.fell = max(m.total, m.base+sum), false
	}
	m.sum = sum
	return m.total
}

// meters are the totals of a tree.
type meters struct {
	cpu                                       meter
	readChars, writeChars, calls, read, write meter
	hasIO                                     bool
}

// set puts in the sums over the members and returns the totals: processor time in milliseconds, and I/O
// where that of any member may be read.
func (t *meters) set(order []*member) (cpu int64, io *observe.ProcessIO) {
	var (
		ticks int64
		sum   procIO
	)
	for _, m := range order {
		ticks += m.stat.cpu
		if m.hasIO {
			t.hasIO = true
			sum.readChars += m.io.readChars
			sum.writeChars += m.io.writeChars
			sum.calls += m.io.calls
			sum.read += m.io.read
			sum.write += m.io.write
		}
	}
	cpu = t.cpu.set(ticks) * tickMS
	if !t.hasIO {
		return cpu, nil
	}
	return cpu, &observe.ProcessIO{
		Read: t.read.set(sum.read), Write: t.write.set(sum.write),
		ReadChars: t.readChars.set(sum.readChars), WriteChars: t.writeChars.set(sum.writeChars),
		Calls: t.calls.set(sum.calls),
	}
}
