package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

var (
	rounds    = flag.Int("rounds", 1, "how often the reader of the sources is paused and killed")
	crowdSize = flag.Int("viewers", 30, "how many viewers move between the nodes")
)

// node is a process of the program.
type node struct {
	port int
	cmd  *exec.Cmd
	log  *console
}

// startNode runs the program on a port until the test ends.
func startNode(t *testing.T, port int, environ ...string) *node {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	n := &node{port: port, cmd: exec.Command(self), log: newConsole()}
	n.cmd.Env = append(environ, asProgram+"=1", "HOST=127.0.0.1", fmt.Sprint("PORT=", port), "INGEST_TOKEN="+secret,
		"LOG_REQUESTS=off", "MAX_PER_CLIENT=10000")
	n.cmd.Stdout, n.cmd.Stderr = n.log, n.log
	if err := n.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.kill()
		if t.Failed() {
			log := n.log.String()
			t.Logf("the node at %d logged:\n%s", port, log[max(0, len(log)-4000):])
		}
	})
	<-n.log.first
	return n
}

func (n *node) kill() {
	n.cmd.Process.Kill()
	n.cmd.Wait()
}

// reads reports whether the node has the lease on the sources, as far as it knows.
func (n *node) reads() bool {
	log := n.log.String()
	return strings.LastIndex(log, "this process reads the sources now") > strings.LastIndex(log, "no longer reads the sources")
}

// readerOf waits until one of the nodes reads the sources, other than one of the others.
func readerOf(t *testing.T, nodes []*node, others ...*node) *node {
	t.Helper()
	for begun := time.Now(); time.Since(begun) < 30*time.Second; time.Sleep(20 * time.Millisecond) {
		for _, n := range nodes {
			if n.reads() && !slices.Contains(others, n) {
				return n
			}
		}
	}
	t.Fatal("no node reads the sources")
	return nil
}

// crowd are viewers that reconnect all the time, each time to any of the nodes.
type crowd struct {
	t   *testing.T
	url string

	mu       sync.Mutex
	contents map[string]string // by position
	resets   int               // announced
	received int
}

// viewer is one of them.
type viewer struct {
	crowd  *crowd
	epoch  string
	offset uint64
	ids    map[string]bool // of the posts of this epoch
}

// run follows the stream until ctx ends, and reconnects every second or so.
func (v *viewer) run(ctx context.Context) {
	for ctx.Err() == nil {
		visit, leave := context.WithTimeout(ctx, time.Duration(500+rand.N(1500))*time.Millisecond)
		v.visit(visit)
		leave()
	}
}

func (v *viewer) visit(ctx context.Context) {
	dialer := websocket.Dialer{HandshakeTimeout: time.Second}
	ws, _, err := dialer.DialContext(ctx, v.crowd.url, nil)
	if err != nil {
		select {
		case <-ctx.Done():
		case <-time.After(50 * time.Millisecond):
		}
		return
	}
	defer ws.Close()
	defer context.AfterFunc(ctx, func() { ws.Close() })()
	since := ""
	if v.epoch != "" {
		since = fmt.Sprintf(`,"since":%d,"epoch":%q`, v.offset, v.epoch)
	}
	ws.WriteMessage(websocket.TextMessage, []byte(`["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming"`+since+`}}]`))
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return
		}
		v.receive(text)
	}
}

// frame is an event as the wire has it.
type frame struct {
	Data    json.RawMessage
	Success *bool
	Epoch   string
	Offset  uint64
}

func (v *viewer) receive(text []byte) {
	var events [1][2]json.RawMessage
	var name string
	var f frame
	if err := errors.Join(json.Unmarshal(text, &events), json.Unmarshal(events[0][0], &name), json.Unmarshal(events[0][1], &f)); err != nil {
		v.crowd.t.Errorf("%v in %s", err, text)
		return
	}
	switch {
	case name == "websocket_rails.subscribe":
		var reply struct {
			Epoch     string
			Offset    uint64
			Recovered *bool
		}
		if err := json.Unmarshal(f.Data, &reply); err != nil || f.Success == nil || !*f.Success {
			v.crowd.t.Errorf("the subscription got %s", text)
		}
		v.moveTo(reply.Epoch, reply.Offset, reply.Recovered != nil && !*reply.Recovered)
	case name == "stream.gap" || name == "stream.reset":
		v.moveTo(f.Epoch, f.Offset, true)
	case f.Epoch != "":
		v.event(name, f)
	}
}

