package words

import "testing"

func TestShort(t *testing.T) {
	for _, c := range []struct {
		in    string
		limit int
		want  string
	}{{"abc", 3, "abc"}, {"abcd", 3, "ab…"}, {"ééé", 3, "ééé"}, {"éééé", 3, "éé…"}, {"", 0, ""}, {"\xff\xff\xff", 2, "\xff…"}} {
		if got := Short(c.in, c.limit); got != c.want {
			t.Errorf("Short(%q, %d) = %q, want %q", c.in, c.limit, got, c.want)
		}
	}
}
