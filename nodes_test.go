package main

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"nagare/store"
)

// startRedis runs a redis-server until the test ends, and returns its address.
func startRedis(t *testing.T, args ...string) string {
	t.Helper()
	addr, _ := startRedisProcess(t, args...)
	return addr
}

// startRedisProcess is startRedis, and also returns the process.
func startRedisProcess(t *testing.T, args ...string) (addr string, process *os.Process) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts a Redis server, and waits in real time")
	}
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI needs redis-server")
		}
		t.Skip("needs redis-server, which is not installed")
	}
	addr = freeAddress(t)
	_, port, _ := net.SplitHostPort(addr)
	cmd := exec.Command(program, append([]string{"--port", port, "--bind", "127.0.0.1", "--dir", t.TempDir(), "--save", ""}, args...)...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Kill()
		cmd.Wait()
	})
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) { // the kernel has no event for a port that opens
		if conn, err := net.Dial("tcp", addr); err == nil {
			defer conn.Close()
			conn.Write([]byte("PING\r\n"))
			if line, _ := bufio.NewReader(conn).ReadString('\n'); line != "" {
				return addr, cmd.Process
			}
		}
		if time.Since(begun) > 20*time.Second {
			t.Fatal("redis-server doesn't answer")
		}
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestNodes_WithOneRedisShowTheSamePostsAndAnswerAlike(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	settings := []string{"SOURCE=none", "INGEST_TOKEN=" + secret, "REDIS_URL=redis://" + startRedis(t)}
	a, b := start(t, settings...), start(t, settings...)
	defer b.end()
	viewers := []*websocket.Conn{a.subscribe(), b.subscribe()}
	for i, p := range []*process{a, b} {
		defer viewers[i].Close()
		p.next(viewers[i], "websocket_rails.subscribe")
	}
	status, first := a.send("POST", "/streaming", "tweet[id]=1&tweet[text]=first+words&tweet[screen_name]=mio")
	if status != http.StatusCreated {
		t.Fatalf("status %d, %v", status, first)
	}
	for i, p := range []*process{a, b} {
		if got := p.next(viewers[i], "create")["text"]; got != "first words" {
			t.Errorf("viewer %d got %v", i, got)
		}
	}
	if status, again := b.send("POST", "/streaming", "tweet[id]=1&tweet[text]=first+words&tweet[screen_name]=mio"); status != http.StatusOK || again["offset"] != first["offset"] || again["epoch"] != first["epoch"] {
		t.Errorf("the repeated post got %d %v, the first %v", status, again, first)
	}
	status, deleted := b.send("DELETE", "/streaming/post:1", "")
	if status != http.StatusOK {
		t.Fatalf("status %d, %v", status, deleted)
	}
	for i, p := range []*process{a, b} {
		p.next(viewers[i], "destroy")
		if page := p.get("/"); strings.Contains(page, "first words") {
			t.Errorf("page %d has the deleted post", i)
		}
	}
	for name, p := range map[string]*process{"the same": b, "the other": a} {
		if status, again := p.send("DELETE", "/streaming/post:1", ""); status != http.StatusOK || again["offset"] != deleted["offset"] {
			t.Errorf("the repeated deletion at %s node got %d %v, the first %v", name, status, again, deleted)
		}
		if status, again := p.send("POST", "/streaming", "tweet[id]=1&tweet[text]=once+more&tweet[screen_name]=mio"); status != http.StatusOK || again["offset"] != first["offset"] {
			t.Errorf("the post, sent again after its deletion to %s node, got %d %v", name, status, again)
		}
	}
	epoch, _ := first["epoch"].(string)
	a.end()
	moved := b.resume(epoch, 0) // a viewer of the node that has ended
	if got := b.next(moved, "websocket_rails.subscribe"); got["recovered"] != true {
		t.Errorf("a viewer that moved to the other node is told %v", got)
	}
}

// readsSources is in the log of a process from when it has the lease.
const readsSources = "this process reads the sources now"

// Of two nodes, one reads the sources. The other takes over when that node ends.
func TestNodes_OneReadsTheSourcesAndTheOtherTakesOver(t *testing.T) {
	settings := []string{"SOURCE=replay:testdata/post.ndjson", "STORE=redis://" + startRedis(t)}
	a := start(t, settings...)
	a.await(readsSources)
	b := start(t, settings...)
	never := start(t, append(settings, "INGEST=never")...)
	defer never.end()
	a.end()
	ended := time.Now()
	b.await(readsSources)
	if took := time.Since(ended); took > 2*time.Second {
		t.Errorf("it took %v", took)
	}
	b.end()
	if strings.Contains(never.console.String(), readsSources) {
		t.Error("a process with INGEST=never reads the sources")
	}
}

// The page of a process that doesn't read the sources says what is wrong with them.
func TestNodes_ShareTheStatesOfTheSources(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	store := "STORE=redis://" + startRedis(t)
	other := start(t, store, "INGEST=never", "SOURCE=none")
	defer other.end()
	viewer := other.subscribe()
	defer viewer.Close()
	other.next(viewer, "websocket_rails.subscribe")
	refused := "https://127.0.0.1:1"
	reader := start(t, store, "SOURCE=mastodon", "MASTODON_SERVER="+refused, "MASTODON_TOKEN="+secret)
	defer reader.end()
	for data := other.next(viewer, "source"); data["state"] != "waiting"; data = other.next(viewer, "source") {
	}
	for begun := time.Now(); !strings.Contains(other.get("/"), `data-source-state="waiting"`); time.Sleep(50 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("the page has no state of the source:\n%s", other.get("/"))
		}
	}
}

