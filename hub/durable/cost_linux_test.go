package durable_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"nagare/hub"
	"nagare/hub/durable"
)

// The kernel tells the hub when a connection has something to read only if it is a real one.
func TestCost_AWaitingPollHasNoGoroutine(t *testing.T) {
	const n = 500
	h := hub.New(hub.Options{Log: slog.New(slog.DiscardHandler), Limits: hub.Limits{PerClient: n, HandshakesPerClient: n}})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); h.Run(ctx) }()
	server := httptest.NewServer(durable.Handler(h.Channel("streaming"), durable.Options{}))
	t.Cleanup(func() { stop(); <-ended; server.Close() })

	goroutines, before := runtime.NumGoroutine(), heap()
	conns := make([]net.Conn, n)
	for i := range conns {
		conns[i] = dial(t, server.Listener.Addr().String())
		fmt.Fprint(conns[i], "GET /?offset=now&live=long-poll HTTP/1.1\r\nHost: stream.example\r\n\r\n")
	}
	for deadline := time.Now().Add(20 * time.Second); h.Stats().Connections < n || runtime.NumGoroutine() > goroutines+5; runtime.Gosched() {
		if time.Now().After(deadline) {
			t.Fatalf("%d polls wait, with %d goroutines; there were %d", h.Stats().Connections, runtime.NumGoroutine(), goroutines)
		}
	}
	each := (heap() - before) / n
	t.Logf("%d bytes of heap for each poll", each)
	if each > 8<<10 {
		t.Errorf("%d bytes of heap for each poll, want up to 8 KiB", each)
	}
	h.Channel("streaming").Trigger(ctx, "create", 1)
	for _, conn := range conns {
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		res, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%v, %v", res, err)
		}
	}
}

func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

// heap is the size of the live heap in bytes.
func heap() int64 {
	runtime.GC()
	runtime.GC() // the first one only emptied the pools
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
