package web

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

// smuggled is a request that an attacker hides in the body of another request.
const smuggled = "GET /smuggled HTTP/1.1\nHost: example.org\nX-Ignore: "

// ambiguous are requests whose end or host two servers can interpret differently. LENGTH stands
// for the number of bytes after the first blank line.
var ambiguous = map[string]string{
	"length and chunks":            "POST /streaming HTTP/1.1\nHost: example.org\nContent-Length: LENGTH\nTransfer-Encoding: chunked\n\n0\n\n" + smuggled,
	"chunks and a short length":    "POST /streaming HTTP/1.1\nHost: example.org\nTransfer-Encoding: chunked\nContent-Length: 4\n\n39\n" + smuggled + "\n\n\n0\n\n",
	"two encodings":                "POST /streaming HTTP/1.1\nHost: example.org\nTransfer-Encoding: chunked\nTransfer-Encoding: identity\nContent-Length: 5\n\n0\n\n" + smuggled,
	"an unknown encoding":          "POST /streaming HTTP/1.1\nHost: example.org\nTransfer-Encoding: xchunked\nContent-Length: 5\n\n0\n\n" + smuggled,
	"a space before the colon":     "POST /streaming HTTP/1.1\nHost: example.org\nTransfer-Encoding : chunked\nContent-Length: 5\n\n0\n\n" + smuggled,
	"a vertical tab":               "POST /streaming HTTP/1.1\nHost: example.org\nTransfer-Encoding: \vchunked\nContent-Length: 5\n\n0\n\n" + smuggled,
	"two lengths":                  "POST /streaming HTTP/1.1\nHost: example.org\nContent-Length: 0\nContent-Length: LENGTH\n\n" + smuggled,
	"a length with a sign":         "POST /streaming HTTP/1.1\nHost: example.org\nContent-Length: +0\n\n" + smuggled,
	"a folded line":                "POST /streaming HTTP/1.1\nHost: example.org\nX-Folded: a\n Content-Length: LENGTH\n\n" + smuggled,
	"an upgrade with a body":       "GET /websocket HTTP/1.1\nHost: example.org\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\nContent-Length: LENGTH\n\n" + smuggled,
	"an upgrade of a wrong kind":   "GET /websocket HTTP/1.1\nHost: example.org\nConnection: Upgrade\nUpgrade: websocket\nSec-WebSocket-Version: 777\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n\n" + smuggled,
	"a stream with a request":      "GET /streaming/events HTTP/1.1\nHost: example.org\nContent-Length: LENGTH\n\n" + smuggled,
	"two hosts":                    "GET / HTTP/1.1\nHost: example.org\nHost: evil.example\n\n" + smuggled,
	"a line feed without a return": "POST /streaming HTTP/1.1\nHost: example.org\nX-Bare: a\vContent-Length: LENGTH\n\n" + smuggled, // the \v is replaced with \n
}

// The test sends ambiguous requests through real proxies, which reuse their connections to the
// site. Then it sends requests as another visitor, who must not receive a response to a smuggled
// request.
func TestFront_NoVisitorGetsTheAnswerToASmuggledRequest(t *testing.T) {
	for name, start := range map[string]func(*testing.T, *httptest.Server) string{"nginx": startNginx, "HAProxy": startHAProxy} {
		t.Run(name, func(t *testing.T) {
			at := start(t, newFixture(t).serveReal())
			for attack, text := range ambiguous {
				answers := answersThrough(t, at, text)
				for n := range 3 {
					response := visitor{byte(10 + n), at}.get(t, fmt.Sprintf("/version?n=%d", n))
					body, err := io.ReadAll(response.Body)
					if err != nil || response.StatusCode != 200 || !strings.Contains(string(body), `"version":"test"`) {
						t.Errorf("after %s (%d answers): %s %.80q, %v", attack, answers, response.Status, body, err)
					}
				}
			}
		})
	}
}

// answersThrough sends text through the proxy at an address, and returns the number of responses.
func answersThrough(t *testing.T, at, text string) (answers int) {
	t.Helper()
	conn, err := tls.Dial("tcp", at, &tls.Config{InsecureSkipVerify: true})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	text = strings.NewReplacer("\n", "\r\n", "a\v", "a\n").Replace(text)
	_, body, _ := strings.Cut(text, "\r\n\r\n")
	text = strings.Replace(text, "LENGTH", strconv.Itoa(len(body)), 1)
	if _, err := io.WriteString(conn, text); err != nil {
		t.Fatal(err)
	}
	conn.SetReadDeadline(time.Now().Add(500 * time.Millisecond)) // because a proxy can wait for more data
	in := bufio.NewReader(conn)
	for {
		response, err := http.ReadResponse(in, nil)
		if err != nil {
			return answers
		}
		answers++
		if _, err := io.Copy(io.Discard, response.Body); err != nil {
			return answers
		}
	}
}
