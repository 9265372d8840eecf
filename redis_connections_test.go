package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/redis/go-redis/v9"

	"nagare/hub"
)

// mostRedisConnections is what one process uses at most: small plans allow about 20 for all processes.
const mostRedisConnections = 4

func TestRedis_AProcessWithModeratorsAndViewersUsesFewConnections(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	addr := startRedis(t)
	p := start(t, "SOURCE=none", "INGEST_TOKEN="+secret, "ADMIN_TOKEN="+adminSecret, "STORE=redis://"+addr)
	defer p.end()
	most := watchConnections(t, addr)
	for range 2 {
		ws := p.subscribe()
		defer ws.Close()
		p.next(ws, "websocket_rails.subscribe")
	}
	m, err := logIn(p.url)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	desk := m.follow(t)
	defer desk.Close()
	var busy sync.WaitGroup
	for _, page := range []string{"/admin", "/admin/sources", "/admin/log", "/?q=apple", "/?q=pear", "/feed.atom"} {
		busy.Go(func() {
			for range 10 {
				if _, err := m.get(page); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 10 {
		id := p.post("apple words")
		for _, do := range []string{"hide", "approve", "freeze", "resume"} {
			if _, err := m.act(do, url.Values{"id": {id}}); err != nil {
				t.Fatal(err)
			}
		}
	}
	busy.Wait()
	if n := most(); n == 0 || n > mostRedisConnections {
		t.Errorf("%d connections, want at most %d", n, mostRedisConnections)
	} else {
		t.Logf("%d connections", n)
	}
}

// The store can have a desk from the time when there were moderators.
func TestRedis_AProcessWithoutModeratorsHasConnectionsForTheDesk(t *testing.T) {
	addr := startRedis(t)
	st, err := openStore(t.Context(), config{store: storeConfig{redis: "redis://" + addr}}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	ctx, stop := context.WithCancel(t.Context())
	var following, busy sync.WaitGroup
	for _, name := range []string{channel, deskChannel} {
		followed := make(chan struct{})
		following.Go(func() {
			st.Follow(ctx, name, hub.Position{}, 1, func(hub.Position, []hub.Event) { close(followed) })
		})
		<-followed
	}
	most := watchConnections(t, addr)
	for range 8 {
		busy.Go(func() {
			for range 200 {
				if _, _, err := st.Get(moderationText); err != nil {
					t.Error(err)
				}
			}
		})
	}
	busy.Wait()
	if n := most(); n == 0 || n > mostRedisConnections {
		t.Errorf("%d connections, want at most %d", n, mostRedisConnections)
	}
	stop()
	following.Wait()
}

// watchConnections counts the connections of other clients until the returned function is called, which
// returns the highest number.
func watchConnections(t *testing.T, addr string) (most func() int) {
	t.Helper()
	client := redis.NewClient(&redis.Options{Addr: addr, PoolSize: 1, ClientName: "watcher"})
	t.Cleanup(func() { client.Close() })
	highest := 0
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for ctx.Err() == nil {
			list, _ := client.ClientList(ctx).Result()
			n := strings.Count(list, "\n") - strings.Count(list, "name=watcher")
			if n > highest {
				highest = n
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	return func() int { cancel(); <-ended; return highest }
}

// follow opens the WebSocket of the desk.
func (m *moderatorClient) follow(t *testing.T) *websocket.Conn {
	t.Helper()
	dialer := websocket.Dialer{Jar: m.http.Jar}
	ws, _, err := dialer.Dial("ws"+strings.TrimPrefix(m.url, "http")+"/admin/websocket", http.Header{"Origin": {m.url}})
	if err != nil {
		t.Fatal(err)
	}
	ask := `["websocket_rails.subscribe_private",{"id":1,"data":{"channel":"desk","last":1}}]`
	if err := ws.WriteMessage(websocket.TextMessage, []byte(ask)); err != nil {
		t.Fatal(err)
	}
	for {
		_, text, err := ws.ReadMessage()
		if err != nil || strings.Contains(string(text), `"success":false`) {
			t.Fatalf("%s %v", text, err)
		}
		if strings.Contains(string(text), `"success":true`) {
			return ws
		}
	}
}
