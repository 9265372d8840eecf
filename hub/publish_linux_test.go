package hub_test

import (
	"errors"
	"net"
	"strings"
	"syscall"
	"testing"
	"time"

	"nagare/hub"
)

// busy starts a hub whose log is full. Limits that only a slow machine would reach are raised.
// The kernel buffers only 64 KiB for each connection, instead of the 2.5 MiB that are usual
// over loopback.
func busy(t *testing.T, o hub.Options) *world {
	t.Helper()
	measuresTheKernel(t)
	o.Limits.Handshakes = 1 << 20
	o.Limits.Silent = 10 * time.Minute
	config := net.ListenConfig{Control: func(_, _ string, raw syscall.RawConn) error {
		return set(raw, syscall.SO_SNDBUF, 32<<10) // the kernel doubles it; accepted sockets inherit it
	}}
	ln, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	w := serve(t, o, ln, func() (net.Conn, error) { return net.Dial("tcp", ln.Addr().String()) })
	w.post(1000)
	return w
}

// set sets an option of a socket.
func set(raw syscall.RawConn, option, value int) (err error) {
	closed := raw.Control(func(fd uintptr) {
		err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, option, value)
	})
	return errors.Join(closed, err)
}

// sized is the size of a test: some by default, -scale times as much with that flag, and at
// most all.
func sized(some, all int) int { return min(*scale*some, all) }

// post publishes n events of the usual size, each with the time at which it was published.
func (w *world) post(n int) {
	w.t.Helper()
	for range n {
		w.trigger(struct {
			At   int64  `json:"at"`
			Text string `json:"text"`
		}{time.Now().UnixNano(), strings.Repeat("x", 600)})
	}
}

// pace posts n events, one after each interval wait.
func (w *world) pace(n int, wait time.Duration) {
	w.t.Helper()
	next := time.NewTicker(wait)
	defer next.Stop()
	for range n {
		<-next.C
		w.post(1)
	}
}

// large publishes n events of the largest permitted size, 16 KiB.
func (w *world) large(n int) {
	w.t.Helper()
	for range n {
		w.trigger(strings.Repeat("w", 16<<10-2))
	}
}

func (w *world) trigger(data any) {
	w.t.Helper()
	if _, err := w.Channel("streaming").Trigger(w.t.Context(), "create", data); err != nil {
		w.t.Fatalf("publish: %v", err)
	}
}

// head is the offset of the newest event.
func (w *world) head() int { return int(w.Channel("streaming").Tip().Offset) }

// during publishes so many events, ten a second, while the crowd reads them, and returns the
// crowd's report.
func (c *crowd) during(posts int) report {
	c.w.t.Helper()
	wait := c.tell(order{Do: "read", N: c.w.head() + posts})
	c.w.pace(posts, time.Second/10)
	return wait()
}
