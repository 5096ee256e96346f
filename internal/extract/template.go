package extract

import "math"

// Bounds of what is kept of a log's templates. A log that invents ever new lines pushes the oldest out.
const (
	maxTemplates = 4096
	maxShapes    = 4096 // in each of two generations
	maxBucket    = 64   // templates that begin alike
	maxSlots     = maxNumbers
	wordTable    = 1 << 14
)

// miner finds the template that a line belongs to.
type miner struct {
	shapes, older map[uint64]*shape
	buckets       map[uint64][]*template
	all           []*template // in a ring, for eviction
	hand          int
	next          uint32
	words         []uint32 // fingerprints of words that were seen in a place
}

func newMiner() miner {
	return miner{shapes: map[uint64]*shape{}, buckets: map[uint64][]*template{}, words: make([]uint32, wordTable)}
}

// template is a kind of line: its words, and which of them differ from line to line.
type template struct {
	id     uint32
	bucket uint64
	toks   []uint64 // 0: differs
	slots  []slot   // places that hold numbers
	steps  int      // how often it opened a phase by ending in dots
	used   bool     // read again since the hand passed last
	closed int      // how often the line behind one of its lines told an end that nothing else had announced
	gone   bool
}

// slot is a place that holds a number.
type slot struct {
	token, sub uint8
	low, high  float64
	epoch      int        // the phase that the marks are of
	line       int        // of the last reading
	own        *candidate // nil until it is tried as a counter
}

// shape is a line up to its numbers: all that follows from its words alone, worked out once.
type shape struct {
	template *template
	gravity
	structured bool // its words are the value of a key
	ignores    bool // one of patterns says which lines to pass over
	step       Step
	asks       bool // asks a person something, when nothing follows it
	phase      phaseForm
	form       form // of a known tool
	slots      [maxNumbers]int8
	moves      [maxNumbers]move
	names      uint16 // which numbers are part of a name: disk-3.vmdk, user4711
	refs       []ref
	patterns   patterns // those that may match
}

// move says which way a number in a line goes when there is progress.
type move uint8

const (
	moveNone move = iota // a clock, a retry, a rate: never progress
	moveUp
	moveDown
)

// known returns the shape with hash h, or nil.
func (m *miner) known(h uint64) *shape {
	if sh := m.shapes[h]; sh != nil && !sh.template.gone {
		return sh
	}
	sh := m.older[h]
	if sh == nil || sh.template.gone {
		return nil
	}
	m.keep(h, sh)
	return sh
}

func (m *miner) keep(h uint64, sh *shape) {
	if len(m.shapes) >= maxShapes {
		m.older, m.shapes = m.shapes, make(map[uint64]*shape, maxShapes/4)
	}
	m.shapes[h] = sh
}

// place returns the template of s, whether it is new, and whether a word is new in a place that differs.
func (m *miner) place(s *scan) (t *template, fresh, words bool) {
	key := uint64(s.ntok)*fnvPrime ^ s.toks[0]
	if s.ntok > 1 {
		key = key*fnvPrime ^ s.toks[1]
	}
	best, most := (*template)(nil), 0
	for _, o := range m.buckets[key] {
		if n := o.equal(s); n > most {
			best, most = o, n
		}
	}
	if best == nil || most*2 < s.ntok {
		return m.add(key, s), true, false
	}
	for i, h := range s.toks[:s.ntok] {
		if best.toks[i] == h {
			continue
		}
		if best.toks[i] != 0 {
			m.word(best, i, best.toks[i])
			best.toks[i] = 0
		}
		if m.word(best, i, h) {
			words = true
		}
	}
	return best, false, words
}

func (t *template) equal(s *scan) int {
	n := 0
	for i, h := range t.toks {
		if h == s.toks[i] {
			n++
		}
	}
	return n
}

// word remembers a word in place i of t, and tells whether it was not remembered. Very many words push
// others out.
func (m *miner) word(t *template, i int, h uint64) bool {
	h = (h ^ uint64(t.id)<<8 ^ uint64(i)) * fnvPrime
	h ^= h >> 32
	at, mark := h%wordTable, uint32(h>>20)|1
	if m.words[at] == mark {
		return false
	}
	m.words[at] = mark
	return true
}

func (m *miner) add(key uint64, s *scan) *template {
	m.next++
	t := &template{id: m.next, bucket: key, toks: append([]uint64(nil), s.toks[:s.ntok]...)}
	if b := m.buckets[key]; len(b) >= maxBucket {
		m.drop(b[0])
	}
	m.buckets[key] = append(m.buckets[key], t)
	if len(m.all) < maxTemplates {
		m.all = append(m.all, t)
		return t
	}
	for range 2 * maxTemplates {
		if o := m.all[m.hand]; o.gone || !o.used {
			break
		}
		m.all[m.hand].used = false
		m.hand = (m.hand + 1) % maxTemplates
	}
	m.drop(m.all[m.hand])
	m.all[m.hand] = t
	m.hand = (m.hand + 1) % maxTemplates
	return t
}

func (m *miner) drop(t *template) {
	if t.gone {
		return
	}
	t.gone = true
	b := m.buckets[t.bucket]
	for i, o := range b {
		if o == t {
			b = append(b[:i:i], b[i+1:]...)
			break
		}
	}
	if len(b) == 0 {
		delete(m.buckets, t.bucket)
		return
	}
	m.buckets[t.bucket] = b
}

// slotOf returns the index of the template's slot for n, which it adds when there is room; -1 without room.
func (t *template) slotOf(n *number) int8 {
	for i := range t.slots {
		if t.slots[i].token == n.token && t.slots[i].sub == n.sub {
			return int8(i)
		}
	}
	if len(t.slots) >= maxSlots {
		return -1
	}
	t.slots = append(t.slots, slot{token: n.token, sub: n.sub, low: n.value, high: n.value})
	return int8(len(t.slots) - 1)
}

// renew forgets how far number i went before: from v on all is new again.
func (sh *shape) renew(i int8, v float64) {
	if k := sh.slots[i]; k >= 0 {
		o := &sh.template.slots[k]
		o.high, o.low = v, v
	}
}

// advance moves the marks of the line's numbers and tells whether one of them went where none was before in
// this epoch. A number that is part of a name tells of another item when it was not seen in its place; with another
// item, and after news of another kind, numbers may begin anew.
func (l *Log) advance(sh *shape, item bool) bool {
	s, slots := &l.line, sh.template.slots
	for i := range s.nums[:s.nnum] {
		if k := sh.slots[i]; k >= 0 && sh.names>>i&1 != 0 && sh.moves[i] != moveNone && !sh.waits {
			item = l.miner.word(sh.template, maxTokens+int(k), hashOf(s.nums[i].value)) && slots[k].line > 0 || item
		}
	}
	novel := item
	for i := range s.nums[:s.nnum] {
		k := sh.slots[i]
		if k < 0 {
			continue
		}
		o, v := &slots[k], s.nums[i].value
		fell := sh.moves[i] == moveUp && v < o.high/2 && l.newsAt > o.line
		o.line = l.lines
		if o.epoch != l.epoch || item || fell {
			o.epoch, o.high, o.low = l.epoch, v, v
			continue
		}
		if v > o.high {
			o.high = v
			novel = novel || sh.moves[i] == moveUp && !(epoch(v) && epoch(o.low))
		} else if v < o.low {
			o.low = v
			novel = novel || sh.moves[i] == moveDown
		}
	}
	return novel
}

func hashOf(v float64) uint64 { return math.Float64bits(v) * fnvPrime }
