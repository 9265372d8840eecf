package x

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream/streamtest"
)

func TestX_NoLogStatusOrErrorHasTheToken(t *testing.T) {
	for _, spelling := range slices.Compact(slices.Sorted(slices.Values(streamtest.Spellings(token)))) {
		for name, play := range echoes(spelling) {
			synctest.Test(t, func(t *testing.T) { checkTokenIsHidden(t, name, spelling, play) })
		}
	}
}

// echoes are handlers of servers that repeat the token in all of their responses.
func echoes(spelling string) map[string]func(int, http.ResponseWriter, *http.Request) {
	return map[string]func(int, http.ResponseWriter, *http.Request){
		"plain refusal": func(_ int, w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "bad token Bearer "+spelling, http.StatusUnauthorized)
			hangUp()
		},
		"refusal": func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, errorWith(spelling))
			send(w)
			hangUp()
		},
		"malformed response": func(_ int, w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			io.WriteString(conn, spelling+"\r\n\r\n")
			conn.Close()
		},
		"malformed header": func(_ int, w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			io.WriteString(conn, "HTTP/1.1 200 OK\r\n"+spelling+"\r\n\r\n")
			conn.Close()
		},
		"end": func(_ int, w http.ResponseWriter, _ *http.Request) {
			send(w, `{"errors":[{"disconnect_type":"x","detail":`+inJSON(spelling)+`}]}`)
		},
		"unknown": func(_ int, w http.ResponseWriter, _ *http.Request) { send(w, errorWith(spelling), spelling) },
		"rules":   nil,
		"no host": nil,
	}
}

func errorWith(spelling string) string {
	echo := inJSON(spelling)
	return `{"title":` + echo + `,"detail":` + inJSON("Bad token "+spelling) + `,"value":` + echo + `,"type":"/invalid-rules"}`
}

func inJSON(s string) string {
	text, _ := json.Marshal(s)
	return string(text)
}

func checkTokenIsHidden(t *testing.T, name, spelling string, play func(int, http.ResponseWriter, *http.Request)) {
	var seen bytes.Buffer
	f := &fakeX{stream: play}
	x := f.inBubble(t)
	x.Log = slog.New(slog.NewJSONHandler(&seen, &slog.HandlerOptions{Level: slog.LevelDebug}))
	switch name {
	case "rules":
		f.refuse = func(string) string { return errorWith(spelling) }
	case "no host":
		x.Client = &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, errors.New("no such host " + spelling)
		}}}
	}
	ops, err := run(t, x, 20*time.Second)
	json.NewEncoder(&seen).Encode(ops)
	fmt.Fprintf(&seen, "%v %v %+v %#v", err, x.Check(t.Context()), x.Token, x.Token)
	json.NewEncoder(&seen).Encode(x.Token)
	fmt.Fprint(&seen, f.requests())
	if strings.Contains(seen.String(), "canary") {
		t.Errorf("%s with %s: the token is in\n%s", name, spelling, seen.String())
	}
	if len(ops) < 2 {
		t.Errorf("%s: only %d ops: nothing was tried", name, len(ops))
	}
}
