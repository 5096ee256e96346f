package judge

import "testing"

func TestUndated(t *testing.T) {
	for in, want := range map[string]string{
		"23:31:08 Testing perl":                        "Testing perl",
		"2026-11-28 23:04:10,551 ERROR [main] refused": "ERROR [main] refused",
		"[2026-11-28T23:04:10Z] begun":                 "begun",
		"2026/11/28 23:04:10 [notice] begun":           "[notice] begun",
		"12,713,984  23% 1000.49kB/s    0:00:40":       "12,713,984  23% 1000.49kB/s    0:00:40",
		"0:00:40":                                      "0:00:40",
		"  plain ":                                     "plain",
		"":                                             "",
	} {
		if got := undated(in); got != want {
			t.Errorf("undated(%q) = %q, want %q", in, got, want)
		}
	}
}
