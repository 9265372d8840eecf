package fetch

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// NewDialer makes a dialer for WebSockets. It uses the proxy, the TLS settings and the dial
// function of client, if that has any; client may be nil. The connection is closed when ctx ends,
// even during the handshake.
func NewDialer(ctx context.Context, client *http.Client) *websocket.Dialer {
	d := &websocket.Dialer{HandshakeTimeout: AnswerTimeout, Proxy: http.ProxyFromEnvironment}
	open := (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext
	if transport := transportOf(client); transport != nil {
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

// transportOf is the transport of client; nil if client has none of that type.
func transportOf(client *http.Client) *http.Transport {
	if client == nil {
		return nil
	}
	transport, _ := client.Transport.(*http.Transport)
	return transport
}

// endingConn is a connection that is closed when a context ends.
type endingConn struct {
	net.Conn
	stop func() bool
}

func (c *endingConn) Close() error {
	c.stop()
	return c.Conn.Close()
}

// HandshakeError describes the error of a handshake. res is the response of the server, or nil.
// A response other than 101 is a [Refusal].
func HandshakeError(err error, res *http.Response, isOwn Shape, secrets ...stream.Secret) error {
	switch {
	case errors.Is(err, websocket.ErrBadHandshake) && res != nil && res.StatusCode != http.StatusSwitchingProtocols:
		return Refusal(res, isOwn, secrets...)
	case errors.Is(err, websocket.ErrBadHandshake):
		return stream.WithFault(stream.FaultUnreadable, err) // the response is no WebSocket handshake
	}
	return stream.RedactError(WithoutAddress(err, nil), secrets...)
}

// SocketError describes the end of a WebSocket.
func SocketError(err error) error {
	var closed *websocket.CloseError
	var late net.Error
	switch {
	case errors.As(err, &closed) && closed.Code != websocket.CloseAbnormalClosure:
		return stream.WithFault(stream.FaultUnreachable, fmt.Errorf("closed by the server: %d %s", closed.Code, text.Truncate(text.OneLine(closed.Text), 100)))
	case errors.As(err, &late) && late.Timeout():
		return ErrSilent
	case closed != nil:
		return stream.WithFault(stream.FaultUnreachable, io.ErrUnexpectedEOF)
	}
	return err
}
