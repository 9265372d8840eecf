package templates

import "testing"

func TestAuthor_InitialIsAWholeVisibleCharacter(t *testing.T) {
	for name, want := range map[string]string{
		"mio": "M", " «mio»": "M", "e\u0301va": "E\u0301", "3rd": "3", "ñandú": "Ñ",
		"🇯🇵 mio": "M", "🇯🇵": "🇯🇵", "🇯🇵🇧🇷": "🇯🇵", "🇯": "🇯", "🏴󠁧󠁢󠁳󠁣󠁴󠁿": "🏴󠁧󠁢󠁳󠁣󠁴󠁿", "👩🏽‍🚀👍": "👩🏽‍🚀", "❤️🔥": "❤️", "👍🏿": "👍🏿", "🏳️‍🌈": "🏳️‍🌈", "1️⃣": "1️⃣",
		"\u3164mio": "M", "\u200b🌸": "🌸", "\u0301": "·", "": "·", "did:plc:x": "·", "…": "…",
	} {
		if got := (Author{Name: name}).initial(); got != want {
			t.Errorf("%+q: got %+q, want %+q", name, got, want)
		}
	}
}
