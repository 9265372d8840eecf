package hub_test

import (
	"bufio"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strings"
	"time"
)

// The first byte of a frame (RFC 6455, section 5.2): the opcode and, in the last fragment of a
// message, the bit final.
const (
	final        = 0x80
	continuation = 0x0
	text         = 0x1
	binaryData   = 0x2
	closing      = 0x8
	ping         = 0x9
	pong         = 0xA
)

// client is a WebSocket client that shares no code with the hub. It reads only when a
// test asks it to, so that a test can play a client that doesn't read.
type client struct {
	w        *world
	t        tester
	conn     net.Conn
	r        *bufio.Reader
	patience time.Duration // how long a read can take before the test fails

	written chan struct{} // closed when the latest write has returned
}

// open makes a connection and does the handshake.
func (w *world) open() *client {
	w.t.Helper()
	return w.openAs("")
}

// openAs is open with a cookie.
func (w *world) openAs(cookie string) *client {
	w.t.Helper()
	conn, err := w.dial()
	if err != nil {
		w.t.Fatalf("dial: %v", err)
	}
	c := &client{w: w, t: w.t, conn: conn, r: bufio.NewReader(conn), patience: 5 * time.Second, written: make(chan struct{})}
	close(c.written)
	w.t.Cleanup(c.leave)
	c.shakeHands(cookie)
	return c
}

// join makes a connection and reads the greeting.
func (w *world) join() *client {
	w.t.Helper()
	c := w.open()
	c.expect(greeting)
	return c
}

