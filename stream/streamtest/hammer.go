package streamtest

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
)

// hangUps are servers that accept a connection only to close it, at different points.
var hangUps = map[string]func(t *testing.T, network *pipes){
	"accepts and closes": func(_ *testing.T, network *pipes) {
		go func() {
			for conn, err := network.Accept(); err == nil; conn, err = network.Accept() {
				conn.Close()
			}
		}()
	},
	"answers and closes": func(t *testing.T, network *pipes) {
		handler := func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		serveHangUp(t, network, handler)
	},
	"upgrades and closes": func(t *testing.T, network *pipes) {
		serveHangUp(t, network, func(w http.ResponseWriter, r *http.Request) {
			up := websocket.Upgrader{}
			if conn, err := up.Upgrade(w, r, nil); err == nil {
				conn.Close()
			}
		})
	},
}

func serveHangUp(t *testing.T, network *pipes, handler http.HandlerFunc) {
	server := &http.Server{Handler: handler, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go server.Serve(network)
	t.Cleanup(func() { server.Close() })
}

// Hammer verifies that a source connects at most ten times a minute to a server that accepts
// connections only to close them. The source must use the given client. WebSocket is true if
// the source opens one.
func Hammer(t *testing.T, source func(*http.Client) stream.Source, webSocket bool) {
	for how, serve := range hangUps {
		if how == "upgrades and closes" && !webSocket {
			continue
		}
		t.Run(how, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := NewPipes()
				serve(t, network)
				var connects []time.Time
				transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, net, addr string) (net.Conn, error) {
					connects = append(connects, time.Now())
					return network.Dial(ctx, net, addr)
				}}
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
				defer cancel()
				if err := stream.Run(ctx, Quiet, source(&http.Client{Transport: transport}), Ignore); err != nil {
					t.Fatal(err)
				}
				if most := busiestMinute(connects); most > 10 || len(connects) < 5 {
					t.Errorf("%d connects in ten minutes, %d of them in one", len(connects), most)
				}
				if how == "accepts and closes" {
					network.Close()
				}
			})
		})
	}
}

// busiestMinute returns the largest number of the times that lie within one minute.
func busiestMinute(at []time.Time) (most int) {
	for i, first := range at {
		n := 0
		for _, later := range at[i:] {
			if later.Sub(first) < time.Minute {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}
