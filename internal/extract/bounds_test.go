package extract

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"ronda/internal/observe"
)

// A log that never says the same thing twice, or that is no text at all, is read in bounded memory.
func TestMemoryIsBounded(t *testing.T) {
	l := newLog(t, observe.Patterns{})
	r := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 3000)
	for i := range 60_000 {
		switch i % 4 {
		case 0:
			l.Read(word(r)+" "+word(r)+" "+word(r)+" 5", false)
		case 1:
			l.Read(fmt.Sprintf("copied %d of %d %s", i, 2*i+2, word(r)), false)
		case 2:
			l.Read("the same beginning "+strings.Repeat(word(r)+" ", 3), false)
		default:
			if i%40 == 3 {
				for k := range noise {
					noise[k] = byte(r.Uint32())
				}
				l.Read(string(noise), false)
			}
		}
	}
	m := &l.miner
	live := 0
	for _, b := range m.buckets {
		if len(b) > maxBucket {
			t.Errorf("a bucket holds %d templates", len(b))
		}
		live += len(b)
	}
	if live > maxTemplates || len(m.all) > maxTemplates || len(m.shapes) > maxShapes || len(m.older) > maxShapes ||
		len(m.words) != wordTable || len(l.election.families) > maxFamilies {
		t.Errorf("%d templates, %d listed, %d and %d shapes, %d families", live, len(m.all), len(m.shapes), len(m.older), len(l.election.families))
	}
	if live < maxTemplates/2 {
		t.Errorf("only %d templates are kept", live)
	}
}

// A template that is still in use outlives a flood of lines that are not.
func TestAUsedTemplateOutlivesAFlood(t *testing.T) {
	l := newLog(t, observe.Patterns{})
	r := rand.New(rand.NewPCG(1, 2))
	id := l.Read("heartbeat of the watcher is fine", false).Template
	for i := range 30_000 {
		l.Read(word(r)+" "+word(r), false)
		if i%500 == 0 {
			if got := l.Read("heartbeat of the watcher is fine", false); got.Template != id || got.Novel {
				t.Fatalf("after %d lines it is template %d, novel %v", i, got.Template, got.Novel)
			}
		}
	}
}
