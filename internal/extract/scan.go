package extract

import "strings"

// Bounds of what is taken from one line.
const (
	maxTokens  = 48
	maxNumbers = 16
)

// kind is what a number measures.
type kind uint8

const (
	plain   kind = iota
	size         // bytes, with a unit
	percent      // followed by %
	speed        // so much a second: no progress by itself
)

// number is a place in a line that holds a number. Times, dates, versions and addresses are none.
type number struct {
	value      float64 // unit applied
	scale      float64 // of the unit: 1024 for KiB; 1 for none
	start, end int     // in the line, unit included
	kind       kind
	token, sub uint8 // which token it is in, and which number of that token it is
	glued      bool  // a letter stands directly before or behind it
}

// span is a token's place in the line.
type span struct{ start, end int }

// scan is one line taken apart: its masked hash, its tokens and its numbers.
type scan struct {
	text string
	hash uint64
	toks [maxTokens]uint64 // masked hash of each token
	at   [maxTokens]span
	ntok int
	nums [maxNumbers]number
	nnum int

	worded bool   // there is a letter or a digit
	opaque bool   // an identifier was masked, with letters in it
	th     uint64 // hash of the token that is being read
	from   int    // its start; -1 between tokens
	sub    uint8  // numbers in it so far
}

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
	markNum   = 0x9e3779b97f4a7c15 // a number
	markTime  = 0xc2b2ae3d27d4eb4f // a time, a date, a version, an address
	markID    = 0x165667b19e3779f9 // a hexadecimal or random identifier
)

type class uint8

const (
	other class = iota // stays within a token
	blank
	separator // ends a token and belongs to the shape
	numeral
	alpha
)

// classes maps bytes to their class.
var classes = func() (t [256]class) {
	for c := range 256 {
		switch b := byte(c); {
		case b <= ' ' || b == 0x7f:
			t[c] = blank
		case digit(b):
			t[c] = numeral
		case letter(b):
			t[c] = alpha
		}
	}
	for _, b := range []byte("/=()[]{}<>,|:;\"'`#") {
		t[b] = separator
	}
	return t
}()

// read takes text apart in one pass.
func (s *scan) read(text string) {
	s.text, s.hash, s.ntok, s.nnum = text, fnvOffset, 0, 0
	s.th, s.from, s.worded, s.opaque = fnvOffset, -1, false, false
	for i := 0; i < len(text); {
		c := text[i]
		switch classes[c] {
		case blank:
			s.cut(i)
			i++
		case separator:
			s.cut(i)
			s.hash = (s.hash ^ uint64(c)) * fnvPrime
			i++
		case numeral, alpha:
			s.open(i)
			s.worded = true
			i = s.run(i)
		case other:
			s.open(i)
			s.th = (s.th ^ uint64(c)) * fnvPrime
			i++
		}
	}
	s.cut(len(text))
}

func (s *scan) open(i int) {
	if s.from < 0 {
		s.from, s.sub = i, 0
	}
}

// cut ends the token before i.
func (s *scan) cut(i int) {
	if s.from < 0 {
		return
	}
	s.hash = (s.hash ^ s.th) * fnvPrime
	s.hash ^= s.hash >> 29
	if s.ntok < maxTokens {
		s.toks[s.ntok] = s.th
		s.at[s.ntok] = span{s.from, i}
		s.ntok++
	}
	s.th, s.from = fnvOffset, -1
}

// run reads letters and digits that stand together from i on, and returns the index behind them. Letters are
// hashed; a number becomes a mark; a run that mixes both like an identifier becomes one mark as a whole.
func (s *scan) run(i int) int {
	text, begin, th, nums, sub := s.text, i, s.th, s.nnum, s.sub
	if len(text)-i >= 36 && text[i+8] == '-' && text[i+13] == '-' && uuid(text[i:]) {
		s.th, s.opaque = (th^markID)*fnvPrime, true
		return i + 36
	}
	hex, turns, letters := true, 0, false
	for i < len(text) {
		c := text[i]
		if classes[c] == alpha {
			letters = true
			h := s.th
			for ; i < len(text) && classes[text[i]] == alpha; i++ {
				c = text[i]
				h = (h ^ uint64(c)) * fnvPrime
				hex = hex && c|0x20 >= 'a' && c|0x20 <= 'f'
			}
			s.th = h
			turns++
			continue
		}
		if classes[c] != numeral {
			break
		}
		end, unit := s.number(i, i > begin)
		if unit {
			return end
		}
		turns++
		i = end
	}
	if !letters || turns < 2 {
		return i
	}
	if n := i - begin; n >= 8 && hex || turns >= 4 && n >= 8 || n > 2 && text[begin:begin+2] == "0x" {
		s.th, s.nnum, s.sub, s.opaque = (th^markID)*fnvPrime, nums, sub, true
	}
	return i
}

// uuid tells whether t, which has at least 36 bytes, begins with a UUID in its usual form.
func uuid(t string) bool {
	for i := range 36 {
		switch c := t[i]; i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !digit(c) && (c|0x20 < 'a' || c|0x20 > 'f') {
				return false
			}
		}
	}
	return true
}

