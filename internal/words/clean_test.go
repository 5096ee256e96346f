package words

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

func TestClean(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing", "", ""},
		{"plain", "Verified schema version 104.", "Verified schema version 104."},
		{"letters of the world", "größe żółć 日本語 한국어 עברית", "größe żółć 日本語 한국어 עברית"},
		{"colour", "\x1b[1;31mERROR\x1b[0m disk", "ERROR disk"},
		{"colour with colons", "\x1b[38:2::1:2:3mx", "x"},
		{"private mode", "a\x1b[?1049hb\x1b[>4;2mc", "abc"},
		{"cursor style, with an intermediate", "\x1b[2 qx", "x"},
		{"title, ended by BEL", "a\x1b]0;owned\ab", "ab"},
		{"title, ended by ST", "a\x1b]0;owned\x1b\\b", "ab"},
		{"clipboard", "a\x1b]52;c;cm0gLXJmIC8=\ab", "ab"},
		{"link", "\x1b]8;;http://x/\x1b\\text\x1b]8;;\x1b\\", "text"},
		{"DCS", "a\x1bP1$r0m\x1b\\b", "ab"},
		{"APC, PM, SOS", "a\x1b_x\x1b\\b\x1b^y\x1b\\c\x1bXz\x1b\\d", "abcd"},
		{"8-bit CSI", "a\u009b31mb", "ab"},
		{"8-bit OSC", "a\u009d0;t\u009cb", "ab"},
		{"8-bit DCS, APC, PM, SOS", "a\u0090q\u009cb\u009fq\u009cc\u009eq\u009cd\u0098q\u009ce", "abcde"},
		{"raw C1 bytes", "a\x9b31mb", "a\ufffd31mb"},
		{"other C1", "a\u0085b\u0084c", "a\ufffdb\ufffdc"},
		{"charset, reset, index", "\x1b(Ba\x1bcb\x1bDc\x1b=d\x1b7e", "abcde"},
		{"tmux passthrough", "\x1bPtmux;\x1b\x1b]52;c;aGk=\a\x1b\\x", "␛x"},
		{"string broken off", "a\x1b]0;t\x1b[31mb", "ab"},
		{"open string stays to be read", "a\x1b]0;title", "a␛]0;title"},
		{"open string ends with the line", "a\x1b]0;t\nb\a", "a␛]0;t␊b␇"},
		{"open CSI", "a\x1b[31", "a␛[31"},
		{"CSI with a control in it", "a\x1b[3\r1mb", "a␛[3␍1mb"},
		{"lone escape", "a\x1b", "a␛"},
		{"escape before a letter of the world", "\x1bé", "␛é"},
		{"controls", "a\x00b\bc\rd\ne\x7f", "a␀b␈c␍d␊e␡"},
		{"tabs", "a\tb\t12345678\tc", "a       b       12345678        c"},
		{"tab after a colour", "\x1b[31ma\x1b[0m\tb", "a       b"},
		{"tab after wide letters", "日本\tb", "日本    b"},
		{"bidi", "a\u202eb\u2066c\u2069\u200fd", "abcd"},
		{"zero width", "a\u200bb\ufeffc\u2060d\u00ade", "abcde"},
		{"tags", "a\U000e0041\U000e007fb", "ab"},
		{"fillers", "a\u3164b\uffa0c\u115fd", "abcd"},
		{"skin tone", "👍🏽 ok", "👍□ ok"},
		{"flag", "🇩🇪", "□□"},
		{"family", "👨\u200d👩\u200d👧", "👨👩👧"},
		{"emoji by selector", "☺\ufe0f 1\ufe0f\u20e3", "☺ 1"},
		{"Hangul Jamo", "\u1112\u1161\u11ab", "□□□"},
		{"spacing mark", "क\u093e", "क□"},
		{"conjunct", "क\u094dष", "क□ष"},
		{"combining mark", "e\u0301", "e\u0301"},
		{"combining mark without a letter", "\u0301e", "e"},
		{"too many marks", "e" + strings.Repeat("\u0301", 50), "e" + strings.Repeat("\u0301", maxMarks)},
		{"invalid UTF-8", "a\xff\xc3(b", "a\ufffd\ufffd(b"},
		{"line separator", "a\u2028b\u2029c", "a\ufffdb\ufffdc"},
		{"private use and unassigned", "\ue0b0\U000fffff\u0378", "\ufffd\ufffd\ufffd"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := Clean(tt.in); got != tt.want {
				t.Errorf("Clean(%q)\n got %q\nwant %q", tt.in, got, tt.want)
			}
			checkClean(t, tt.in)
		})
	}
}

// checkClean holds what must be true of every clean text.
func checkClean(t *testing.T, in string) {
	t.Helper()
	out := Clean(in)
	if !utf8.ValidString(out) {
		t.Fatalf("Clean(%q) = %q: not UTF-8", in, out)
	}
	sum := 0
	for _, r := range out {
		if !unicode.IsGraphic(r) && r != utf8.RuneError {
			t.Fatalf("Clean(%q) = %q: holds %U", in, out, r)
		}
		if !unicode.Is(unicode.Mn, r) {
			sum += ansi.StringWidth(string(r))
		}
	}
	if again := Clean(out); again != out {
		t.Fatalf("Clean(%q) = %q, and again %q", in, out, again)
	}
	if plain := ansi.Strip(out); plain != out {
		t.Fatalf("Clean(%q) = %q: a terminal would obey a part of it, and leave %q", in, out, plain)
	}
	// By clusters, by characters, and by the sum of what each character takes alone: all the same.
	if g, w := ansi.StringWidth(out), ansi.StringWidthWc(out); g != w || g != sum {
		t.Fatalf("Clean(%q) = %q: width %d by clusters, %d by wcwidth, %d by sum", in, out, g, w, sum)
	}
}

// Every character, alone and between neighbours with which it might join to a cluster.
func TestCleanEveryCharacter(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if r > 0x40000 && r < 0xe0000 || r > 0xe1000 && r&0xfff != 0xfff {
			continue // unassigned, and private use: all alike
		}
		checkClean(t, "a"+string(r)+"b")
		checkClean(t, string(r)+string(r)+"👍"+string(r)+"क"+string(r)+"क"+string(r)+"e")
		if t.Failed() {
			return
		}
	}
}

func TestCleanPlainTextCostsNothing(t *testing.T) {
	line := strings.Repeat("Migrating mboxgroup7. ", 10)
	if n := testing.AllocsPerRun(100, func() { Clean(line) }); n != 0 {
		t.Errorf("%v allocations for plain text, want none", n)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{
		"plain", "\x1b[31mred\x1b[0m", "\x1b]0;t\a", "\x1bPq\x1b\\", "\u009b1m", "\t日\t", "e\u0301", "👨\u200d👩",
		"\x1b]\x1b]\x1b]", "\u009d\u009d\u009d", "\xff\xfe", "क\u094dष\u093f", "\u0e01\u0e33", "\x1b[\x1b[1;", "☺\ufe0f", "ﷺ",
	} {
		f.Add(s)
	}
	f.Fuzz(checkClean)
}

func BenchmarkClean(b *testing.B) {
	for name, s := range map[string]string{
		"plain":    strings.Repeat("Migrating mboxgroup7. ", 10),
		"coloured": strings.Repeat("\x1b[32mMigrating\x1b[0m mboxgroup7. ", 10),
		"hostile":  strings.Repeat("\x1b]", 32<<10),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Clean(s)
			}
		})
	}
}
