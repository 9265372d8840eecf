package hub_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"nagare/hub"
)

// visitor makes requests from one address, each on a connection of its own.
type visitor struct {
	t      *testing.T
	url    string
	client *http.Client
}

func visitorFrom(t *testing.T, address, url string) *visitor {
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	transport := &http.Transport{DialContext: dialer.DialContext, DisableKeepAlives: true}
	t.Cleanup(transport.CloseIdleConnections)
	return &visitor{t, url, &http.Client{Transport: transport}}
}

// get requests a stream or a poll. It returns the response once the first line has arrived,
// because the hub has then counted the connection.
func (v *visitor) get(path string) *http.Response {
	v.t.Helper()
	req, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.url+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	res, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { res.Body.Close() })
	if res.StatusCode == http.StatusOK {
		body := bufio.NewReader(res.Body)
		if _, err := body.ReadString('\n'); err != nil {
			v.t.Fatal(err)
		}
		res.Body = struct {
			io.Reader
			io.Closer
		}{body, res.Body}
	}
	return res
}

// expect requests path and checks the status and the header for an address at its limit.
func (v *visitor) expect(path string, status int, limited string) *http.Response {
	v.t.Helper()
	res := v.get(path)
	if got := res.Header.Get("Nagare-Limited"); res.StatusCode != status || got != limited {
		v.t.Fatalf("%s: status %d, limited %q, want %d and %q", path, res.StatusCode, got, status, limited)
	}
	return res
}

func TestPoll_AnAddressAtItsLimitCanStillFollow(t *testing.T) {
	url, ch, _ := streams(t, hub.Options{Limits: hub.Limits{HandshakesPerClient: 1000}})
	venue, other := visitorFrom(t, "127.0.0.1", url), visitorFrom(t, "127.0.0.2", url)
	venue.expect("/lines?wait=1&last=1", http.StatusOK, "")
	first := venue.expect("/events", http.StatusOK, "")
	for range 49 {
		venue.expect("/events", http.StatusOK, "")
	}
	venue.expect("/events", http.StatusTooManyRequests, "address")
	venue.expect("/lines", http.StatusTooManyRequests, "address")

	since := ch.Tip()
	poll := venue.expect("/lines?wait=60&since="+since.String(), http.StatusOK, "address")
	if _, err := ch.Trigger(t.Context(), "create", "next"); err != nil {
		t.Fatal(err)
	}
	if text, err := io.ReadAll(poll.Body); err != nil || !strings.Contains(string(text), `"data":"next","offset":6`) {
		t.Errorf("the poll brought %q, %v", text, err)
	}
	other.expect("/events", http.StatusOK, "")
	other.expect("/lines?wait=1&last=1", http.StatusOK, "")

	first.Body.Close()
	for range 1000 { // until the hub has noticed
		if res := venue.get("/lines?wait=1&last=1"); res.Header.Get("Nagare-Limited") == "" {
			return
		}
	}
	t.Error("an address with 49 connections still counts as limited")
}

func TestPoll_TheLongPollsOfOneAddressAreBounded(t *testing.T) {
	url, ch, _ := streams(t, hub.Options{Limits: hub.Limits{PerClient: 2}})
	venue, other := visitorFrom(t, "127.0.0.1", url), visitorFrom(t, "127.0.0.2", url)
	var open []*http.Response
	for range 20 {
		open = append(open, venue.expect("/lines?wait=60", http.StatusOK, ""))
	}
	venue.expect("/lines?wait=60", http.StatusTooManyRequests, "")
	venue.expect("/events", http.StatusOK, "")
	other.expect("/lines?wait=60", http.StatusOK, "")
	if _, err := ch.Trigger(t.Context(), "create", "next"); err != nil {
		t.Fatal(err)
	}
	for _, res := range open {
		io.Copy(io.Discard, res.Body)
	}
	for range 1000 { // until the hub has noticed
		if res := venue.get("/lines?wait=1&last=1"); res.StatusCode == http.StatusOK {
			return
		}
	}
	t.Error("polls that have ended still count")
}

func TestPoll_CountsAgainstTheHubsConnectionLimit(t *testing.T) {
	url, _, _ := streams(t, hub.Options{Limits: hub.Limits{Connections: 2}})
	venue := visitorFrom(t, "127.0.0.1", url)
	venue.expect("/lines?wait=60", http.StatusOK, "")
	venue.expect("/events", http.StatusOK, "")
	venue.expect("/lines?wait=60", http.StatusServiceUnavailable, "")
}
