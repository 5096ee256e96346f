package extract

// stamp returns the length of the time stamps that text begins with, brackets, a thread number before them
// and one blank behind them included: what follows is what the program said. Recognized are ISO 8601, ctime,
// syslog, Apache and plain times of day, twice in a row at most.
func stamp(text string) int {
	at := priorityMark(text)
	for range 2 {
		n := oneStamp(text[at:])
		if n == 0 {
			break
		}
		at += n
	}
	return at
}

// priorityMark returns the length of syslog's mark "<27>", and of the version that RFC 5424 puts behind it; 0 when
// there is none.
func priorityMark(text string) int {
	if len(text) < 4 || text[0] != '<' || !digit(text[1]) {
		return 0
	}
	n := 2
	for n < len(text) && n < 4 && digit(text[n]) {
		n++
	}
	if n >= len(text) || text[n] != '>' {
		return 0
	}
	if n++; len(text) > n+2 && text[n] == '1' && text[n+1] == ' ' {
		n += 2
	}
	return n
}

// priority is how grave a line is by syslog's mark.
func priority(text string) Severity {
	if priorityMark(text) == 0 {
		return Plain
	}
	v := 0
	for i := 1; digit(text[i]); i++ {
		v = 10*v + int(text[i]-'0')
	}
	switch level := v % 8; {
	case level <= 3:
		return Error
	case level == 4:
		return Warning
	}
	return Plain
}

func oneStamp(t string) int {
	i := 0
	if len(t) > 5 && t[0] == '[' && digit(t[1]) && digit(t[2]) && t[3] == ']' && t[4] == ' ' {
		i = 5 // mariabackup's thread
	}
	open := i < len(t) && t[i] == '['
	if open {
		i++
		for i < len(t) && t[i] == ' ' {
			i++
		}
	}
	n := moment(t[i:])
	if n == 0 {
		return 0
	}
	i += n
	if open && i < len(t) && t[i] == ']' {
		i++
	}
	if i < len(t) && t[i] == ':' {
		i++
	}
	if i < len(t) && t[i] == ' ' {
		i++
	}
	return i
}

// moment returns the length of the date and time, or time, at the start of t; 0 when there is none.
func moment(t string) int {
	if len(t) < 8 {
		return 0
	}
	var i int
	switch {
	case digit(t[0]) && digit(t[1]) && t[2] == ':':
		return clockTime(t, 0)
	case len(t) > 10 && digit(t[0]) && digit(t[3]) && (t[4] == '-' || t[4] == '/') && t[7] == t[4] && digit(t[9]):
		i = 10
	case len(t) > 11 && digit(t[0]) && t[2] == '/' && t[6] == '/' && letter(t[3]) && t[11] == ':':
		i = 11
	case letter(t[0]) && len(t) >= 15 && (t[3] == ' ' || t[3] == ','):
		return named(t)
	default:
		return 0
	}
	for i < len(t) && (t[i] == ' ' || t[i] == 'T' || t[i] == ':') && i < 13 {
		i++
	}
	return clockTime(t, i)
}

// named reads "Mon Nov 22 01:00:00 2026", "Mon Nov 22 01:00:00 UTC 2026" and "Nov 22 01:00:00".
func named(t string) int {
	i := 0
	if len(t) > 19 && letter(t[4]) && t[7] == ' ' {
		i = 4
	}
	if !letter(t[i]) || t[i+3] != ' ' || !digit(t[i+5]) || t[i+6] != ' ' {
		return 0
	}
	end := clockTime(t, i+7)
	if end == 0 || i == 0 {
		return end
	}
	rest := t[end:]
	if len(rest) > 9 && rest[0] == ' ' && letter(rest[1]) && rest[4] == ' ' && digit(rest[5]) && digit(rest[8]) {
		return end + 9
	}
	if len(rest) >= 5 && rest[0] == ' ' && digit(rest[1]) && digit(rest[4]) {
		return end + 5
	}
	return end
}

// clockTime returns the index behind a time of day at t[i:], its fraction and its zone; 0 when there is none.
func clockTime(t string, i int) int {
	if len(t) < i+7 || !digit(t[i]) {
		return 0
	}
	if t[i+1] == ':' { // 6:27:06
		i--
	}
	if len(t) < i+8 || t[i+2] != ':' || !digit(t[i+3]) || t[i+5] != ':' || !digit(t[i+6]) || !digit(t[i+7]) {
		return 0
	}
	i += 8
	if i+1 < len(t) && (t[i] == '.' || t[i] == ',') && digit(t[i+1]) {
		for i++; i < len(t) && digit(t[i]); i++ {
			continue
		}
	}
	switch {
	case i < len(t) && t[i] == 'Z':
		i++
	case i+5 <= len(t) && (t[i] == '+' || t[i] == '-') && digit(t[i+1]) && digit(t[i+2]):
		for i++; i < len(t) && (digit(t[i]) || t[i] == ':'); i++ {
			continue
		}
	case i+6 <= len(t) && t[i] == ' ' && (t[i+1] == '+' || t[i+1] == '-') && digit(t[i+2]) && digit(t[i+5]):
		i += 6
	}
	return i
}
