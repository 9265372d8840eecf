package hub_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"nagare/hub"
)

// BenchmarkFanout publishes b.N events of about 700 bytes to 1,000 connections over loopback.
// The readers are in the same process. One op is one event, delivered to all connections.
func BenchmarkFanout(b *testing.B) {
	const viewers = 1000
	h := hub.New(hub.Options{Limits: hub.Limits{PerClient: viewers, HandshakesPerClient: viewers}})
	ctx, stop := context.WithCancel(b.Context())
	done := make(chan struct{})
	go func() { h.Run(ctx); close(done) }()
	defer func() { stop(); <-done }()
	server := httptest.NewServer(h)
	defer server.Close()
	ch := h.Channel("streaming")

	var bytes atomic.Int64
	var readers sync.WaitGroup
	for range viewers {
		c := benchDial(b, server.Listener.Addr().String())
		readers.Go(func() {
			buf := make([]byte, 32<<10)
			for {
				n, err := c.Read(buf)
				bytes.Add(int64(n))
				if err != nil {
					return
				}
			}
		})
	}
	data := map[string]string{"text": strings.Repeat("x", 640)}
	b.ResetTimer()
	start := h.Stats().Delivered
	for i := range b.N {
		ch.Trigger(ctx, "create", data)
		for h.Stats().Delivered < start+uint64(max(i-8, 0)*viewers) {
			runtime.Gosched() // at most 8 events are undelivered at a time
		}
	}
	for h.Stats().Delivered < start+uint64(b.N*viewers) {
		runtime.Gosched()
	}
	b.StopTimer()
	b.ReportMetric(float64(b.N*viewers)/b.Elapsed().Seconds(), "deliveries/s")
	stop()
	readers.Wait()
}

func benchDial(b *testing.B, addr string) net.Conn {
	b.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { c.Close() })
	fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	r := bufio.NewReader(c)
	res, err := http.ReadResponse(r, nil)
	if err != nil || res.StatusCode != http.StatusSwitchingProtocols {
		b.Fatal(res, err)
	}
	text := `["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming"}}]`
	c.Write(append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...))
	for range 3 { // hello, token, result
		head, err := r.Peek(4)
		if err != nil {
			b.Fatal(err)
		}
		length := 2 + int(head[1])
		if head[1] == 126 {
			length = 4 + int(head[2])<<8 + int(head[3])
		}
		if _, err := r.Discard(length); err != nil {
			b.Fatal(err)
		}
	}
	return c
}

// BenchmarkPublish appends events of about 700 bytes to a full log without readers.
func BenchmarkPublish(b *testing.B) {
	data := []byte(`{"text":"` + strings.Repeat("x", 640) + `"}`)
	for _, test := range []struct {
		name    string
		records int // the events belong to so many records, in turn
	}{
		{"each of a record of its own", 1 << 30},
		{"each record twice in the log", 500},
		{"one record", 1},
	} {
		b.Run(test.name, func(b *testing.B) {
			ch := hub.New(hub.Options{}).Channel("streaming")
			for i := range b.N + 1000 {
				if i == 1000 {
					b.ResetTimer()
				}
				ch.Publish(b.Context(), hub.Event{Name: "update", Key: strconv.Itoa(i % test.records), Data: data})
			}
		})
	}
}
