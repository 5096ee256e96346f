package report

import "testing"

// TestSameNews: that a time or an amount has gone on is no news; another name or another kind of warning is.
func TestSameNews(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"needs 9.1 GB more; /srv has 10 GB left: full in 2 min, 5.1 GB short", "needs 910 MB more; /srv has 9.9 GB left: full in 58 s, 51 MB short", true},
		{"full in 1 h 05 because of clone", "full in 58 min because of clone", true},
		{"full in 1 h 05 because of clone", "full in 58 min because of backup", false},
		{"full in 2 min because of clone", "full because of clone", false},
		{"needs 9.1 GB more; /srv has 4.0 GB left: 5.1 GB short", "needs 9.0 GB more; /srv has 4.0 GB left: full in 2 min, 5.0 GB short", false},
	} {
		if got := sameNews(c.a, c.b); got != c.same {
			t.Errorf("%q and %q: same is %v", c.a, c.b, got)
		}
	}
}
