package stream

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
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answerOf is the error that a request to such a server ends with.
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
	client := newClient()
	defer client.CloseIdleConnections()
	client.Timeout = 10 * time.Second
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	var doc struct{ ID int }
	err = get(client, req, 100, &doc)
	if err == nil {
		t.Fatalf("%s was answered", address)
	}
	return fmt.Errorf("instance: %w", err)
}

func TestFault_OfEveryStatus(t *testing.T) {
	for status, want := range map[int]Fault{
		401: FaultRefused, 403: FaultRefused, 407: FaultRefused, 402: FaultSpent, 429: FaultLimited, 420: FaultLimited,
		404: FaultGone, 410: FaultGone, 301: FaultGone, 308: FaultGone, 408: FaultUnreachable, 502: FaultUnreachable,
		503: FaultUnreachable, 504: FaultUnreachable, 500: FaultBroken, 501: FaultBroken, 400: FaultBroken, 302: FaultBroken,
	} {
		if got := FaultOf(answerOf(t, status, "<!DOCTYPE html> 401 refused")); got != want {
			t.Errorf("%d is %s, want %s", status, got, want)
		}
	}
}

// The errors are those of real sockets and real answers.
func TestFault_OfWhatGoesWrongOnTheWay(t *testing.T) {
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
		want Fault
	}{
		"a name that is not found":   {&net.DNSError{Err: "no such host", Name: "nowhere.example", IsNotFound: true}, FaultUnreachable},
		"nobody listens":             {requested(t, "http://"+closed), FaultUnreachable},
		"an unknown certificate":     {requested(t, secure.URL), FaultUnreachable},
		"TLS to a server without it": {requested(t, "https://"+plainServer(t)), FaultUnreachable},
		"too late":                   {fmt.Errorf("stream: %w", late.Err()), FaultUnreachable},
		"the end":                    {io.ErrUnexpectedEOF, FaultUnreachable},
		"a page for people":          {answerOf(t, 200, "<!DOCTYPE html>"), FaultUnreadable},
		"another type":               {json.Unmarshal([]byte(`"x"`), &typed), FaultUnreadable},
		"too much":                   {answerOf(t, 200, strings.Repeat(" ", 101)), FaultUnreadable},
		"silence":                    {Permanent(fmt.Errorf("host: %w", errSilent)), FaultQuiet},
		"no file":                    {missing, FaultGone},
		"nothing to spend":           {fmt.Errorf("%w: 10 posts", errSpent), FaultSpent},
		"what only reads like one":   {errors.New("502 Bad Gateway: lookup x: no such host"), FaultBroken},
		"a class that is none":       {WithFault("melted", io.EOF), FaultBroken},
		"nothing":                    {nil, ""},
	} {
		if got := FaultOf(test.err); got != test.want {
			t.Errorf("%s: %v is %q, want %q", name, test.err, got, test.want)
		}
	}
}

func plainServer(t *testing.T) string {
	server := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// failing is a source that ends with one error after the other, and then comes to its end.
type failing []error

func (f *failing) Stream(context.Context, func(Op) error) error {
	if len(*f) == 0 {
		return nil
	}
	err := (*f)[0]
	*f = (*f)[1:]
	return err
}

func (*failing) Network() string { return "mastodon" }

func TestRun_TellsTheClassOfAFaultBesideItsText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &failing{&net.DNSError{Err: "no such host", Name: "nowhere.example"}, errSilent, Permanent(&statusError{code: 401, text: "bad token"})}
		var got []string
		Run(t.Context(), quiet, Buffered(Bounded(src)), func(op Op) error {
			n := op.Notice
			got = append(got, fmt.Sprintf("%s %s %s: %s", n.Network, n.State, n.Fault, n.Reason))
			return nil
		})
		want := []string{
			"mastodon connecting : ", "mastodon waiting unreachable: lookup nowhere.example: no such host",
			"mastodon connecting : ", "mastodon waiting quiet: silent for too long",
			"mastodon connecting : ", "mastodon stopped refused: 401 Unauthorized: bad token",
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}

func TestReplay_SaysThatItsFileIsGoneOrUnreadable(t *testing.T) {
	for name, test := range map[string]struct {
		replay *Replay
		want   Fault
	}{
		"no file":              {File(t.TempDir() + "/missing.ndjson"), FaultGone},
		"no file but a folder": {File(t.TempDir()), FaultUnreadable},
		"no posts":             {replayOf("\n"), FaultUnreadable},
		"half gzip":            {replayOf("\x1f\x8b"), FaultUnreadable},
	} {
		var last Notice
		Run(t.Context(), quiet, test.replay, func(op Op) error { last = *op.Notice; return nil })
		if last.State != Stopped || last.Fault != test.want || last.Network != "replay" {
			t.Errorf("%s: ended as %+v, want %s", name, last, test.want)
		}
	}
}

// Without it, a page shows "Quiet so far" for hours and nobody knows why.
func TestReplay_SaysWhenTheNextPostIsDue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		later := created("B")
		later.At = recorded.Add(5 * time.Hour)
		began := time.Now()
		var got []string
		r := replayOf(recordOf(created("A")) + recordOf(later))
		if err := Run(t.Context(), quiet, r, func(op Op) error {
			line := fmt.Sprint(time.Since(began), " ", op.Kind, " ", op.ID)
			if n := op.Notice; n != nil {
				line = fmt.Sprint(time.Since(began), " ", n.State, " ", n.Fault)
				if !n.Retry.IsZero() {
					line += " until " + n.Retry.Sub(began).String()
				}
			}
			got = append(got, line)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		want := []string{"0s connecting ", "0s live ", "0s create A", "0s waiting  until 5h0m0s", "5h0m0s live ", "5h0m0s create B", "5h0m0s finished "}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}
