package twitter

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestTwitter_StopsAtOnceInEveryState(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits 300 ms of real time for each state")
	}
	flood := strings.Repeat(postJSON("1", "one")+"\r\n", 2000)
	for during, stream := range map[string]func(n int, w http.ResponseWriter, r *http.Request){
		"the wait for an answer": func(_ int, _ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"silence": func(_ int, w http.ResponseWriter, r *http.Request) {
			send(w)
			<-r.Context().Done()
		},
		"half a message": func(_ int, w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, postJSON("1", "one")[:50])
			send(w, postJSON("2", "two")[:50])
			<-r.Context().Done()
		},
		"a flood": func(_ int, w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				io.WriteString(w, flood)
			}
		},
		"a refusal that doesn't end": func(_ int, w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(401)
			send(w, "no")
			<-r.Context().Done()
		},
		"a wait": func(_ int, w http.ResponseWriter, r *http.Request) { w.WriteHeader(420) },
	} {
		t.Run(during, func(t *testing.T) {
			f := &fakeTwitter{stream: stream}
			src := f.overTCP(t)
			src.Client = nil // a source must close the connections of its own client
			stopsAtOnce(t, src)
		})
	}
	t.Run("a connect", func(t *testing.T) {
		mute, err := net.Listen("tcp", "127.0.0.1:0") // a server that never completes a TLS handshake
		if err != nil {
			t.Fatal(err)
		}
		defer mute.Close()
		stopsAtOnce(t, source("https://"+mute.Addr().String(), nil))
	})
}

// stopsAtOnce cancels a run after 300 ms, and verifies that it returns within a second and
// leaves no goroutine. The time is real, because the test is about real sockets.
func stopsAtOnce(t *testing.T, src *Source) {
	before := goleak.IgnoreCurrent()
	ctx, cancel := context.WithCancel(t.Context())
	var stopped time.Time
	time.AfterFunc(300*time.Millisecond, func() {
		stopped = time.Now()
		cancel()
	})
	if err := stream.Run(ctx, streamtest.Quiet, src, streamtest.Ignore); err != nil && !stream.IsPermanent(err) {
		t.Errorf("got %v, want nil: the end was asked for", err)
	}
	if took := time.Since(stopped); stopped.IsZero() || took > time.Second {
		t.Errorf("stopped after %v, want less than a second", took)
	}
	goleak.VerifyNone(t, before, fakeServer)
}

// fakeServer makes goleak ignore the goroutines of the fake server, which end only after the
// test.
var fakeServer = goleak.IgnoreAnyFunction("net/http.(*conn).serve")

func TestTwitter_StopsWhenEmitFailsInAFlood(t *testing.T) {
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			send(w, postJSON("1", "one"))
		}
	}}
	for _, at := range []int{1, 2, 3, 50} {
		full, n := errors.New("log full"), 0
		err := f.overTCP(t).Stream(t.Context(), func(stream.Op) error {
			if n++; n == at {
				return full
			}
			return nil
		})
		if err != full || n != at {
			t.Errorf("got %v after %d ops, want %v after %d", err, n, full, at)
		}
	}
}