// number reads the number at i, with its unit, and returns the index behind it. unit tells that it ended with
// one, so that no letters of the same word follow.
func (s *scan) number(i int, glued bool) (end int, unit bool) {
	text := s.text
	n := number{start: i, scale: 1, glued: glued}
	j, v := i, 0.0
	for ; j < len(text) && digit(text[j]); j++ {
		v = v*10 + float64(text[j]-'0')
	}
	whole := j - i
	dots, times, parts := 0, false, 1.0
loop:
	for j+1 < len(text) && digit(text[j+1]) {
		switch text[j] {
		case '.':
			dots++
			for j++; j < len(text) && digit(text[j]); j++ {
				v = v*10 + float64(text[j]-'0')
				parts *= 10
			}
		case ',':
			if dots > 0 || !thousands(text, j) {
				break loop
			}
			for k := 1; k <= 3; k++ {
				v = v*10 + float64(text[j+k]-'0')
			}
			j += 4
		case ':':
			times = true
			for j++; j < len(text) && digit(text[j]); j++ {
				continue
			}
		case '-':
			if whole != 4 || glued || dots > 0 || j-i > 7 {
				break loop
			}
			times = true
			for j++; j < len(text) && digit(text[j]); j++ {
				continue
			}
		case 'T':
			if !times {
				break loop
			}
			j++
		default:
			break loop
		}
	}
	if !times && !glued && dots <= 1 {
		if e := duration(text, j); e > j {
			j, times = e, true
		}
	}
	if times || dots > 1 {
		s.th = (s.th ^ markTime) * fnvPrime
		if j < len(text) && text[j] == 'Z' {
			j++
		}
		return j, times
	}
	n.value = finite(v / parts)
	return s.measured(&n, j)
}

// finite keeps a number of absurdly many digits from becoming infinite or none.
func finite(v float64) float64 {
	if v >= 0 && v <= 1e300 {
		return v
	}
	return 1e300
}

// thousands tells whether exactly three digits follow the comma at j.
func thousands(text string, j int) bool {
	return j+3 < len(text) && digit(text[j+2]) && digit(text[j+3]) && (j+4 >= len(text) || !digit(text[j+4]))
}

// measured gives n the unit that stands at j, and keeps it.
func (s *scan) measured(n *number, j int) (end int, unit bool) {
	text := s.text
	switch e, scale := sizeUnit(text, j); {
	case j < len(text) && text[j] == '%', j+1 < len(text) && text[j] == ' ' && text[j+1] == '%' && (j+2 == len(text) || classes[text[j+2]] != alpha):
		n.kind = percent
	case e > j && !n.glued:
		n.kind, n.scale = size, scale
		n.value *= scale
		j, unit = e, true
	}
	if j+1 < len(text) && text[j] == '/' && text[j+1] == 's' && (j+2 >= len(text) || classes[text[j+2]] != alpha) {
		n.kind = speed
	}
	n.end = j
	n.glued = n.glued || j < len(text) && classes[text[j]] == alpha
	s.th = (s.th ^ markNum) * fnvPrime
	if s.nnum < maxNumbers && s.ntok < maxTokens {
		n.token, n.sub = uint8(s.ntok), s.sub
		s.nums[s.nnum] = *n
		s.nnum++
	}
	s.sub++
	return j, unit
}

// sizeUnit reads a unit of bytes at j, or behind one blank, and returns the index behind it and its factor; j
// when there is none. Without i it is still taken as a power of two, as most tools mean it.
func sizeUnit(text string, j int) (end int, scale float64) {
	k := j
	if k < len(text) && text[k] == ' ' {
		k++
	}
	if k >= len(text) {
		return j, 1
	}
	scale = 1
	p := k
	switch text[p] {
	case 'k', 'K':
		scale, p = 1<<10, p+1
	case 'M':
		scale, p = 1<<20, p+1
	case 'G':
		scale, p = 1<<30, p+1
	case 'T':
		scale, p = 1<<40, p+1
	case 'P':
		scale, p = 1<<50, p+1
	case 'B', 'b':
	default:
		return j, 1
	}
	prefixed := p > k
	if prefixed && p < len(text) && text[p] == 'i' {
		p++
	}
	switch {
	case p < len(text) && text[p] == 'B':
		p++
	case !prefixed && len(text) >= p+5 && text[p:p+5] == "bytes":
		p += 5
	case !prefixed || k > j:
		return j, 1 // a lone letter behind a blank is no unit
	}
	if p < len(text) && (classes[text[p]] == alpha || classes[text[p]] == numeral) {
		return j, 1
	}
	return p, scale
}

// duration reads "5h32m18s", "250ms" or "3d" from its first unit at j on, and returns the index behind it; j
// when there is none.
func duration(text string, j int) int {
	for from, last := j, 6; ; {
		k, unit := j, 0
		switch rest := text[j:]; {
		case len(rest) >= 3 && rest[:3] == "min":
			k, unit = k+3, 3
		case len(rest) >= 2 && rest[1] == 's' && (rest[0] == 'm' || rest[0] == 'u' || rest[0] == 'n'):
			k, unit = k+2, 1
		case rest != "":
			k, unit = k+1, strings.IndexByte("  smhd", rest[0])
		}
		if unit <= 0 || unit >= last {
			return from
		}
		last = unit
		if k >= len(text) || classes[text[k]] != alpha && classes[text[k]] != numeral {
			return k
		}
		if classes[text[k]] != numeral {
			return from
		}
		for k < len(text) && (digit(text[k]) || text[k] == '.') {
			k++
		}
		if k >= len(text) || classes[text[k]] != alpha {
			return from
		}
		j = k
	}
}
