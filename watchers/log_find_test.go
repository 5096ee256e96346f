package watchers

import (
	"slices"
	"testing"
	"time"

	"ronda/internal/observe"
)

func TestSortSiblings(t *testing.T) {
	second := func(n int64) time.Time { return time.Unix(n, 0) }
	tests := map[string]struct{ in, want []observe.FileInfo }{
		"by time": {
			[]observe.FileInfo{{Path: "x.1", Modified: second(1)}, {Path: "x.2", Modified: second(2)}},
			[]observe.FileInfo{{Path: "x.2", Modified: second(2)}, {Path: "x.1", Modified: second(1)}},
		},
		"by number": {
			[]observe.FileInfo{{Path: "x.10"}, {Path: "x.9"}, {Path: "x.1"}},
			[]observe.FileInfo{{Path: "x.1"}, {Path: "x.9"}, {Path: "x.10"}},
		},
		"by date": {
			[]observe.FileInfo{{Path: "x-20261123"}, {Path: "x-20261124"}},
			[]observe.FileInfo{{Path: "x-20261124"}, {Path: "x-20261123"}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			sortSiblings("x", test.in)
			if !slices.Equal(test.in, test.want) {
				t.Errorf("got %+v", test.in)
			}
		})
	}
}

func TestNewer(t *testing.T) {
	files := []observe.FileInfo{
		{Ident: "e", Modified: time.Unix(50, 0)},
		{Ident: "d", Modified: time.Unix(40, 0)},
		{Ident: "c", Modified: time.Unix(30, 0)},
		{Ident: "b", Modified: time.Unix(20, 0)},
	}
	tests := map[string]struct {
		old  observe.FileInfo
		now  string
		want string
	}{
		"between":                         {files[3], "z", "cde"},
		"the one at the path moved on":    {files[3], "e", "cd"},
		"nothing":                         {files[0], "z", ""},
		"the old one is gone":             {observe.FileInfo{Ident: "a", Modified: time.Unix(25, 0)}, "z", "cde"},
		"it is gone and nothing is newer": {observe.FileInfo{Ident: "a", Modified: time.Unix(60, 0)}, "z", ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got := ""
			for _, f := range newer(files, test.old, test.now) {
				got += f.Ident
			}
			if got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
