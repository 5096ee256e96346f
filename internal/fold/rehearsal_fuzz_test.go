package fold

import (
	"encoding/json"
	"os"
	"testing"

	"ronda/internal/observe"
	"ronda/internal/rate"
)

// FuzzBaseline folds a night under whatever a plan may hold as its baseline: never a panic, never an end in the past,
// and the same night says the same twice.
func FuzzBaseline(f *testing.F) {
	known, err := os.ReadFile("testdata/rehearsal.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(known)
	f.Add([]byte(`{"verdict":"DONE","course":{"name":"rows","unit":"rows","total":-1}}`))
	f.Add([]byte(`{"verdict":"DONE","duration":"1h","course":{"name":"rows","unit":"rows","total":1e300,"points":[{"at":"2h","done":5},{"at":"-1h","done":-5}]}}`))
	f.Add([]byte(`{"verdict":"DONE","duration":"-1h","phases":[{"after":"1s","duration":"2500000h","times":-3},{"name":"Two"},{"name":"Two","silence":"2500000h","rest":"2500000h"}]}`))
	f.Add([]byte(`{"verdict":"DONE","duration":"10m","told":{"points":[{"at":"9m","done":9},{},{},{},{"at":"1m","done":99},{},{},{},{"at":"5m"}]},"silences":[{"what":"step 1"},{"took":"-1h"}]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var b observe.Baseline
		if len(text) > 1<<16 || json.Unmarshal(text, &b) != nil {
			return
		}
		night := told(t, `
task job process=job done=^over
task next after=job expect=5m
window 30m 5m
0s source job log up
0s source job process up
1s busy job 200 300
1s line job == One ==
20s lines job 20 7s step # of the way
200s line job == Two ==
201s counts job 60 5s 0 10 1000
700s line job == Two ==
900s line job == Three 3 ==
1000s line job over
1010s gone job code=0
1020s wait
`)
		head := night[0].Payload.(observe.Session)
		head.Plan.Tasks[0].Baseline = &b
		night[0].Payload = head
		first := ""
		for range 2 {
			s, said := New(Options{}), ""
			for _, o := range night {
				s.Apply(o)
				v := s.Snapshot().Tasks[0]
				for _, e := range []rate.ETA{v.ETA, v.PhaseETA} {
					if e.State == rate.Range && (e.P10.Before(s.At()) || e.P50.Before(e.P10) || e.P90.Before(e.P50)) {
						t.Fatalf("at %v it ends %v – %v – %v", s.At(), e.P10, e.P50, e.P90)
					}
				}
				for _, c := range s.TakeChanges() {
					text, err := json.Marshal(c.Ruling)
					if err != nil {
						t.Fatal(err)
					}
					said += string(text) + "\n"
				}
			}
			if first == "" {
				first = said
			} else if first != said {
				t.Fatalf("first\n%s\nthen\n%s", first, said)
			}
		}
	})
}
