package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
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
)

var (
	rounds    = flag.Int("rounds", 1, "how often the reader of the sources is paused and killed")
	crowdSize = flag.Int("viewers", 30, "how many viewers move between nodes or come back after a restart")
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
	defer func() {
		stop()
		viewers.Wait()
		t.Logf("%d viewers received %d events at %d positions, and %d notices of missing events", *crowdSize, c.received, len(c.contents), c.resets)
	}()
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
}
