package hub_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"nagare/hub"
)

func TestServeEvents_FollowsWithTheFilterQ(t *testing.T) {
	url, ch, _ := streams(t, filtering(hub.Limits{}))
	epoch := ch.Tip().Epoch
	for _, test := range []struct{ path, want string }{
		{"/events?q=4&since=" + epoch + ":1", "retry: *\n\nid: *:1\nevent: stream.subscribed\n" +
			`data: {"channel":"streaming","epoch":"*","offset":1,"head":5,"recovered":true,"filter":"4"}` +
			"\n\nid: *:4\nevent: create\ndata: 4\n\n"},
		{"/events?q=4&last=1", "retry: *\n\nid: *:3\nevent: stream.subscribed\n" +
			`data: {"channel":"streaming","epoch":"*","offset":3,"head":5,"filter":"4"}` +
			"\n\nid: *:4\nevent: create\ndata: 4\n\n"},
		{"/lines?q=4&last=9", `{"event":"stream.subscribed","data":{"channel":"streaming","epoch":"*","offset":0,"head":5,"filter":"4"}}` + "\n" +
			`{"event":"create","channel":"streaming","data":4,"offset":4,"epoch":"*"}` + "\n"},
		{"/lines?q=&last=1", `{"event":"stream.subscribed","data":{"channel":"streaming","epoch":"*","offset":4,"head":5}}` + "\n" +
			`{"event":"create","channel":"streaming","data":5,"offset":5,"epoch":"*"}` + "\n"},
	} {
		t.Run(test.path[:10], func(t *testing.T) {
			_, read := open(t, url+test.path)
			if got := read(strings.Count(test.want, "\n")); got != test.want {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

func TestServeLines_ALongPollWithAFilterEndsWithTheFirstEventThatMatches(t *testing.T) {
	url, ch, _ := streams(t, filtering(hub.Limits{}))
	_, read := open(t, url+"/lines?wait=60&q=7")
	read(1)
	for n := 6; n <= 8; n++ {
		ch.Trigger(t.Context(), "create", n)
	}
	want := `{"event":"create","channel":"streaming","data":7,"offset":7,"epoch":"*"}` + "\nEOF"
	if got := read(9); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestServeEvents_SaysWhyAFilterIsRefused(t *testing.T) {
	for _, test := range []struct {
		options hub.Options
		query   string
		status  int
		body    string
	}{
		{filtering(hub.Limits{}), "two+words", http.StatusBadRequest, "one word only\n"},
		{hub.Options{}, "go", http.StatusBadRequest, "there are no filters here\n"},
	} {
		url, _, _ := streams(t, test.options)
		res, _ := open(t, url+"/events?q="+test.query)
		if body, _ := io.ReadAll(res.Body); res.StatusCode != test.status || string(body) != test.body {
			t.Errorf("%d %q, want %d %q", res.StatusCode, body, test.status, test.body)
		}
	}
}
