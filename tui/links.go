package tui

import (
	"cmp"
	"strconv"
	"strings"
	"time"
	"unicode"

	"ronda/internal/fold"
	"ronda/internal/words"
)

const linkGap = "   "

// linksRow tells how every host can be reached, and at its right how the services are. Of a host that is
// lost it says first when the next try comes, for which hosts that are well may have to go, then why. Both
// come before what the strip of services says as well, where there is one.
func linksRow(c scene, w int, strip bool) string {
	room, sum := w-2, servicesSummary(c)
	need := 0
	if sum.text != "" {
		need = width(sum.text) + len(linkGap)
	}
	if strip && partsWidth(addReasons(c, linkParts(c, room), unlimited), linkGap)+need > room {
		sum, need = part{}, 0
	}
	room -= need
	links := linkParts(c, room)
	hidden := dropLinks(links, room)
	if hidden > 0 {
		room -= len(linkGap + strconv.Itoa(hidden) + "+")
	}
	shown := choose(addSteady(c, addReasons(c, links, room), room), linkGap, unlimited)
	if count := "+" + strconv.Itoa(hidden); hidden > 0 && partsWidth(shown, linkGap)+len(linkGap+count) <= w-2 {
		shown = append(shown, part{c.st.dim, count, 0})
	}
	r := newRow(w, "").put("", " ").putParts(shown, linkGap, "")
	if sum.text != "" && r.room > width(sum.text) {
		r.rest(width(sum.text)+1).put(sum.ink, sum.text)
	}
	return r.line()
}

// linkParts are the links in the order of the hosts, with the least that must be said of those in trouble.
func linkParts(c scene, room int) []part {
	parts := make([]part, 0, len(c.snap.Hosts))
	var firm []part // those that stay
	for _, h := range c.snap.Hosts {
		p, least := linkPart(c, h), leastReason(h)
		if least != "" {
			p.rank = 0
			if grave(h) {
				p.rank = -1 // goes after all others
			}
			switch left := room - partsWidth(append(firm, p), linkGap); {
			case width(least) <= left:
				p.text += least
			case grave(h):
				p.text = c.st.link(h.State).glyph + " " + clean(h.Name) + least
			}
		}
		if p.rank <= 0 {
			firm = append(firm, p)
		}
		parts = append(parts, p)
	}
	return parts
}

// dropLinks empties links until the others fit into room, with their count, and returns how many.
func dropLinks(links []part, room int) int {
	if partsWidth(links, linkGap) <= room {
		return 0
	}
	const count = len(linkGap + "+99")
	hidden := 0
	for partsWidth(choose(links, linkGap, unlimited), linkGap) > room-count {
		worst := -1
		for i, p := range links {
			if p.text != "" && (worst < 0 || p.rank >= links[worst].rank) {
				worst = i
			}
		}
		if worst < 0 || hidden == len(links)-1 {
			break // one stays, and is cut
		}
		links[worst].text = ""
		hidden++
	}
	return hidden
}

// addReasons adds, as far as there is room, why hosts are lost.
func addReasons(c scene, links []part, room int) []part {
	room -= partsWidth(choose(links, linkGap, unlimited), linkGap)
	for i, h := range c.snap.Hosts {
		if links[i].text == "" || h.State == fold.LinkUp || h.Detail == "" {
			continue
		}
		bare, said := strings.CutSuffix(links[i].text, leastReason(h))
		if !said {
			continue // there was no room for the least
		}
		whole := bare + reason(h, room+width(leastReason(h)))
		room -= width(whole) - width(links[i].text)
		links[i].text = whole
	}
	return links
}

// addSteady adds, as far as there is room, the time since the last trouble of the hosts that are up.
func addSteady(c scene, links []part, room int) []part {
	room -= partsWidth(choose(links, linkGap, unlimited), linkGap)
	for i, h := range c.snap.Hosts {
		if s := steady(c, h); links[i].text != "" && width(s) <= room {
			room -= width(s)
			links[i].text += s
		}
	}
	return links
}

// reason says in at most room cells why a host is lost: whole, or with its middle cut out, so that the cause
// and the time of the next try stay, or the least.
func reason(h fold.HostView, room int) string {
	text, again := cutLast(clean(h.Detail), "; ", mostAgain)
	const leastWords = 12
	least := leastReason(h)
	left := room - len(": ") - width(again)
	switch {
	case width(text) <= left:
		return ": " + text + again
	case grave(h) && room > width(least)+leastWords:
		return clip(": "+clean(h.Detail), room)
	case grave(h) || left < leastWords:
		return least
	}
	start, cause := cutLast(text, ": ", unlimited)
	if left-width(cause) < leastWords {
		return ": " + clip(strings.TrimPrefix(cmp.Or(cause, start), ": "), left) + again
	}
	return ": " + clip(start, left-width(cause)) + cause + again
}

// leastReason is what must be seen of a reason on the smallest screen: what is grave, or when the next try
// comes. It may be empty.
func leastReason(h fold.HostView) string {
	if h.State == fold.LinkUp {
		return ""
	}
	if grave(h) {
		return ": " + firstClause(h)
	}
	_, again := cutLast(clean(h.Detail), "; ", mostAgain)
	return again
}

// mostAgain are the cells that a last clause may take which is kept whole: "; tries again every 30s".
const mostAgain = 26

// cutLast cuts off the last clause of a text, with the sep before it, unless it takes more than most cells.
func cutLast(text, sep string, most int) (before, last string) {
	i := strings.LastIndex(text, sep)
	if i < 0 || width(text[i:]) > most {
		return text, ""
	}
	return text[:i], text[i:]
}

// grave tells whether a host's detail begins with something to read at once. It then has a word in
// capitals: that the host key has CHANGED.
func grave(h fold.HostView) bool {
	if h.State == fold.LinkUp {
		return false
	}
	for word := range strings.FieldsSeq(firstClause(h)) {
		const least = 5 // shorter ones are names: SSH, DNS
		if len(word) >= least && strings.IndexFunc(word, func(r rune) bool { return !unicode.IsUpper(r) }) < 0 {
			return true
		}
	}
	return false
}

// firstClause is a host's detail up to its first colon, semicolon or comma.
func firstClause(h fold.HostView) string {
	text := clean(h.Detail)
	for _, sep := range []string{": ", "; ", ", "} {
		text, _, _ = strings.Cut(text, sep)
	}
	return text
}

// steady tells for how long a link has been without trouble that it had in the last hour. The time until
// it was up first, at the start of the watch, was no trouble.
func steady(c scene, h fold.HostView) string {
	const recent, atStart = time.Hour, time.Minute
	if h.State != fold.LinkUp || c.now.Sub(h.Since) >= recent || h.Since.Sub(c.snap.Started) <= atStart {
		return ""
	}
	return ", steady" + c.lasting(h.Since)
}

func linkPart(c scene, h fold.HostView) part {
	look := c.st.link(h.State)
	text := look.glyph + " " + clean(h.Name) + " "
	switch h.State {
	case fold.LinkUp:
		if h.RTT <= 0 {
			return part{c.st.text, text + "up", 2}
		}
		return part{c.st.text, text + words.Latency(h.RTT), 2}
	case fold.LinkLate:
		return part{look.ink, text + "late" + c.lasting(h.Since), 1}
	case fold.LinkDown:
		if h.Since.IsZero() {
			return part{look.ink, text + "lost", 0}
		}
		return part{look.ink, text + "lost " + c.ago(h.Since), 0}
	case fold.LinkNever:
		return part{look.ink, text + "connecting", 1}
	default:
		return part{look.ink, text, 1}
	}
}