// moveTo notes the position from which the viewer goes on, and whether the node has announced that
// events are missing.
func (v *viewer) moveTo(epoch string, offset uint64, announced bool) {
	if v.epoch != "" && !announced && (epoch != v.epoch || offset != v.offset) {
		v.crowd.t.Errorf("a viewer at %s:%d was moved to %s:%d without notice", v.epoch, v.offset, epoch, offset)
	}
	if epoch != v.epoch {
		v.ids = map[string]bool{}
	}
	if v.epoch, v.offset = epoch, offset; announced {
		v.crowd.mu.Lock()
		defer v.crowd.mu.Unlock()
		v.crowd.resets++
	}
}

func (v *viewer) event(name string, f frame) {
	if f.Epoch != v.epoch || f.Offset != v.offset+1 {
		v.crowd.t.Errorf("a viewer at %s:%d got %s:%d", v.epoch, v.offset, f.Epoch, f.Offset)
	}
	v.offset = f.Offset
	var post struct{ ID string }
	if json.Unmarshal(f.Data, &post); name == "create" {
		if v.ids[post.ID] {
			v.crowd.t.Errorf("%s is created twice, again at %s:%d", post.ID, f.Epoch, f.Offset)
		}
		v.ids[post.ID] = true
	}
	v.crowd.note(fmt.Sprint(f.Epoch, ":", f.Offset), name+" "+post.ID)
}

// note fails the test if another viewer got another event at the position.
func (c *crowd) note(position, content string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.received++
	if before, known := c.contents[position]; known && before != content {
		c.t.Errorf("%s has two contents: %s and %s", position, before, content)
	}
	c.contents[position] = content
}

// has reports whether a viewer got an event with that content.
func (c *crowd) has(content string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, got := range c.contents {
		if got == content {
			return true
		}
	}
	return false
}

