package web

import (
	"fmt"
	"testing"

	"nagare/stream"
)

func TestEmojified_ReplacesOnlyCompleteCodesOfKnownEmoji(t *testing.T) {
	emoji := []stream.CustomEmoji{{Code: "seal", Src: "https://example.org/seal.png"}, {Code: "bad", Src: "http://example.org/"}}
	for text, want := range map[string]string{
		"":                     "",
		"plain":                "[plain]",
		":seal:":               "(:seal:)",
		"a :seal: b":           "[a ](:seal:)[ b]",
		":seal::seal:":         "(:seal:)(:seal:)",
		"::seal:":              "[:](:seal:)",
		":seal :seals: :Seal:": "[:seal :seals: :Seal:]",
		":bad: 12:30:45":       "[:bad: 12:30:45]",
		":":                    "[:]",
	} {
		got := ""
		for _, s := range emojified(text, emoji) {
			if s.Kind == string(stream.Emoji) {
				got += "(" + s.Text + ")"
			} else {
				got += "[" + s.Text + "]"
			}
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestPoll_SharesArePercentagesOfVotersOrElseOfVotes(t *testing.T) {
	votes := func(n int) *int { return &n }
	for _, test := range []struct {
		votes  []*int
		voters int
		want   string
	}{
		{[]*int{votes(1), votes(2)}, 0, "[33 67]"},
		{[]*int{votes(0), votes(0)}, 0, "[0 0]"},
		{[]*int{votes(5), nil}, 0, "[100 -1]"},
		{[]*int{votes(-5), votes(5)}, 0, "[0 100]"},
		{[]*int{votes(8), votes(7)}, 10, "[80 70]"},
		{[]*int{votes(8), votes(7)}, 2, "[100 88]"},
	} {
		poll := &stream.Poll{Voters: test.voters}
		for _, v := range test.votes {
			poll.Options = append(poll.Options, stream.PollOption{Title: "x", Votes: v})
		}
		var shares []int
		for _, o := range toPoll(poll, nil).Options {
			shares = append(shares, o.Share)
		}
		if got := fmt.Sprint(shares); got != test.want {
			t.Errorf("got %s, want %s", got, test.want)
		}
	}
	if toPoll(&stream.Poll{}, nil) != nil {
		t.Error("a poll without answers is shown")
	}
}

func TestFiles_LinkToMediaWithoutAPicture(t *testing.T) {
	files := toFiles([]stream.Media{
		{Kind: "image", Preview: "https://example.org/a.png", URL: "https://example.org/a"},
		{Kind: "audio", URL: "https://example.org/a.mp3"},
		{Kind: "unknown", URL: "javascript:alert(1)"},
	})
	if len(files) != 1 || files[0].Kind != "audio" {
		t.Errorf("got %v, want the sound alone", files)
	}
}

func TestPreview_NeedsATitleAndAnAddress(t *testing.T) {
	for _, card := range []*stream.LinkPreview{nil, {}, {Title: "x"}, {URL: "https://example.org/"}, {URL: "ftp://example.org/", Title: "x"}} {
		if got := toPreview(card, nil); got != nil {
			t.Errorf("%v: got %v, want none", card, got)
		}
	}
	if got := toPreview(&stream.LinkPreview{URL: "https://www.example.org/a", Title: "x"}, nil); got == nil || got.Host != "example.org" {
		t.Errorf("got %v, want one of example.org", got)
	}
}

func TestPreview_ShowsTheHostOfTheRedirectTarget(t *testing.T) {
	card := &stream.LinkPreview{URL: "https://short.example/a", Title: "x"}
	for _, test := range []struct{ href, title, want string }{
		{"https://short.example/a", "https://www.example.org/long", "example.org"},
		{"https://short.example/a", "", "short.example"},
		{"https://short.example/a", "javascript:alert(1)", "short.example"},
		{"https://short.example/b", "https://example.org/", "short.example"},
	} {
		text := []stream.Segment{{Kind: stream.Link, Text: "x", Href: test.href, Title: test.title}}
		if got := toPreview(card, text); got.Host != test.want || got.URL != card.URL {
			t.Errorf("%s, %q: got %s at %s, want %s", test.href, test.title, got.Host, got.URL, test.want)
		}
	}
}
