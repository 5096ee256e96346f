package words

import (
	"math"
	"strconv"
)

// Units that have a form of their own; every other unit is written after the number as it is.
const (
	unitBytes   = "bytes"
	unitPercent = "percent"
)

// Bytes says a size: "512 B", "38 MB", "1.1 GB".
func Bytes(n float64) string {
	v, prefix := scale(n)
	if prefix == "" {
		return short(v) + " B"
	}
	return decimal(v) + " " + prefix + "B"
}

// Whole says a counter as it stands, with its digits in groups of three: "1,247"; from ten million on, and
// where it is no whole number, as Count does.
func Whole(n float64) string {
	if n != math.Trunc(n) || math.Abs(n) >= 1e7 {
		return Count(n)
	}
	digits := strconv.FormatFloat(n, 'f', 0, 64)
	for i := len(digits) - 3; i > 0 && digits[i-1] != '-'; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// Count says how many: "0", "812", "1.2k", "38M".
func Count(n float64) string {
	v, prefix := scale(n)
	if prefix == "" {
		return short(v)
	}
	return decimal(v) + prefix
}

// Amount says how much of a unit: Bytes for "bytes", Percent (of 0 to 100) for "percent", otherwise a Count
// with the unit's name: "1.2k rows". An empty unit adds nothing.
func Amount(v float64, unit string) string {
	switch unit {
	case unitBytes:
		return Bytes(v)
	case unitPercent:
		return Percent(v / 100)
	case "":
		return Count(v)
	}
	return Count(v) + " " + unit
}

// Rate says how much of a unit a second, as Amount does: "38 MB/s", "1.2k rows/s", "0.3 %/s". What is slower
// than one in ten seconds is told a minute or an hour: "2.5 rows/min". Whether a rate is known at all is the
// caller's to say.
func Rate(v float64, unit string) string {
	per := "/s"
	if a := math.Abs(v); a > 0 && a < 0.1 {
		v, per = v*60, "/min"
		if a*60 < 0.1 {
			v, per = v*60, "/h"
		}
	}
	switch unit {
	case unitBytes:
		return Bytes(v) + per
	case unitPercent:
		return short(v) + " %" + per
	case "":
		return Count(v) + per
	}
	return Count(v) + " " + unit + per
}

// scale brings n below 1000, as it will be written, and returns the decimal prefix that this costs.
func scale(n float64) (v float64, prefix string) {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return n, ""
	}
	for _, p := range []string{"", "k", "M", "G", "T", "P"} {
		prefix = p
		if math.Abs(n) < 999.5 {
			break
		}
		if p != "P" {
			n /= 1000
		}
	}
	return n, prefix
}

// decimal writes a scaled number with two or three digits: "1.1", "38", "412".
func decimal(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return Unknown
	case a < 9.95:
		return strconv.FormatFloat(v, 'f', 1, 64)
	case a < 1e6:
		return strconv.FormatFloat(v, 'f', 0, 64)
	}
	return strconv.FormatFloat(v, 'g', 3, 64)
}

// short writes a number that may be whole: "3", "3.1", "0.04", "412".
func short(v float64) string {
	a := math.Abs(v)
	switch {
	case a == math.Trunc(a) && a < 1e6:
		return strconv.FormatFloat(v, 'f', 0, 64)
	case a < 0.095:
		return strconv.FormatFloat(v, 'g', 1, 64)
	}
	return decimal(v)
}
