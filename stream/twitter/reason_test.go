package twitter

import (
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func statusJSON(user, more string) string {
	return `{"created_at":"Sat Oct 03 09:00:00 +0000 2026","id_str":"1","text":"hello","user":{"id_str":"7","screen_name":"emma"` + user + `}` + more + `}`
}

func TestTwitter_GivesTheReasonOfEachDeletion(t *testing.T) {
	for name, test := range map[string]struct {
		messages []string
		want     stream.Reason
	}{
		"deleted":             {[]string{statusJSON("", ""), `{"delete":{"status":{"id_str":"1","user_id_str":"7"}}}`}, stream.ByAuthor},
		"withheld here":       {[]string{statusJSON("", ""), `{"status_withheld":{"id":1,"withheld_in_countries":["DE"]}}`}, stream.ByNetwork},
		"author withheld":     {[]string{statusJSON("", ""), `{"user_withheld":{"id":7,"withheld_in_countries":["DE"]}}`}, stream.ByNetwork},
		"told as withheld":    {[]string{statusJSON("", ""), statusJSON("", `,"withheld_in_countries":["DE"]`)}, stream.ByNetwork},
		"author told as such": {[]string{statusJSON("", ""), statusJSON(`,"withheld_in_countries":["DE"]`, "")}, stream.ByNetwork},
		"for its copyright":   {[]string{statusJSON("", ""), statusJSON("", `,"withheld_copyright":true`)}, stream.ByNetwork},
		"author protected":    {[]string{statusJSON("", ""), statusJSON(`,"protected":true`, "")}, stream.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			streamtest.WantReasons(t, streamtest.Decoded(t, &Decoder{Country: "DE"}, test.messages...), test.want)
		})
	}
}
