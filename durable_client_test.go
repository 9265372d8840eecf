package main

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"nagare/hub"
	"nagare/store/sqlite"
	"nagare/stream"
	"nagare/stream/networks"
	"nagare/web"
)

// The client is that of the protocol's authors, unchanged. It reads in all three ways while posts
// come, the site restarts, and the site begins a new epoch, because its file is lost.
func TestDurable_TheClientReadsEachEventOnceInOrderAcrossARestartAndAnEpoch(t *testing.T) {
	if testing.Short() {
		t.Skip("runs node")
	}
	module := os.Getenv("DURABLE_STREAMS")
	node, err := exec.LookPath("node")
	if module == "" || err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("set DURABLE_STREAMS to the path of index.js of @durable-streams/client, and install node: %v", err)
		}
		t.Skip("needs node, and DURABLE_STREAMS: see .ci/run")
	}
	file := filepath.Join(t.TempDir(), "nagare.db")
	s := startLog(t, "127.0.0.1:0", file)
	s.publish(t, 1, 400)
	var readers []*logReader
	for _, way := range []string{"catch-up", "long-poll", "sse"} {
		readers = append(readers, startReader(t, way, exec.Command(node, "testdata/durable.mjs", module, "http://"+s.address+"/log/streaming", way)))
	}
	expect := func(from, to int) {
		t.Helper()
		for _, r := range readers {
			r.expect(t, s.epoch, from, to)
		}
	}
	expect(1, 400)
	s.publish(t, 401, 250)
	expect(401, 650)
	s.stop()
	s = startLog(t, s.address, file)
	s.publish(t, 651, 350)
	expect(651, 1000)

	s.stop()
	s = startLog(t, s.address, file+".new")
	s.publish(t, 1, 100)
	for _, r := range readers {
		if got := r.next(t); got != "gone" {
			t.Errorf("%s: got %q, want that it begins anew", r.way, got)
		}
	}
	expect(1, 100)
	s.stop()
}

// logSite is a site with its log in a file, at an address.
type logSite struct {
	address, epoch string
	timeline       *web.Timeline
	stop           func()
}

func startLog(t *testing.T, address, file string) *logSite {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	st, err := sqlite.Open(t.Context(), file, sqlite.Options{Log: log})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	h := hub.New(hub.Options{Ring: 2000, Store: st, Log: log})
	timeline := web.NewTimeline(h, channel, st, networks.All, log)
	server := &http.Server{Handler: web.New(web.Config{Hub: h, Timeline: timeline, Log: log})}
	ctx, cancel := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { h.Run(ctx) })
	posts := h.Channel(channel)
	if err := posts.Loaded(t.Context()); err != nil {
		t.Fatal(err)
	}
	work.Go(func() { server.Serve(listener) })
	stop := sync.OnceFunc(func() {
		cancel()
		server.Close()
		work.Wait()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return &logSite{listener.Addr().String(), posts.Tip().Epoch, timeline, stop}
}

// publish publishes n posts, whose numbers begin with first.
func (s *logSite) publish(t *testing.T, first, n int) {
	t.Helper()
	for i := range n {
		post := &stream.Post{
			ID: fmt.Sprintf("bluesky:%d", first+i), Source: "bluesky", CreatedAt: time.Now(),
			Author: stream.Author{Handle: "mio"}, Text: []stream.Segment{{Text: "The ferry is late again."}},
		}
		if err := s.timeline.Emit(t.Context(), stream.Op{Kind: stream.Create, At: post.CreatedAt, ID: post.ID, Post: post}); err != nil {
			t.Fatal(err)
		}
	}
}

// logReader is a process that follows the log.
type logReader struct {
	way   string
	lines chan string
}

func startReader(t *testing.T, way string, cmd *exec.Cmd) *logReader {
	t.Helper()
	var wrong strings.Builder
	cmd.Stderr = &wrong
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	r := &logReader{way, make(chan string, 10_000)} // more lines than there are events
	var reading sync.WaitGroup
	reading.Go(func() {
		defer close(r.lines)
		for in := bufio.NewScanner(out); in.Scan(); {
			r.lines <- in.Text()
		}
	})
	t.Cleanup(func() {
		cmd.Process.Kill()
		reading.Wait()
		cmd.Wait()
		if t.Failed() && wrong.Len() > 0 {
			t.Logf("%s: %s", way, wrong.String())
		}
	})
	return r
}

func (r *logReader) next(t *testing.T) string {
	t.Helper()
	select {
	case line, ok := <-r.lines:
		if !ok {
			t.Fatalf("%s: the client has ended", r.way)
		}
		return line
	case <-time.After(time.Minute):
		t.Fatalf("%s: nothing comes", r.way)
		return ""
	}
}

// expect reads the events of the posts with these numbers, which come next.
func (r *logReader) expect(t *testing.T, epoch string, from, to int) {
	t.Helper()
	for n := from; n <= to; n++ {
		if got, want := r.next(t), fmt.Sprintf("%s %d bluesky:%d", epoch, n, n); got != want {
			t.Fatalf("%s: got %s, want %s", r.way, got, want)
		}
	}
}
