package extract

import "strings"

// learn works out what follows from the words of a line whose shape is new. It returns nil for a partial line
// that holds no counter: the beginnings of lines are not templates.
func (l *Log) learn(text, body string, partial bool) (sh *shape, fresh, words bool) {
	s := &l.line
	sh = &shape{gravity: gravityOf(s)}
	if sh.form = formOf(s, body); sh.form == formNone {
		sh.form = l.formOfCopy(body)
	}
	var forms []found
	switch {
	case s.binary:
		sh.form = formNone
	case sh.form == formNone && !ofLayer(body):
		forms = counters(s)
	}
	if partial && len(forms) == 0 && sh.form == formNone {
		return nil, false, false
	}
	sh.template, fresh, words = l.miner.place(s)
	if partial {
		fresh, words = false, false // the whole line will say it
	}
	for i := range s.nums[:s.nnum] {
		n := &s.nums[i]
		sh.slots[i] = sh.template.slotOf(n)
		sh.moves[i] = moveOf(s, i)
		if s.inName(n) {
			sh.names |= 1 << i
		}
	}
	for _, f := range forms {
		sh.refs = append(sh.refs, l.election.ref(sh, f))
	}
	said := spoken(body)
	sh.structured = len(said) < len(body)
	sh.step = stepOf(said)
	sh.asks = !s.binary && asksWhole(said) != ""
	sh.phase = phaseOf(s, said, sh)
	sh.patterns = l.patterns.of(text, s.opaque)
	for _, p := range sh.patterns {
		sh.ignores = sh.ignores || p.purpose == isIgnore
	}
	l.miner.keep(s.hash, sh)
	return sh, fresh, words
}

