package stream

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// pipes are a network without a network, for tests in which the clock is not the
// real one: a dial's other end is what Accept returns next.
type pipes chan net.Conn

func (p pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	here, there := net.Pipe()
	select {
	case p <- there:
		return here, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p pipes) Accept() (net.Conn, error) {
	conn, open := <-p
	if !open {
		return nil, net.ErrClosed
	}
	return conn, nil
}

func (p pipes) Close() error {
	close(p)
	return nil
}

func (p pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipes"} }

// hangUps are servers that have nothing against us and nothing for us.
var hangUps = map[string]func(t *testing.T, network pipes){
	"accepts and closes": func(_ *testing.T, network pipes) {
		go func() {
			for conn := range network {
				conn.Close()
			}
		}()
	},
	"answers and closes": func(t *testing.T, network pipes) {
		handler := func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}
		serveHangUp(t, network, handler)
	},
	"upgrades and closes": func(t *testing.T, network pipes) {
		serveHangUp(t, network, func(w http.ResponseWriter, r *http.Request) {
			up := websocket.Upgrader{}
			if conn, err := up.Upgrade(w, r, nil); err == nil {
				conn.Close()
			}
		})
	},
}

func serveHangUp(t *testing.T, network pipes, handler http.HandlerFunc) {
	server := &http.Server{Handler: handler, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go server.Serve(network)
	t.Cleanup(func() { server.Close() })
}

func TestHammer_TenConnectsAMinuteAtMost(t *testing.T) {
	for how, serve := range hangUps {
		for _, name := range []string{"bluesky", "mastodon", "x", "twitter"} {
			if how == "upgrades and closes" && name != "bluesky" {
				continue // no other speaks WebSocket
			}
			t.Run(name+"/"+how, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					network := make(pipes)
					serve(t, network)
					var connects []time.Time
					transport := &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, net, addr string) (net.Conn, error) {
						connects = append(connects, time.Now())
						return network.dial(ctx, net, addr)
					}}
					ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
					defer cancel()
					if err := Run(ctx, quiet, madeUpSource(name, &http.Client{Transport: transport}), ignore); err != nil {
						t.Fatal(err)
					}
					if most := busiestMinute(connects); most > 10 || len(connects) < 5 {
						t.Errorf("%d connects in ten minutes, %d of them in one", len(connects), most)
					}
					if how == "accepts and closes" {
						close(network)
					}
				})
			})
		}
	}
}

// madeUpSource reads from whatever the client reaches.
func madeUpSource(name string, client *http.Client) Source {
	switch name {
	case "bluesky":
		return &Bluesky{Hosts: []string{"ws://bluesky.test"}, Profiles: "http://bluesky.test", Client: client, Log: quiet}
	case "mastodon":
		return &Mastodon{Server: "http://mastodon.test", Token: mastoToken, Client: client, Log: quiet}
	case "x":
		return &X{Token: xToken, Rules: []string{"ferry"}, Budget: 1000, Base: "http://x.test", Client: client, Log: quiet}
	}
	return madeUpTwitter("http://gateway.test", client)
}

// busiestMinute is the most that happened within any minute.
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
