package hub_test

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"nagare/hub"
)

// By itself the kernel would retry for a quarter of an hour. Limits.Silent is a minute by
// default; the test sets a shorter time in order to be fast.
func TestHalfOpen_AVanishedClientIsFreedWithinAMinute(t *testing.T) {
	measuresTheKernel(t)
	t.Parallel()
	const silent = 3 * time.Second
	c := newCable(t, hub.Limits{Silent: silent, Ping: time.Second, Write: 2 * time.Second})
	c.follow()
	c.cut()
	heard := c.server.heard()
	took := c.publishUntil("freed", 3*(silent+2*time.Second), func() bool {
		return c.Stats().Connections == 0 && c.server.connections() == 0
	})
	if got := c.server.heard(); got != heard {
		t.Errorf("%d packets came through the cut, and may have told the end", got-heard)
	}
	t.Logf("freed after %v", took.Round(100*time.Millisecond))
}

func TestHalfOpen_AClientThatReturnsInTimeMissesNothing(t *testing.T) {
	measuresTheKernel(t)
	t.Parallel()
	const silent = 20 * time.Second // many times as long as the cut, because the kernel doubles the time between retransmissions
	c := newCable(t, hub.Limits{Silent: silent, Ping: time.Second})
	c.follow()
	c.cut()
	before := c.tip()
	c.publishUntil("5 further", silent/2, func() bool { return c.tip() >= before+5 })
	if got := c.got(); slices.Max(got) > before {
		t.Fatalf("the clients have got %v, of which nothing after %d could come through the cut", got, before)
	}
	c.mend()
	missed := c.tip()
	took := c.publishUntil("caught up", silent, func() bool { return slices.Min(c.got()) > missed })
	t.Logf("caught up after %v", took.Round(100*time.Millisecond))
}

// cable connects a hub and its clients, each in its own network namespace.
type cable struct {
	*world
	server, client *island
	followers      []*follower
}

// follower is a client that follows the channel on one connection.
type follower struct {
	name string
	conn net.Conn
	next func() (text string, err error)
	got  atomic.Int64 // the number of the newest event
}

func newCable(t *testing.T, limits hub.Limits) *cable {
	t.Helper()
	c := &cable{server: newIsland(t, 1), client: newIsland(t, 2)}
	c.server.ip(fmt.Sprintf("link add %s address %s type veth peer name %s address %s netns %d",
		c.server.port, c.server.hardware, c.client.port, c.client.hardware, c.client.thread))
	for _, i := range []*island{c.server, c.client} {
		i.ip("address add "+i.address+"/24 dev "+i.port, "link set "+i.port+" up")
	}
	c.mend() // before the first ARP request
	c.world = overTCP(t, hub.Options{Limits: limits})
	address := c.listen(t)
	c.dial = func() (conn net.Conn, err error) {
		c.client.inside(func() { conn, err = net.DialTimeout("tcp", address, 10*time.Second) })
		if err == nil {
			conn.(*net.TCPConn).SetLinger(0) // or the kernel would retransmit the FIN through the cut
		}
		return conn, err
	}
	return c
}

// listen serves the hub in the server's network namespace.
func (c *cable) listen(t *testing.T) (address string) {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle("/websocket", c)
	mux.HandleFunc("/events", c.Channel("streaming").ServeEvents)
	mux.HandleFunc("/lines", c.Channel("streaming").ServeLines)
	server := httptest.NewUnstartedServer(mux)
	server.Listener.Close()
	var err error
	c.server.inside(func() { server.Listener, err = net.Listen("tcp", c.server.address+":0") })
	if err != nil {
		t.Fatal(err)
	}
	server.Start()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// cut makes each side send to a wrong hardware address. So all packets are lost, and neither
// side gets an error, not even "no route to host".
func (c *cable) cut() {
	c.server.sendTo(c.client.address, "02:00:00:00:00:ff")
	c.client.sendTo(c.server.address, "02:00:00:00:00:ff")
}

func (c *cable) mend() {
	c.server.sendTo(c.client.address, c.client.hardware)
	c.client.sendTo(c.server.address, c.server.hardware)
}

// follow starts a client of each form. The clients read until the test ends. follow returns
// once all of them get events.
func (c *cable) follow() {
	c.t.Helper()
	c.followers = []*follower{c.socket(), c.stream("/events"), c.stream("/lines")}
	var reading sync.WaitGroup
	for _, f := range c.followers {
		reading.Go(func() { f.read(c.t.(*testing.T)) })
	}
	c.t.Cleanup(func() {
		for _, f := range c.followers {
			f.conn.Close()
		}
		reading.Wait()
	})
	c.publishUntil("following", 10*time.Second, func() bool { return slices.Min(c.got()) >= 3 })
}

func (c *cable) socket() *follower {
	c.t.Helper()
	s := c.join()
	s.send(subscribe)
	s.until(`"websocket_rails.subscribe"`)
	s.patience = time.Minute
	return &follower{name: "websocket", conn: s.conn, next: func() (string, error) {
		opcode, payload, err := s.read()
		if opcode == ping {
			s.frame(final|pong, payload)
		}
		return string(payload), err
	}}
}

func (c *cable) stream(path string) *follower {
	c.t.Helper()
	conn, err := c.dial()
	if err != nil {
		c.t.Fatalf("dial: %v", err)
	}
	conn.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
	r := bufio.NewReader(conn)
	for line := ""; !strings.Contains(line, `"offset":0`); {
		if line, err = r.ReadString('\n'); err != nil {
			c.t.Fatalf("%s: %v", path, err)
		}
	}
	return &follower{name: path, conn: conn, next: func() (string, error) { return r.ReadString('\n') }}
}

// read checks that the events arrive in order, each once.
func (f *follower) read(t *testing.T) {
	for text, err := f.next(); err == nil; text, err = f.next() {
		if _, number, found := strings.Cut(text, `"number `); found {
			var n int64
			fmt.Sscan(number, &n)
			if last := f.got.Swap(n); n != last+1 {
				t.Errorf("%s: got event %d after %d", f.name, n, last)
			}
		}
	}
}

// got returns the newest event of each follower.
func (c *cable) got() (numbers []int64) {
	for _, f := range c.followers {
		numbers = append(numbers, f.got.Load())
	}
	return numbers
}

func (c *cable) tip() int64 { return int64(c.Channel("streaming").Tip().Offset) }

// publishUntil publishes five times a second until the condition holds, and returns how long
// that took.
func (c *cable) publishUntil(what string, within time.Duration, is func() bool) time.Duration {
	c.t.Helper()
	begun, next := time.Now(), time.NewTicker(200*time.Millisecond)
	defer next.Stop()
	for ; !is(); <-next.C {
		if time.Since(begun) > within {
			c.t.Fatalf("not %s after %v: %+v, the system has %d connections, the clients got %d of %d",
				what, within, c.Stats(), c.server.connections(), c.got(), c.tip())
		}
		if _, err := c.Channel("streaming").Trigger(c.t.Context(), "create", fmt.Sprint("number ", c.tip()+1)); err != nil {
			c.t.Fatalf("publish: %v", err)
		}
	}
	return time.Since(begun)
}