// inName tells whether a number is part of a name and does not measure anything: letters stand with it in its word, and
// they are not the name of a number.
func (s *scan) inName(n *number) bool {
	if n.kind != plain || n.token >= uint8(s.ntok) {
		return false
	}
	if pieces[s.lowerWord(int(n.token)-1)] || s.inPath(n) {
		return true
	}
	at := s.at[n.token]
	word := strings.ToLower(strings.TrimRight(s.text[at.start:n.start], "-_.#@0123456789"))
	i := strings.LastIndexFunc(word, func(r rune) bool { return r < 'a' })
	if isNoise(word[i+1:]) || identifiers[word[i+1:]] {
		return false
	}
	return strings.ContainsFunc(s.text[at.start:n.start]+s.text[n.end:at.end], func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' || r >= 0x80 })
}

// ofLayer tells whether a line begins with the identifier of one layer of many, as Docker's do: what it counts is
// not the task's.
func ofLayer(body string) bool {
	id, _, ok := strings.Cut(strings.TrimLeft(body, " "), " ")
	id = strings.TrimSuffix(id, ":")
	return ok && len(id) == 12 && strings.Trim(id, "0123456789abcdef") == "" && strings.ContainsAny(id, "abcdef")
}

// lowerWord returns token i in lower case without punctuation at its ends; empty beyond the line.
func (s *scan) lowerWord(i int) string {
	return strings.ToLower(s.word(i))
}

// word returns token i without punctuation at its ends; empty beyond the line.
func (s *scan) word(i int) string {
	if i < 0 || i >= s.ntok {
		return ""
	}
	return strings.Trim(s.text[s.at[i].start:s.at[i].end], ".!?*-+~$&@^\\")
}

// near returns whether one of the words in set stands among tokens [from, to).
func (s *scan) near(from, to int, set map[string]bool) bool {
	for i := max(from, 0); i < min(to, s.ntok); i++ {
		if set[s.lowerWord(i)] {
			return true
		}
	}
	return false
}

func setOf(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// The words that tell what a number means. They are read only.
var (
	// noise before or behind a number: it is a clock, a try, a load, an address, never progress.
	noise = setOf(`retry retries retrying retried attempt attempts attempting try tries trying error errors failed
		failures failure warning warnings used usage use util utilization cpu mem memory ram swap load elapsed timeout
		timeouts wait waited waiting waits sleep sleeping lag inode inodes full idle avail available free ratio version
		ver v release port pid ppid tid uid gid thread connection session line code status exit signal uptime since id lsn
		age latency took priority temperature heartbeat backlog checks rss vsz vms heap goroutines ts time timestamp
		timemillis duration dur lat rtt delay interval seq request req span trace txid xid offset offsets position pos lsn
		streamer non-contiguous fragmentation`)
	// seconds and their like directly behind a number make it a span of time.
	timeUnits = setOf(`s sec secs second seconds ms msec msecs millisecond milliseconds m min mins minute minutes h hr
		hrs hour hours d day days us usec usecs ns ago`)
	// falling: what is counted is what is left.
	falling = setOf(`remaining remain remains left to-chk pending outstanding todo togo`)
	// counted things, behind a number.
	things = setOf(`rows row files file records record objects object messages message mails mail items item tables
		table blocks block pages page chunks chunk packages package mailboxes mailbox users user entries entry documents
		docs keys tuples requests accounts folders directories dirs partitions segments migrations changesets tests
		steps tasks jobs images layers volumes vms hosts nodes pods statements queries inserts updates events lines
		commits extents sectors clusters shards indexes indices databases tablespaces tablespace articles posts
		attachments blobs msgs`)
	// doers, before a number.
	doers = setOf(`processed copied done imported exported migrated completed complete checkpoint record row item
		file table scanned written wrote read restored indexed sent received loaded applied verified converted
		transferred finished updated inserted deleted moved synced downloaded uploaded fetched extracted committed
		progress total count copy created`)
	// totals, before a number: what others in the line are counted to.
	totals = setOf(`total of expected size`)
)

// inPath tells whether a number stands in a path: not what is counted, but where it is.
func (s *scan) inPath(n *number) bool {
	from, to := strings.LastIndexByte(s.text[:n.start], ' ')+1, len(s.text)
	if i := strings.IndexByte(s.text[n.end:], ' '); i >= 0 {
		to = n.end + i
	}
	word := s.text[from:to]
	return strings.Count(word, "/") >= 2 && strings.ContainsFunc(word, func(r rune) bool { return r|0x20 >= 'a' && r|0x20 <= 'z' })
}

// pieces name one part of many that may come in any order, before its number.
var pieces = setOf(`part chunk segment shard partition piece volume layer mailbox account user`)

// identifiers name what is made anew for each try, before a number.
var identifiers = setOf(`tmp temp worker job conn client sess txn trx fd hash cid rid uuid instance run exec`)

// clocks stand in the names of numbers that tell a time or a load, whatever else their names say.
var clocks = []string{"time", "elapsed", "millis", "nanos", "seconds", "_ms", "_ns", "duration", "memory", "heap", "latency"}

// isNoise tells whether a word before or behind a number says that it is none of progress.
func isNoise(w string) bool {
	if noise[w] {
		return true
	}
	if len(w) < 5 {
		return false
	}
	for _, c := range clocks {
		if strings.Contains(w, c) {
			return true
		}
	}
	return false
}

// moveOf says which way number i of a line goes when there is progress.
func moveOf(s *scan, i int) move {
	n := &s.nums[i]
	t := int(n.token)
	switch {
	case n.kind == speed:
		return moveNone
	case !n.glued && timeUnits[s.lowerWord(t+1)] && s.at[min(t+1, s.ntok-1)].start-n.end <= 1 && n.kind == plain:
		return moveNone
	case strings.HasSuffix(s.text[:n.start], "m=+"): // Go's clock since its program began
		return moveNone
	case compared(s.text, n.start): // where id >= 210528 and id < 421055
		return moveUp
	case s.near(t-2, t, falling), falls(s, n):
		return moveDown
	case s.noiseBefore(t), s.noiseBehind(t):
		return moveNone
	}
	return moveUp
}

// noiseBefore tells whether one of the three words before token t says that its number is none of progress.
func (s *scan) noiseBefore(t int) bool {
	for i := max(t-3, 0); i < t; i++ {
		if isNoise(s.lowerWord(i)) {
			return true
		}
	}
	return false
}

// noiseBehind tells whether the word behind token t says that the number there is none of progress. One that
// has a value of its own ("sent=3 failed=0") speaks of that.
func (s *scan) noiseBehind(t int) bool {
	if !isNoise(s.lowerWord(t + 1)) {
		return false
	}
	rest := strings.TrimPrefix(s.text[s.at[t+1].end:], `"`)
	return rest == "" || rest[0] != '=' && rest[0] != ':'
}

// falls tells whether what stands behind n says that it is what is left, without a time in between.
func falls(s *scan, n *number) bool {
	t := int(n.token)
	if falling[s.lowerWord(t+1)] {
		return n.kind != percent
	}
	if t+2 >= s.ntok || !falling[s.lowerWord(t+2)] {
		return false
	}
	return things[s.lowerWord(t+1)]
}
