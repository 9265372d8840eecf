package hub_test

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"nagare/hub"
)

// measuresTheKernel marks a test whose subject is a real kernel: how it buffers, retries
// and gives up. It takes seconds of real time, so go test -short skips it.
func measuresTheKernel(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("measures a real kernel, in real time")
	}
}

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

// tester is the part of testing.TB that the helpers need. rapid.T has it too.
type tester interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
	Cleanup(func())
	Context() context.Context
}

// world is a hub that runs behind an HTTP server, and a way to reach it.
type world struct {
	*hub.Hub
	t    tester
	dial func() (net.Conn, error)
	stop context.CancelFunc // ends Run
}

// networks are the kinds of connection that the hub handles differently: plain TCP by the
// poller, all others by goroutines. TLS has its own half-close, an alert.
var networks = []struct {
	name  string
	start func(tester, hub.Options) *world
}{
	{"tcp", overTCP},
	{"pipe", overPipe},
	{"tls", overTLS},
}

// everywhere runs a test over each of the networks.
func everywhere(t *testing.T, o hub.Options, test func(*testing.T, *world)) {
	for _, network := range networks {
		t.Run(network.name, func(t *testing.T) { test(t, network.start(t, o)) })
	}
}

func overTCP(t tester, o hub.Options) *world {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	return serve(t, o, ln, func() (net.Conn, error) { return net.Dial("tcp", ln.Addr().String()) })
}

func overTLS(t tester, o hub.Options) *world {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	return secured(t, o, ln, func() (net.Conn, error) { return net.Dial("tcp", ln.Addr().String()) })
}

// secured serves TLS over a listener.
func secured(t tester, o hub.Options, ln net.Listener, dial func() (net.Conn, error)) *world {
	return serve(t, o, tls.NewListener(ln, certified()), func() (net.Conn, error) {
		c, err := dial()
		if err != nil {
			return nil, err
		}
		return tls.Client(c, &tls.Config{InsecureSkipVerify: true}), nil
	})
}

// certified makes a server's TLS configuration, with the certificate of httptest.
var certified = sync.OnceValue(func() *tls.Config {
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	return &tls.Config{Certificates: server.TLS.Certificates}
})

// overPipe makes a world over pipes, which also work in a synctest bubble. A pipe has no
// buffer: a write returns when the other side has read it.
func overPipe(t tester, o hub.Options) *world {
	ln := newPipes()
	return serve(t, o, ln, ln.dial)
}

func serve(t tester, o hub.Options, ln net.Listener, dial func() (net.Conn, error)) *world {
	o.Log = slog.New(slog.DiscardHandler)
	o.Limits.PerClient = cmp.Or(o.Limits.PerClient, 1<<20) // all clients of a test have one address
	o.Limits.HandshakesPerClient = cmp.Or(o.Limits.HandshakesPerClient, 1<<20)
	ctx, stop := context.WithCancel(context.Background())
	w := &world{hub.New(o), t, dial, stop}
	server := &http.Server{Handler: w.Hub}
	var running sync.WaitGroup
	running.Go(func() { server.Serve(ln) })
	running.Go(func() { w.Run(ctx) })
	t.Cleanup(func() {
		stop()
		server.Close()
		running.Wait()
	})
	return w
}

// pipes is a listener whose connections are made in memory.
type pipes struct {
	accept chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newPipes() *pipes { return &pipes{accept: make(chan net.Conn), closed: make(chan struct{})} }

func (p *pipes) dial() (net.Conn, error) {
	here, there := net.Pipe()
	p.accept <- there
	return here, nil
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.accept:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.UnixAddr{Name: "pipe", Net: "pipe"} }

// publish publishes n events and returns the epoch. The data of each event is its offset.
func (w *world) publish(n int) (epoch string) {
	w.t.Helper()
	ch := w.Channel("streaming")
	for range n {
		position, err := ch.Trigger(w.t.Context(), "create", ch.Tip().Offset+1)
		if err != nil {
			w.t.Fatalf("publish: %v", err)
		}
		epoch = position.Epoch
	}
	return epoch
}

const (
	greeting = `[["client_connected",{"id":null,"channel":null,"user_id":null,"data":{"connection_id":"ID"},` +
		`"success":null,"result":null,"token":null,"server_token":null}]]`
	token = `[["websocket_rails.channel_token",{"id":null,"channel":"streaming","user_id":null,"data":{"token":"TOKEN"},` +
		`"success":null,"result":null,"token":null,"server_token":null}]]`
	subscribe = `["websocket_rails.subscribe",{"id":1,"data":{"channel":"streaming"}}]`
)

// reply is the reply to an event of that name and id.
func reply(name, id, channel, data string, success bool) string {
	return fmt.Sprintf(`[["%s",{"id":%s,"channel":%s,"user_id":null,"data":%s,"success":%t,"result":null,"token":null,"server_token":null}]]`,
		name, id, channel, data, success)
}

// subscribed is the reply to a subscription to streaming with id 1.
func subscribed(data string) string {
	return reply("websocket_rails.subscribe", "1", "null", `{"channel":"streaming","epoch":"EPOCH",`+data+`}`, true)
}

// created is the nth event that publish triggers.
func created(n int) string {
	return fmt.Sprintf(`[["create",{"channel":"streaming","data":%d,"offset":%[1]d,"epoch":"EPOCH"}]]`, n)
}

// failed is a reply with the error err.
func failed(name, id, channel, err string) string {
	return reply(name, id, channel, `{"error":"`+err+`","reason":"WHY"}`, false)
}

// answered sends a request and reads the reply. Nothing else must arrive before it.
func (c *client) answered() {
	c.t.Helper()
	c.send(`["anything",{"id":"answered"}]`)
	c.expect(failed("anything", `"answered"`, "null", "unknown_event"))
}
