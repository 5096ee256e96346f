package extract

// Bounds of what is taken from one line.
const (
	maxTokens  = 48
	maxNumbers = 16
)

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
	binary bool   // the line is no text: its numbers say nothing
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

	markBinary = 0x27d4eb2f165667c5 // the whole line is no text
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
			if c == drawing && i+2 < len(text) && drawn(text[i+1]) {
				s.cut(i)
				i += 3
				continue
			}
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

// drawing is the first byte of the characters that bars and spinners are drawn with.
const drawing = 0xe2

// drawn tells by the second byte whether a character is one of lines, blocks (U+2500 to U+259F) or Braille dots: they say
// nothing that the numbers beside them do not.
func drawn(second byte) bool {
	return second >= 0x94 && second <= 0x96 || second >= 0xa0 && second <= 0xa3
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
	if n := i - begin; n >= 8 && hex || turns >= 4 && n >= 8 || turns >= 5 && n >= 5 || n > 2 && text[begin:begin+2] == "0x" {
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