// startBalancer runs nginx in front of the ports, and returns the address of the stream.
func startBalancer(t *testing.T, ports []int) string {
	t.Helper()
	nginx, err := exec.LookPath("nginx")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("CI needs nginx")
		}
		t.Skip("needs nginx, which is not installed")
	}
	front, dir, servers := freePort(t), t.TempDir(), ""
	for _, port := range ports {
		servers += fmt.Sprintf("server 127.0.0.1:%d max_fails=0;", port)
	}
	config := fmt.Sprintf(`daemon off; pid nginx.pid; worker_processes 1; events { worker_connections 4000; } http { access_log off;
client_body_temp_path b; proxy_temp_path p; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
upstream nodes { random; %s }
server { listen 127.0.0.1:%d; location / { proxy_pass http://nodes; proxy_http_version 1.1; proxy_connect_timeout 1s; proxy_read_timeout 60s;
proxy_set_header Host $http_host; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; } } }`, servers, front)
	if err := os.WriteFile(filepath.Join(dir, "nginx.conf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(nginx, "-p", dir, "-c", "nginx.conf", "-e", "stderr")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cmd.Process.Signal(syscall.SIGTERM)
		cmd.Wait()
	})
	for begun := time.Now(); ; time.Sleep(5 * time.Millisecond) {
		if conn, err := net.Dial("tcp", fmt.Sprint("127.0.0.1:", front)); err == nil {
			conn.Close()
			return fmt.Sprintf("ws://127.0.0.1:%d/websocket", front)
		}
		if time.Since(begun) > 20*time.Second {
			t.Fatal("nginx doesn't answer")
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	_, port, _ := net.SplitHostPort(freeAddress(t))
	n, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// recordingOf writes a recording of different posts, fifty a second, and returns the file's name.
func recordingOf(t *testing.T, name string, posts int) string {
	t.Helper()
	file, err := os.Create(filepath.Join(t.TempDir(), "posts.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	w := bufio.NewWriter(file)
	defer w.Flush()
	begun := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for i := range posts {
		at := begun.Add(time.Duration(i) * time.Second / 50).Format(time.RFC3339Nano)
		fmt.Fprintf(w, `{"op":"create","at":%q,"id":"replay:%s%d","tweet":{"id":"replay:%[2]s%[3]d","source":"replay","created_at":%[1]q,`+
			`"author":{"handle":"mio"},"text":[{"text":"post %[3]d"}]}}`+"\n", at, name, i)
	}
	return file.Name()
}

// Three processes with one Redis are behind nginx. The process that reads the sources is paused for longer
// than its lease lives, then the next one is killed, then Redis is flushed. Viewers move between the
// processes all the time. No position has two contents, no post is created twice in an epoch, and no
// viewer misses an event without being told. With -rounds, all of this happens more often.
func TestNodes_PausesKillsAndAFlushLoseAndDoubleNothingUnannounced(t *testing.T) {
	if testing.Short() {
		t.Skip("a lease takes ten seconds to expire")
	}
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	redis := startRedis(t)
	ports := []int{freePort(t), freePort(t), freePort(t)}
	var nodes []*node
	var sources []string
	for i, port := range ports {
		sources = append(sources, "SOURCE=replay:"+recordingOf(t, string(rune('a'+i)), 20_000))
		nodes = append(nodes, startNode(t, port, "STORE=redis://"+redis, sources[i]))
	}
	c := &crowd{t: t, url: startBalancer(t, ports), contents: map[string]string{}}
	ctx, stop := context.WithCancel(context.Background())
	var viewers sync.WaitGroup
	for range *crowdSize {
		viewers.Go(func() { (&viewer{crowd: c}).run(ctx) })
	}
	defer viewers.Wait()
	defer stop()
	for round := range *rounds {
		paused := readerOf(t, nodes)
		paused.cmd.Process.Signal(syscall.SIGSTOP)
		next := readerOf(t, nodes, paused)
		paused.cmd.Process.Signal(syscall.SIGCONT)
		c.post(t, ports, next, fmt.Sprint("after the pause ", round))
		next.kill()
		killed := time.Now()
		readerOf(t, nodes, next)
		if took := time.Since(killed); took > 13*time.Second {
			t.Errorf("the next process reads %v after the kill", took)
		}
		c.post(t, ports, next, fmt.Sprint("after the kill ", round))
		for i, n := range nodes {
			if n == next {
				nodes[i] = startNode(t, n.port, "STORE=redis://"+redis, sources[i])
			}
		}
		if out, err := exec.Command("redis-cli", "-p", redis[strings.LastIndex(redis, ":")+1:], "flushall").CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		time.Sleep(4 * time.Second) // the time in which all processes must have the new epoch
		c.post(t, ports, nil, fmt.Sprint("after the flush ", round))
	}
	t.Logf("%d viewers received %d events at %d positions, and %d notices of missing events", *crowdSize, c.received, len(c.contents), c.resets)
}

// post publishes a post at one of the nodes, and waits until a viewer has it.
func (c *crowd) post(t *testing.T, ports []int, dead *node, id string) {
	t.Helper()
	id = strings.ReplaceAll(id, " ", "-")
	for begun := time.Now(); !c.has("create post:" + id); time.Sleep(50 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			t.Fatalf("no viewer has the post %q", id)
		}
		port := ports[rand.N(len(ports))]
		if dead != nil && port == dead.port {
			continue
		}
		body := fmt.Sprintf(`{"tweet":{"id":%q,"text":"x","screen_name":"mio"}}`, id)
		request, _ := http.NewRequest(http.MethodPost, fmt.Sprintf("http://127.0.0.1:%d/streaming", port), strings.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+secret)
		request.Header.Set("Content-Type", "application/json")
		client := http.Client{Timeout: 2 * time.Second}
		if response, err := client.Do(request); err == nil {
			response.Body.Close()
		}
	}
}
