package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
	"pgregory.net/rapid"

	"nagare/stream"
	"nagare/stream/bluesky"
	"nagare/stream/streamtest"
)

// blueskyServer is a Jetstream, and the service that knows the names of authors.
type blueskyServer struct {
	blueskyDialect
	messages chan any

	mu      sync.Mutex
	authors map[string]stream.Author // by DID; guarded by mu
}

func (s *blueskyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "getProfiles") {
		s.serveProfiles(w, r)
		return
	}
	conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			if _, _, err := conn.ReadMessage(); err != nil {
				return
			}
		}
	}()
	for {
		select {
		case message := <-s.messages:
			conn.WriteJSON(message)
		case <-gone:
			return
		}
	}
}

func (s *blueskyServer) serveProfiles(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	profiles := []any{}
	for _, did := range r.URL.Query()["actors"] {
		if a, known := s.authors[did]; known {
			profiles = append(profiles, object{"did": did, "handle": a.Handle + ".example", "displayName": a.Name, "avatar": a.Avatar})
		}
	}
	json.NewEncoder(w).Encode(object{"profiles": profiles})
}

// report sends an op to the client, and waits until the client has looked up the authors.
func (s *blueskyServer) report(op stream.Op) error {
	op.At = time.Now()
	s.mu.Lock()
	for _, a := range op.Authors() {
		if a.Handle != "" {
			s.authors[s.did(a.Key)] = *a
		}
	}
	s.mu.Unlock()
	var messages []any
	if op.Kind != stream.AuthorUpdate {
		messages = s.blueskyDialect.messages(op)
	}
	if op.Kind == stream.AuthorUpdate || op.Kind == stream.AuthorBack {
		messages = append(messages, object{"did": s.did(op.Author.Key), "time_us": op.At.UnixMicro(), "kind": "identity", "identity": object{}})
	}
	for _, message := range messages {
		s.messages <- message
	}
	time.Sleep(5 * time.Second)
	synctest.Wait()
	return nil
}

// On Bluesky, the names come from another service than the posts, and later. The test runs the
// source itself, in virtual time.
func TestDeletedWords_OfAuthorsThatAreLookedUpAreNowhere(t *testing.T) {
	can := blueskyDialect{}.can()
	can.kinds = append(can.kinds, stream.AuthorUpdate)
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, time.November, 2, 9, 0, 0, 0, time.UTC))) // a plausible date
		rapid.Check(struct{ rapid.TB }{t}, func(r *rapid.T) {                           // without the deadline of t, which virtual time doesn't have
			p, pipes := newPipeline(t), streamtest.NewPipes()
			defer p.end()
			s := &blueskyServer{messages: make(chan any), authors: map[string]stream.Author{}}
			server := &http.Server{Handler: s}
			go server.Serve(pipes)
			client := &http.Client{Transport: &http.Transport{DialContext: pipes.Dial, DisableKeepAlives: true}}
			src := &bluesky.Source{Hosts: []string{"ws://one.example"}, Profiles: "http://api.example", Client: client, Log: p.logger}
			ctx, stop := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- stream.Run(ctx, p.logger, stream.Queued(src, nil), p.emit) }()
			end := func() {
				stop()
				<-ended
				server.Close()
				time.Sleep(time.Minute) // so that handlers end
			}
			ending := sync.OnceFunc(end)
			defer ending()
			h := newHistory(r, can, s.report)
			h.play(p)
			ending()
			h.verify(t, p, false)
		})
	})
}
