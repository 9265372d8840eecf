package bluesky

import (
	"bytes"
	"context"
	"errors"
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
	dialer := fetch.NewDialer(ctx, b.Client)
	dialer.EnableCompression = true
	conn, res, err := dialer.DialContext(ctx, address.String(), http.Header{"User-Agent": {fetch.UserAgent}})
	if res != nil {
		b.clock.Header(res.Header)
	}
	if err != nil {
		return nil, fetch.HandshakeError(err, res, isOwnRefusal)
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
