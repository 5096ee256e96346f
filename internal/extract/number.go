package extract

import "strings"

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

// figures are digits that stand together, with what may stand between them.
type figures struct {
	end   int     // index behind them
	value float64 // as an integer, without its point
	parts float64 // what to divide value by: a power of ten
	dots  int     // more than one: a version or an address
	clock bool    // a time, a date or a span of time
}

// more appends the digits from at on to the number.
func (f *figures) more(text string, at int) {
	for ; at < len(text) && digit(text[at]); at++ {
		f.value = f.value*10 + float64(text[at]-'0')
		if f.dots > 0 {
			f.parts *= 10
		}
	}
	f.end = at
}

// joined takes the character behind the number when it belongs to it: a point, a comma, a colon, and within a
// date a dash or the T before the time.
func (f *figures) joined(text string, date bool) bool {
	switch c := text[f.end]; {
	case c == '.', c == ',' && f.dots == 0 && decimalComma(text, f.end):
		f.dots++
	case c == ',' && f.dots == 0 && thousands(text, f.end):
	case c == ':', c == 'T' && f.clock, c == '-' && date && f.dots == 0:
		f.clock = true
	default:
		return false
	}
	return true
}

// figuresAt reads the digits at i. glued tells that letters stand directly before them, so that they are no
// date and no span of time.
func figuresAt(text string, i int, glued bool) figures {
	f := figures{parts: 1}
	f.more(text, i)
	year := !glued && f.end-i == 4
	for f.end+1 < len(text) && digit(text[f.end+1]) && f.joined(text, year && f.end-i <= 7) {
		f.more(text, f.end+1)
	}
	if !f.clock && !glued && f.dots <= 1 {
		e := duration(text, f.end)
		f.clock, f.end = e > f.end, e
	}
	return f
}

// number reads the number at i, with its unit, and returns the index behind it. unit tells that it ended with
// one, so that no letters of the same word follow.
func (s *scan) number(i int, glued bool) (end int, unit bool) {
	f := figuresAt(s.text, i, glued)
	if f.dots > 1 && pointed(s.text, i, f.end) {
		f.dots, f.parts = 0, 1
	}
	if !f.clock && f.dots == 2 { // 8.8.15: a version is a word, another one is another word
		for ; i < f.end; i++ {
			s.th = (s.th ^ uint64(s.text[i])) * fnvPrime
		}
		return f.end, false
	}
	if f.clock || f.dots > 1 {
		s.th = (s.th ^ markTime) * fnvPrime
		if f.end < len(s.text) && s.text[f.end] == 'Z' {
			f.end++
		}
		return f.end, f.clock
	}
	n := number{start: i, scale: 1, glued: glued, value: finite(f.value / f.parts)}
	return s.measured(&n, f.end)
}

// pointed tells whether the digits from i to end are one number whose thousands are marked by points, as rsync writes it
// in many languages: a percentage follows. (Else it may be a version or an address.)
func pointed(text string, i, end int) bool {
	group := strings.IndexByte(text[i:end], '.')
	for at := i + group; group >= 1 && group <= 3 && at < end; at += 4 {
		if text[at] != '.' || end-at < 4 || strings.IndexByte(text[at+1:at+4], '.') >= 0 {
			return false
		}
	}
	rest := strings.TrimLeft(text[end:], " ")
	digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
	return group >= 1 && group <= 3 && len(rest) < len(text)-end && digits >= 1 && digits <= 3 && strings.HasPrefix(rest[digits:], "%")
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

// decimalComma tells whether the comma at j separates decimals, as many languages write it: one or two digits
// and a percent sign or a unit follow.
func decimalComma(text string, j int) bool {
	k := j + 1
	for k < len(text) && digit(text[k]) {
		k++
	}
	if k-j > 3 {
		return false
	}
	e, _ := sizeUnit(text, k)
	return e > k || percentAt(text, k)
}

// percentAt tells whether a percent sign stands at j, or behind one blank.
func percentAt(text string, j int) bool {
	if j+1 < len(text) && text[j] == ' ' && text[j+1] == '%' {
		return j+2 == len(text) || classes[text[j+2]] != alpha
	}
	return j < len(text) && text[j] == '%'
}

// measured gives n the unit that stands at j, and keeps it.
func (s *scan) measured(n *number, j int) (end int, unit bool) {
	text := s.text
	switch e, scale := sizeUnit(text, j); {
	case percentAt(text, j):
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
