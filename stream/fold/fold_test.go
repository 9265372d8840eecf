package fold

import (
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

func TestText_SpellingsOfAWordAreEqual(t *testing.T) {
	for name, spellings := range map[string][]string{
		"case":                   {"Ferry", "FERRY", "ferry"},
		"apostrophes":            {"don't", "don’t", "don‘t", "donʼt", "don＇t", "don′t"},
		"quotation marks":        {`"go"`, "“go”", "„go“", "«go»"},
		"hyphens":                {"e-mail", "e‐mail", "e\u2011mail", "e–mail", "e－mail"},
		"spaces":                 {"live music", " live\u00a0music", "live\u3000music", "live \n\t music\u2003"},
		"dotted and dotless i":   {"istanbul", "İstanbul", "ISTANBUL", "İSTANBUL", "I\u0307stanbul", "ıstanbul"},
		"sharp s":                {"straße", "STRASSE", "strasse", "STRAẞE"},
		"sigma":                  {"οδος", "ΟΔΟΣ", "οδοσ"},
		"Greek accents":          {"αθήνα", "ΑΘΗΝΑ", "Αθη\u0301να", "ἀθῆνα"},
		"normalization":          {"café", "cafe\u0301", "CAFÉ"},
		"Hangul":                 {"서울", "서울"},
		"width":                  {"go1", "ｇｏ１", "ＧＯ１"},
		"ligatures":              {"office", "oﬃce"},
		"kana":                   {"ラーメン", "らーめん", "ﾗｰﾒﾝ"},
		"voiced kana":            {"ガス", "か\u3099す", "ｶﾞｽ"},
		"wave dashes":            {"9〜17", "9～17", "9~17"},
		"Arabic points":          {"محمد", "مُحَمَّد", "محـــمد", "ﻣﺤﻤﺪ"},
		"Arabic hamza":           {"أحمد", "ا\u0654حمد", "أَحْمَد"},
		"Quranic marks":          {"الرحمن", "الرحم\u0670ن", "الرحمن\u06d6"},
		"Hebrew points":          {"שלום", "שָׁלוֹם", "\ufb2aלום"},
		"Hebrew abbreviations":   {`צה"ל`, "צה״ל"},
		"Hebrew hyphen":          {"תל־אביב", "תל-אביב"},
		"invisible characters":   {"spam", "s\u200bpam", "s\u00adpa\u2060m", "\ufeffspam", "sp\u034fam", "spa\u3164m", "sp\U000e0061am"},
		"struck out":             {"spam", "s\u0336p\u0336a\u0336m\u0336", "s\u0338pam", "s\u0332p\u0333am", "s\u20d2pam", "spa\u20ddm"},
		"variation of a heart":   {"❤", "❤️", "❤︎"},
		"zero width joiners":     {"می\u200cخواهم", "میخواهم"},
		"mark behind a joiner":   {"caf\u00e9", "cafe\u200d\u0301", "cafe\u034f\u0301"},
		"control characters":     {"spam", "sp\x00am", "sp\x1fam\x7f", "sp\u0086am"},
		"capital Turkish accent": {"i\u0307", "İ", "i"},
	} {
		for _, s := range spellings {
			if got, want := Text(s), Text(spellings[0]); got != want || got == "" {
				t.Errorf("%s: %q is folded to %q, and %q to %q", name, s, got, spellings[0], want)
			}
		}
	}
}

func TestText_DifferentWordsStayDifferent(t *testing.T) {
	for _, pair := range [][2]string{
		{"cafe", "café"}, {"やき", "やぎ"}, {"ハハ", "パパ"}, {"احمد", "أحمد"}, {"resume", "résumé"}, {"и", "й"},
		{"live music", "livemusic"}, {"e-mail", "email"}, {"don't", "dont"}, {"#go", "go"}, {"กิน", "กน"}, {"नमक", "नमकी"},
	} {
		if Text(pair[0]) == Text(pair[1]) {
			t.Errorf("%q and %q are both folded to %q", pair[0], pair[1], Text(pair[0]))
		}
	}
}

func TestTag_IsTheSameWithoutItsSignAndWithoutLatinAccents(t *testing.T) {
	for _, tag := range []string{"Archäologie", "#Archäologie", "＃archaologie", "#ARCHA\u0308OLOGIE"} {
		if got := Tag(tag); got != "archaologie" {
			t.Errorf("%q is folded to %q", tag, got)
		}
	}
	if Tag("#やき") == Tag("#やぎ") {
		t.Error("a mark of kana was removed")
	}
}

func FuzzText(f *testing.F) {
	for _, s := range []string{"İstanbul", "ΟΔΟΣ", "مُحَمَّد", "שָׁלוֹם", "ﾗｰﾒﾝ〜", "don’t", "e\u034f\u0301", "Ǆ ﬃ ẞ", "\u1e9b\u0323", "\xff", "ͅα", "≯"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		once := Text(s)
		if twice := Text(once); twice != once {
			t.Errorf("%q is folded to %q, and that to %q", s, once, twice)
		}
		if tag := Tag(s); Tag("#"+tag) != tag {
			t.Errorf("the tag %q is folded to %q, and that to %q", s, tag, Tag("#"+tag))
		}
	})
}

func BenchmarkText(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Text("A post of the usual length, in which there is nothing to find – but “quotes”. 灯瀬の夜 #hinose")
	}
}

// Text leaves withoutMarks out for texts of characters that it doesn't change, alone or side by side.
func TestMayHaveMarks_IsTrueOfEachCharacterThatMatters(t *testing.T) {
	var all strings.Builder
	for r := range rune(unicode.MaxRune + 1) {
		if folded := strings.Map(unify, norm.NFKC.String(string(r))); !strings.ContainsFunc(folded, mayHaveMarks) {
			all.WriteString(folded)
			for _, before := range []string{"", "i", "か"} { // letters that a mark would join
				if s := before + folded; withoutMarks(s) != s {
					t.Errorf("%U: %q becomes %q", r, s, withoutMarks(s))
				}
			}
		}
	}
	if s := all.String(); withoutMarks(s) != s || len(s) < 100_000 {
		t.Errorf("the %d bytes of these characters change if they are side by side", len(s))
	}
}
