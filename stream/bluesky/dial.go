package bluesky

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
	"nagare/stream/internal/fetch"
)

// mostInAddress is how many authors are listed in the address of a connection. A longer list
// doesn't fit and is sent in a message.
const mostInAddress = 100

// options is the message that lists many authors. It replaces the parameters of the address.
type options struct {
	Type    string `json:"type"`
	Payload struct {
		Collections []string `json:"wantedCollections"`
		DIDs        []string `json:"wantedDids"`
		MaxSize     int      `json:"maxMessageSizeBytes"` // 0: no limit, because the server would skip larger messages silently
	} `json:"payload"`
}

// dial opens a connection to host. It resumes at the cursor from, or begins with new events if
// that is 0. The connection is closed when ctx ends.
func (b *Source) dial(ctx context.Context, host string, from int64) (*websocket.Conn, error) {
	address, err := serverURL(host)
	if err != nil {
		return nil, stream.Permanent(err)
	}
	address.RawQuery = b.query(from).Encode()
	conn, res, err := b.dialer(ctx).DialContext(ctx, address.String(), http.Header{"User-Agent": {fetch.UserAgent}})
	switch {
	case errors.Is(err, websocket.ErrBadHandshake) && res != nil && res.StatusCode != http.StatusSwitchingProtocols:
		return nil, fetch.Refusal(res, isOwnRefusal)
	case errors.Is(err, websocket.ErrBadHandshake):
		return nil, stream.WithFault(stream.FaultUnreadable, err) // the response is no WebSocket handshake
	case err != nil:
		return nil, fetch.WithoutAddress(err, nil)
	}
	if !b.needsOptions() {
		return conn, nil
	}
	if err := b.sendOptions(conn); err != nil {
		conn.Close()
		return nil, err
	}
	return conn, nil
}

// isOwnRefusal reports whether Jetstream itself sent the body of an error response: plain text
// about a wrong request, or an error of the AT protocol.
func isOwnRefusal(res *http.Response, body []byte) bool {
	plain := strings.HasPrefix(res.Header.Get("Content-Type"), "text/plain") && !bytes.HasPrefix(bytes.TrimSpace(body), []byte("<"))
	return res.StatusCode == http.StatusBadRequest && plain || isOwnError(res, body)
}

// isOwnError recognizes an error of the AT protocol.
var isOwnError = fetch.Object("error")

// serverURL is the address to connect to. Host is a name or an address. An address with a query
// or a user is refused: these may be secret, and the host is logged.
func serverURL(host string) (*url.URL, error) {
	if !strings.Contains(host, "://") {
		host = "wss://" + host
	}
	address, err := url.Parse(host)
	if err != nil || address.Scheme != "ws" && address.Scheme != "wss" || address.Host == "" || address.User != nil || address.RawQuery != "" {
		return nil, errors.New("a server is a name, or an address that begins with wss:// and has neither user nor query")
	}
	return address.JoinPath("subscribe"), nil
}

func (b *Source) query(from int64) url.Values {
	q := url.Values{"wantedCollections": {postCollection, profileCollection}}
	if from > 0 {
		q.Set("cursor", strconv.FormatInt(from, 10))
	}
	if b.needsOptions() {
		q.Set("requireHello", "true")
	} else if b.narrow() {
		q["wantedDids"] = b.DIDs
	}
	return q
}

// needsOptions reports whether the authors are sent in a message.
func (b *Source) needsOptions() bool { return len(b.DIDs) > mostInAddress }

func (b *Source) sendOptions(conn *websocket.Conn) error {
	options := options{Type: "options_update"}
	options.Payload.Collections = []string{postCollection, profileCollection}
	options.Payload.DIDs = b.DIDs
	conn.SetWriteDeadline(time.Now().Add(fetch.AnswerTimeout))
	return conn.WriteJSON(options)
}

// dialer uses the proxy, the TLS settings and the dial function of the HTTP client, if it has
// any.
func (b *Source) dialer(ctx context.Context) *websocket.Dialer {
	d := &websocket.Dialer{HandshakeTimeout: fetch.AnswerTimeout, EnableCompression: true, Proxy: http.ProxyFromEnvironment}
	open := (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	if transport := b.transport(); transport != nil {
		d.Proxy = transport.Proxy
		if transport.DialContext != nil {
			open = transport.DialContext
		}
		if transport.TLSClientConfig != nil {
			d.TLSClientConfig = transport.TLSClientConfig.Clone()
		}
	}
	d.TLSClientConfig = cmp.Or(d.TLSClientConfig, &tls.Config{})
	d.TLSClientConfig.NextProtos = []string{"http/1.1"} // the handshake is not possible over HTTP/2
	d.NetDialContext = func(dialing context.Context, network, addr string) (net.Conn, error) {
		conn, err := open(dialing, network, addr)
		if err != nil {
			return nil, err
		}
		return &endingConn{Conn: conn, stop: context.AfterFunc(ctx, func() { conn.Close() })}, nil
	}
	return d
}

// endingConn is a connection that is closed when a context ends, even during the handshake.
type endingConn struct {
	net.Conn
	stop func() bool
}

func (c *endingConn) Close() error {
	c.stop()
	return c.Conn.Close()
}

// transport is the transport of Client; nil if Client has none of that type.
func (b *Source) transport() *http.Transport {
	if b.Client == nil {
		return nil
	}
	transport, _ := b.Client.Transport.(*http.Transport)
	return transport
}
