package x

import (
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func postJSON(more, includes string) string {
	return `{"data":{"id":"1900000000000000001","text":"hello","author_id":"7"` + more + `},"includes":{"users":[{"id":"7","username":"emma"` + includes + `}]}}`
}

func TestX_GivesTheReasonOfEachDeletion(t *testing.T) {
	for name, test := range map[string]struct {
		messages []string
		want     stream.Reason
	}{
		"withheld here":        {[]string{postJSON("", ""), postJSON(`,"withheld":{"country_codes":["DE"]}`, "")}, stream.ByNetwork},
		"author withheld here": {[]string{postJSON("", ""), postJSON("", `,"withheld":{"country_codes":["DE"]}`)}, stream.ByNetwork},
		"author protected":     {[]string{postJSON("", ""), postJSON("", `,"protected":true`)}, stream.Unavailable},
		"gone":                 {[]string{postJSON("", ""), `{"data":{"id":"1900000000000000002","text":"RT","author_id":"8","referenced_tweets":[{"type":"retweeted","id":"1900000000000000001"}]},"errors":[{"type":"https://api.x.com/2/problems/resource-not-found","resource_id":"1900000000000000001"}]}`}, stream.Unavailable},
	} {
		t.Run(name, func(t *testing.T) {
			streamtest.WantReasons(t, streamtest.Decoded(t, Decoder{Country: "DE"}, test.messages...), test.want)
		})
	}
}

// The response to a lookup reports that a post is missing, but not why.
func TestX_GivesTheReasonsUnavailableAndExpiredAfterRechecks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeX{stream: posts(2), lookup: lookupWithout("1000")}
		ops, _ := run(t, f.inBubble(t), 25*time.Hour)
		streamtest.WantReasons(t, ops, stream.Unavailable, stream.Expired)
	})
}
