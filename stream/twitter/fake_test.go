package twitter

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// fakeTwitter is a gateway that has the API v1.1.
type fakeTwitter struct {
	stream func(n int, w http.ResponseWriter, r *http.Request) // serves the n-th connection, from 1; set before use

	// Guarded by mu.

	mu     sync.Mutex
	opened []time.Time // the time of each connection
	forms  []string    // the method, path and parameters of each connection
}

func (f *fakeTwitter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	f.mu.Lock()
	f.opened = append(f.opened, time.Now())
	f.forms = append(f.forms, r.Method+" "+r.URL.Path+"?"+r.Form.Encode())
	n := len(f.opened)
	f.mu.Unlock()
	f.stream(n, w, r)
}

// waits returns the times between the connections.
func (f *fakeTwitter) waits() (out []time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := 1; i < len(f.opened); i++ {
		out = append(out, f.opened[i].Sub(f.opened[i-1]))
	}
	return out
}

// requests returns the method, path and parameters of each connection.
func (f *fakeTwitter) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.forms...)
}

// The keys contain characters that a server may escape.
const (
	madeUpKey    = "canary/consumer+key=="
	madeUpSecret = "canary/consumer+secret=="
	madeUpToken  = "7-canary/access+token=="
	madeUpProof  = "canary/access+secret=="
)

func source(base string, client *http.Client) *Source {
	return &Source{
		ConsumerKey: madeUpKey, ConsumerSecret: madeUpSecret, AccessToken: madeUpToken, AccessSecret: madeUpProof,
		Base: base, Track: []string{"ferry", "river boat"}, Client: client, Log: streamtest.Quiet,
	}
}

// overTCP returns a source that reads from the fake over a real socket.
func (f *fakeTwitter) overTCP(t *testing.T) *Source {
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return source(server.URL, server.Client())
}

// inBubble returns a source that reads from the fake over pipes, for tests with virtual time.
// The first dials are refused; failing is their number.
func (f *fakeTwitter) inBubble(t *testing.T, failing int) *Source {
	network := streamtest.NewPipes()
	server := &http.Server{Handler: f, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go server.Serve(network)
	transport := &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		if failing--; failing >= 0 {
			f.mu.Lock()
			defer f.mu.Unlock()
			f.opened = append(f.opened, time.Now())
			return nil, &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}
		}
		return network.Dial(ctx, "", "")
	}}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return source("http://gateway.test", &http.Client{Transport: transport})
}

// run runs a source for the time long, and returns the ops that it emitted.
func run(t *testing.T, src *Source, long time.Duration) (ops []stream.Op, err error) {
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	err = stream.Run(ctx, src.log(), src, func(op stream.Op) error {
		ops = append(ops, op)
		return nil
	})
	return ops, err
}

// streamed returns the ops of one connection, until last returns true for an op.
func streamed(t *testing.T, src *Source, last func(stream.Op) bool) (ops []stream.Op) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := src.Stream(ctx, func(op stream.Op) error {
		if ops = append(ops, op); last(op) {
			cancel()
		}
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the last op was not emitted: %v", err)
	}
	return ops
}

func postIs(id string) func(stream.Op) bool {
	return func(op stream.Op) bool { return op.Kind == stream.Create && op.ID == "twitter:"+id }
}

// summary lists the kinds, ids and texts of the ops about posts.
func summary(ops []stream.Op) (out []string) {
	for _, op := range ops {
		switch {
		case op.Post != nil:
			out = append(out, fmt.Sprintf("%s %s %s", op.Kind, op.ID, stream.PlainText(op.Post.Text)))
		case op.ID != "":
			out = append(out, fmt.Sprintf("%s %s", op.Kind, op.ID))
		}
	}
	return out
}

// postJSON is a post as the stream sends it.
func postJSON(id, text string) string {
	return fmt.Sprintf(`{"created_at":"Sat Nov 21 10:00:00 +0000 2026","id":%s,"id_str":%q,"text":%q,"retweet_count":0,"lang":"en",`+
		`"timestamp_ms":"1795255200123","user":{"id":7,"id_str":"7","screen_name":"mio_h","name":"Mio","profile_image_url_https":"https://pbs.example/mio_normal.jpg"},`+
		`"entities":{"hashtags":[],"urls":[],"user_mentions":[],"symbols":[]}}`, id, id, text)
}

// send writes messages, each with the line end of the stream.
func send(w http.ResponseWriter, lines ...string) {
	for _, line := range lines {
		io.WriteString(w, line+"\r\n")
	}
	w.(http.Flusher).Flush()
}