func (c *client) shakeHands(cookie string) {
	c.t.Helper()
	key := base64.StdEncoding.EncodeToString([]byte(rand.Text()[:16]))
	c.write([]byte("GET /websocket HTTP/1.1\r\nHost: example.org\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
		"Cookie: " + cookie + "\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + key + "\r\n\r\n"))
	res, err := http.ReadResponse(c.r, nil)
	if err != nil {
		c.t.Fatalf("handshake: %v", err)
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	want := base64.StdEncoding.EncodeToString(sum[:])
	if got := res.Header.Get("Sec-WebSocket-Extensions") + res.Header.Get("Sec-WebSocket-Protocol"); got != "" {
		c.t.Fatalf("handshake: got %s, which nobody asked for", got)
	}
	if got := res.Header.Get("Sec-WebSocket-Accept"); res.StatusCode != http.StatusSwitchingProtocols || got != want {
		c.t.Fatalf("handshake: %s, accept %q, want 101 and %q", res.Status, got, want)
	}
}

// leave closes the connection without a close frame.
func (c *client) leave() {
	c.conn.Close()
	<-c.written
}

// write writes in a goroutine, once the previous write has returned, so that the test can read
// meanwhile. It ignores errors, because the test's next read then fails, too.
func (c *client) write(b []byte) {
	<-c.written
	done := make(chan struct{})
	c.written = done
	c.conn.SetWriteDeadline(time.Now().Add(c.patience))
	go func() {
		defer close(done)
		c.conn.Write(b)
	}()
}

// frame writes one frame, masked as a client's must be.
func (c *client) frame(head byte, payload []byte) {
	c.write(masked(head, payload))
}

func masked(head byte, payload []byte) []byte {
	b := []byte{head, 0x80 | byte(len(payload))}
	if len(payload) > 125 {
		b = binary.BigEndian.AppendUint16([]byte{head, 0x80 | 126}, uint16(len(payload)))
	}
	mask := []byte{0x12, 0x34, 0x56, 0x78}
	b = append(b, mask...)
	for i, p := range payload {
		b = append(b, p^mask[i%4])
	}
	return b
}

// send sends a text message of one frame.
func (c *client) send(message string) {
	c.frame(final|text, []byte(message))
}

// read reads one frame, which must be a whole message or control frame.
func (c *client) read() (opcode byte, payload []byte, err error) {
	c.conn.SetReadDeadline(time.Now().Add(c.patience))
	head := make([]byte, 2)
	if _, err := io.ReadFull(c.r, head); err != nil {
		return 0, nil, err
	}
	length := uint64(head[1])
	switch {
	case head[0]&0xF0 != final:
		return 0, nil, fmt.Errorf("frame begins with %#x: not final, or with reserved bits", head[0])
	case length > 127:
		return 0, nil, errors.New("frame is masked, which a server's must not be")
	case length == 126:
		length = uint64(c.number(2))
	case length == 127:
		length = uint64(c.number(8))
	}
	payload = make([]byte, length)
	_, err = io.ReadFull(c.r, payload)
	return head[0] & 0xF, payload, err
}

func (c *client) number(bytes int) (n int) {
	for range bytes {
		b, _ := c.r.ReadByte()
		n = n<<8 | int(b)
	}
	return n
}

// text reads a text message.
func (c *client) text() string {
	c.t.Helper()
	opcode, payload, err := c.read()
	if err != nil {
		c.t.Fatalf("read: %v", err)
	}
	if opcode != text {
		c.t.Fatalf("got a frame of opcode %d, %q, want text", opcode, payload)
	}
	return string(payload)
}

// expect reads as many text messages as are wanted, and compares them. In want, EPOCH, TOKEN,
// ID and WHY (the reason of a failure) stand for any value, as the hub chooses these.
func (c *client) expect(want ...string) {
	c.t.Helper()
	for _, want := range want {
		if got := plain(c.text()); got != want {
			c.t.Fatalf("got  %s\nwant %s", got, want)
		}
	}
}

var chosen = []struct {
	by   *regexp.Regexp
	name string
}{
	{regexp.MustCompile(`"connection_id":"[0-9a-f]{20}"`), `"connection_id":"ID"`},
	{regexp.MustCompile(`"data":{"token":"[0-9a-f]{32}"}`), `"data":{"token":"TOKEN"}`},
	{regexp.MustCompile(`"epoch":"[0-9a-z]{1,16}"`), `"epoch":"EPOCH"`},
	{regexp.MustCompile(`("error":"[a-z_]+","reason"):"(\\.|[^"\\])+"`), `$1:"WHY"`},
}

func plain(message string) string {
	for _, c := range chosen {
		message = c.by.ReplaceAllString(message, c.name)
	}
	return message
}

// expectFrame reads a frame, which must have this opcode and payload.
func (c *client) expectFrame(opcode byte, payload string) {
	c.t.Helper()
	op, got, err := c.read()
	if err != nil || op != opcode || string(got) != payload {
		c.t.Fatalf("got a frame of opcode %d, %q, %v, want %d, %q", op, got, err, opcode, payload)
	}
}

// expectClose reads a close frame with that code, and skips pings before it. It answers the
// close frame, and expects the end of the connection.
func (c *client) expectClose(code uint16) {
	c.t.Helper()
	op, payload, err := c.read()
	for err == nil && (op == ping || strings.HasPrefix(string(payload), `[["websocket_rails.ping"`)) {
		op, payload, err = c.read()
	}
	if err != nil || op != closing || len(payload) < 2 {
		c.t.Fatalf("got a frame of opcode %d, %q, %v, want a close", op, payload, err)
	}
	if got := binary.BigEndian.Uint16(payload); got != code {
		c.t.Fatalf("closed with %d %s, want %d", got, payload[2:], code)
	}
	c.frame(final|closing, payload[:2])
	c.expectEnd()
}

// expectEnd expects the end of the connection, with nothing more to read.
func (c *client) expectEnd() {
	c.t.Helper()
	op, payload, err := c.read()
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		c.t.Fatalf("got a frame of opcode %d, %q, %v, want the end", op, payload, err)
	}
}

// event is a message as the page's script sees it.
type event struct {
	name   string
	Data   json.RawMessage `json:"data"`
	Offset uint64          `json:"offset"`
	Epoch  string          `json:"epoch"`
}

// event reads a message, which holds exactly one event.
func (c *client) event() event {
	c.t.Helper()
	message := c.text()
	ev, err := parse(message)
	if err != nil {
		c.t.Fatalf("%s: %v", message, err)
	}
	return ev
}

func parse(message string) (ev event, err error) {
	var events [][]json.RawMessage
	if err := json.Unmarshal([]byte(message), &events); err != nil {
		return ev, err
	}
	if len(events) != 1 || len(events[0]) != 2 {
		return ev, errors.New("not an array of one [name, attributes]")
	}
	err = errors.Join(json.Unmarshal(events[0][0], &ev.name), json.Unmarshal(events[0][1], &ev))
	if string(ev.Data) == "null" || len(ev.Data) == 0 {
		err = errors.Join(err, errors.New("the data is null, for which the old client hands out all attributes"))
	}
	return ev, err
}

// until reads messages up to the first one that contains part, and returns that one.
func (c *client) until(part string) string {
	c.t.Helper()
	for {
		opcode, payload, err := c.read()
		if err != nil || opcode == closing {
			c.t.Fatalf("got a frame of opcode %d, %q, %v, want %s", opcode, payload, err, part)
		}
		if opcode == text && strings.Contains(string(payload), part) {
			return string(payload)
		}
	}
}
