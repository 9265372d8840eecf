package main

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/streamtest"
)

// takeLease ends the lease of a process, as if it had been paused, until another one has it.
func takeLease(t *testing.T, addr string, other *process) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: addr, PoolSize: 1})
	defer client.Close()
	for begun := time.Now(); !strings.Contains(other.console.String(), readsSources); time.Sleep(10 * time.Millisecond) {
		if err := client.Del(t.Context(), "{nagare}:lease").Err(); err != nil || time.Since(begun) > 20*time.Second {
			t.Fatalf("the other process doesn't read the sources: %v", err)
		}
	}
}

func TestNodes_AProcessThatLostTheLeaseStillSavesWhatModeratorsDo(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	addr := startRedis(t)
	settings := []string{"SOURCE=replay:testdata/post.ndjson", "ADMIN_TOKEN=" + adminSecret, "REDIS_URL=redis://" + addr}
	a := start(t, settings...)
	defer a.end()
	a.await(readsSources)
	b := start(t, settings...)
	defer b.end()
	takeLease(t, addr, b)
	a.await("the lease is lost")
	m, err := logIn(a.url)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	if _, err := m.act("freeze", nil); err != nil {
		t.Errorf("freeze: %v", err)
	}
	copied := loggedOut(t, a)
	for begun := time.Now(); b.admits(copied); time.Sleep(10 * time.Millisecond) { // until the other process has read the logout
		if time.Since(begun) > 5*time.Second {
			t.Fatal("the other process doesn't know of the logout")
		}
	}
}

// A process in which a post is hidden or deleted has an old version of another post, which quotes it.
func TestDesk_ADecisionOrADeletionPublishesNoOldVersionOfAnotherPost(t *testing.T) {
	st := allStores(t)["redis"]
	reader, other := newModeratedSite(t, st, moderation.After), newModeratedSite(t, st, moderation.After)
	reader.reads.Store(true)
	reader.post("B", "pear words")
	ends := map[string]func(string){
		"hidden":  func(id string) { other.act(moderation.Hide, id) },
		"deleted": func(id string) { other.pass(streamtest.Destroyed(id), stream.Destroy) },
	}
	for id := range ends {
		reader.post(id, "apple words")
		reader.pass(quoting(id, "old words"), stream.Create)
	}
	other.act(moderation.Hide, "B")
	for id, end := range ends {
		reader.pass(quoting(id, "new words"), stream.Update)
		end(id)
		records, err := st.Find(t.Context(), channel, "Q"+id)
		if err != nil || len(records) != 1 {
			t.Fatal(records, err)
		}
		if card := string(records[0].Data); !strings.Contains(card, "new words") || strings.Contains(card, "apple words") {
			t.Errorf("the post that quotes the %s one is now %s", id, card)
		}
	}
	reader.stop()
	other.stop()
}

func quoting(id, text string) stream.Op {
	op := streamtest.Edited("Q"+id, text)
	op.Post.Quote = &stream.Quote{ID: id, Post: streamtest.PostOf(id, "apple words")}
	return op
}
