package text

import "testing"

func TestRuneIndex_FindsTheBytesOfEachCharacter(t *testing.T) {
	text := "añ👩‍🚀語 #x"
	index := NewRuneIndex(text)
	if got, want := len(index)-1, len([]rune(text)); got != want {
		t.Errorf("got %d characters, want %d", got, want)
	}
	for start := range []rune(text) {
		for end := start + 1; end <= len([]rune(text)); end++ {
			from, to, ok := index.Bytes(start, end)
			if want := string([]rune(text)[start:end]); !ok || text[from:to] != want {
				t.Errorf("%d to %d: got %q, %v, want %q", start, end, text[from:to], ok, want)
			}
		}
	}
}

func TestRuneIndex_RefusesPositionsOutsideOfTheText(t *testing.T) {
	for _, at := range [][2]int{{-1, 2}, {0, 0}, {2, 1}, {0, 4}, {3, 4}, {1 << 40, 1<<40 + 1}} {
		if from, to, ok := NewRuneIndex("añb").Bytes(at[0], at[1]); ok {
			t.Errorf("%v: got bytes %d to %d, want none", at, from, to)
		}
	}
	if _, _, ok := NewRuneIndex("").Bytes(0, 1); ok {
		t.Error("found a character in an empty text")
	}
}

func TestUnescape_DecodesEachOfThreeEscapesOnce(t *testing.T) {
	for in, want := range map[string]string{
		"a &lt;b&gt; &amp; c": "a <b> & c",
		"&amp;lt;":            "&lt;",
		"&quot;&#39;&nbsp;":   "&quot;&#39;&nbsp;",
		"&amp":                "&amp",
		"語 &amp;&amp; 👩‍🚀":    "語 && 👩‍🚀",
	} {
		if got := Unescape(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
