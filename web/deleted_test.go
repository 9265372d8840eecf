package web_test

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"nagare/stream/reconcile"
	"nagare/stream/replay"
)

// tweetLine and deleteLine are messages as the stream of Twitter's API v1.1 sends them.
func tweetLine(id, text string) string {
	return fmt.Sprintf(`{"created_at":"Sat Nov 21 10:00:00 +0000 2026","id_str":%q,"text":%q,"user":{"id_str":"7","screen_name":"mio_h","name":"Mio"}}`, id, text)
}

func deleteLine(id string) string {
	return fmt.Sprintf(`{"delete":{"status":{"id_str":%q,"user_id_str":"7"}}}`, id)
}

// play replays messages of a network through a reconciler to the site.
func (s *site) play(l *reconcile.Reconciler, sent ...string) {
	s.t.Helper()
	r := &replay.Replay{Name: "test", Speed: 1e9, Decoders: networkDecoders, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(strings.Join(sent, "\r\n"))), nil
	}}
	if err := r.Stream(s.t.Context(), l.Emit); err != nil {
		s.t.Fatal(err)
	}
}

func TestTwitter_ADeletedPostIsInNoPageLogOrRecovery(t *testing.T) {
	s := newSite(t, 0)
	l := reconcile.New(s.pass, nil)
	first := []string{tweetLine("1", "secret, deleted after"), tweetLine("3", "stays")}
	s.play(l, first...)
	if page := s.body("/", nil); !strings.Contains(page, "secret") {
		t.Fatal("the post isn't on the page to begin with")
	}
	_, place := s.joined("last=100")

	s.play(l, deleteLine("1"), deleteLine("2"), tweetLine("2", "secret, deleted before"))
	s.check("after the deletes", place)
	s.play(l, append(first, tweetLine("2", "secret, again"))...)
	s.check("after all came again", place)
}

// check searches for deleted text wherever a reader could get it: in the page, in the log, and in
// the events that are sent to a new client, to a client that recovers from the position before the
// deletions, and to a client that recovers from the beginning.
func (s *site) check(when string, place string) {
	s.t.Helper()
	events, _ := s.channel.Recent(1000)
	var log strings.Builder
	for _, ev := range events {
		log.Write(ev.Data)
	}
	late, _ := s.joined("last=100")
	epoch, _, _ := strings.Cut(place, ":")
	begun, _ := s.joined("since=" + epoch + ":0")
	for where, text := range map[string]string{"page": s.body("/", nil), "log": log.String(), "late joiner": late, "whole replay": begun} {
		if strings.Contains(text, "secret") || !strings.Contains(text, "stays") {
			s.t.Errorf("%s, %s: deleted words are told: %v; the other post is: %v", when, where, strings.Contains(text, "secret"), strings.Contains(text, "stays"))
		}
	}
	back, _ := s.joined("since=" + place)
	if strings.Contains(back, "secret") || !strings.Contains(back, `"twitter:1"`) {
		s.t.Errorf("%s: who comes back isn't told of the delete, or of more: %s", when, back)
	}
}

// joined returns the events that a new client of the stream receives on connecting, and the
// position after them.
func (s *site) joined(query string) (events, place string) {
	s.t.Helper()
	events = s.body("/streaming.ndjson?wait=1&"+query, nil)
	line, _, _ := strings.Cut(events, "\n")
	var first struct {
		Data struct {
			Epoch string `json:"epoch"`
			Head  uint64 `json:"head"`
		} `json:"data"`
	}
	if err := json.Unmarshal([]byte(line), &first); err != nil {
		s.t.Fatalf("%v in %s", err, line)
	}
	return events, fmt.Sprint(first.Data.Epoch, ":", first.Data.Head)
}
