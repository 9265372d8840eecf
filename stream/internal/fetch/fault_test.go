package fetch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"nagare/stream"
)

// answerOf returns the error of a request to a server that responds with status and body.
func answerOf(t *testing.T, status int, body string) error {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		io.WriteString(w, body)
	}))
	defer server.Close()
	return requested(t, server.URL)
}

func requested(t *testing.T, address string) error {
	t.Helper()
	client := NewClient()
	defer client.CloseIdleConnections()
	client.Timeout = 10 * time.Second
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ ID int }
	_, err = JSON(client, req, Object("error"), 100, &doc)
	if err == nil {
		t.Fatalf("%s was answered", address)
	}
	return fmt.Errorf("instance: %w", err)
}

func TestFault_DependsOnTheHTTPStatus(t *testing.T) {
	for status, want := range map[int]stream.Fault{
		401: stream.FaultRefused, 403: stream.FaultRefused, 407: stream.FaultRefused, 402: stream.FaultSpent, 429: stream.FaultLimited, 420: stream.FaultLimited,
		404: stream.FaultGone, 410: stream.FaultGone, 301: stream.FaultGone, 308: stream.FaultGone, 408: stream.FaultUnreachable, 502: stream.FaultUnreachable,
		503: stream.FaultUnreachable, 504: stream.FaultUnreachable, 500: stream.FaultBroken, 501: stream.FaultBroken, 400: stream.FaultBroken,
		302: stream.FaultUnreachable, 303: stream.FaultUnreachable, 307: stream.FaultUnreachable,
	} {
		if got := stream.FaultOf(answerOf(t, status, `{"error":"401 refused"}`)); got != want {
			t.Errorf("%d is %s, want %s", status, got, want)
		}
	}
}

// The errors come from real sockets and real responses.
func TestFault_DependsOnTheConnectionError(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := listener.Addr().String()
	listener.Close()
	late, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	<-late.Done()
	_, missing := os.Open(t.TempDir() + "/missing")
	var typed int
	for name, test := range map[string]struct {
		err  error
		want stream.Fault
	}{
		"a name that is not found":   {&net.DNSError{Err: "no such host", Name: "nowhere.example", IsNotFound: true}, stream.FaultUnreachable},
		"nobody listens":             {requested(t, "http://"+closed), stream.FaultUnreachable},
		"an unknown certificate":     {requested(t, secure.URL), stream.FaultUnreachable},
		"TLS to a server without it": {requested(t, "https://"+plainServer(t)), stream.FaultUnreachable},
		"too late":                   {fmt.Errorf("stream: %w", late.Err()), stream.FaultUnreachable},
		"the end":                    {io.ErrUnexpectedEOF, stream.FaultUnreachable},
		"a page for people":          {answerOf(t, 200, "<!DOCTYPE html>"), stream.FaultUnreadable},
		"another type":               {json.Unmarshal([]byte(`"x"`), &typed), stream.FaultUnreadable},
		"too much":                   {answerOf(t, 200, strings.Repeat(" ", 101)), stream.FaultUnreadable},
		"silence":                    {stream.Permanent(fmt.Errorf("host: %w", ErrSilent)), stream.FaultQuiet},
		"no file":                    {missing, stream.FaultGone},
		"what only reads like one":   {errors.New("502 Bad Gateway: lookup x: no such host"), stream.FaultBroken},
		"a class that is none":       {stream.WithFault("melted", io.EOF), stream.FaultBroken},
		"nothing":                    {nil, ""},
	} {
		if got := stream.FaultOf(test.err); got != test.want {
			t.Errorf("%s: %v is %q, want %q", name, test.err, got, test.want)
		}
	}
}

func plainServer(t *testing.T) string {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}