func TestNodes_ServePagesAndSocketsWhileRedisIsAway(t *testing.T) {
	if testing.Short() {
		t.Skip("waits in real time")
	}
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	metrics := freeAddress(t)
	p := start(t, "SOURCE=none", "INGEST_TOKEN="+secret, "STORE=redis://:s3cret@127.0.0.1:1", "METRICS_ADDR="+metrics)
	defer p.end()
	ws := p.subscribe()
	defer ws.Close()
	p.next(ws, "websocket_rails.subscribe")
	p.get("/")
	p.get("/healthz")
	if ready := p.get("/readyz"); ready != `{"reason":"the store can't be reached","status":"degraded"}`+"\n" {
		t.Errorf("/readyz says %s", ready)
	}
	p.await("the store fails")
	if status, answer := p.send("POST", "/streaming", "tweet[id]=1&tweet[text]=x&tweet[screen_name]=mio"); status != http.StatusServiceUnavailable {
		t.Errorf("a post got %d %v", status, answer)
	}
	p.url = "http://" + metrics
	if text := p.get("/metrics"); !strings.Contains(text, "nagare_reads_sources 0") || !strings.Contains(text, "nagare_store_degraded 1") {
		t.Errorf("the metrics don't say that the store is away:\n%s", text)
	}
	if strings.Contains(p.console.String(), "s3cret") {
		t.Errorf("the log has the password:\n%s", p.console)
	}
}

// await waits until the log contains a text.
func (p *process) await(text string) {
	p.t.Helper()
	for begun := time.Now(); !strings.Contains(p.console.String(), text); time.Sleep(5 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			p.t.Fatalf("the log has no %q:\n%s", text, p.console)
		}
	}
}

// away is a store that is out of reach for some time.
type away struct {
	store.Memory
	until time.Time
}

func (a *away) Health() error {
	if time.Now().Before(a.until) {
		return errors.New("out of reach")
	}
	return nil
}

func TestProgram_HoldsTheOpsOfSourcesBackWhileASharedStoreIsAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &program{store: &away{until: time.Now().Add(time.Minute)}, config: config{store: storeConfig{redis: "redis://host"}}}
		short, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		if err := p.awaitStore(short); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a wait that ends early: %v", err)
		}
		if err := p.awaitStore(t.Context()); err != nil || p.store.Health() != nil {
			t.Errorf("a wait: %v, and the store is %v", err, p.store.Health())
		}
	})
}
