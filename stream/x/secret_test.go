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
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// The server repeats the token in all of its responses.
func TestX_TheTokenIsSeenNowhere(t *testing.T) {
	echo := `{"title":"` + token + `","detail":"Bad token ` + token + `","value":"` + token + `","type":"/invalid-rules"}`
	streams := map[string]func(int, http.ResponseWriter, *http.Request){
		"plain refusal": func(_ int, w http.ResponseWriter, r *http.Request) {
			http.Error(w, "bad token "+r.Header.Get("Authorization"), http.StatusUnauthorized)
			hangUp()
		},
		"refusal": func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, echo)
			send(w)
			hangUp()
		},
		"end": func(_ int, w http.ResponseWriter, _ *http.Request) {
			send(w, `{"errors":[{"disconnect_type":"x","detail":"`+token+`"}]}`)
		},
		"unknown": func(_ int, w http.ResponseWriter, _ *http.Request) { send(w, echo, token) },
		"rules":   nil,
		"no host": nil,
	}
	for name, stream := range streams {
		synctest.Test(t, func(t *testing.T) {
			var seen bytes.Buffer
			f := &fakeX{stream: stream}
			x := f.inBubble(t)
			x.Log = slog.New(slog.NewJSONHandler(&seen, &slog.HandlerOptions{Level: slog.LevelDebug}))
			switch name {
			case "rules":
				f.refuse = func(string) string { return echo }
			case "no host":
				x.Client = &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
					return nil, errors.New("no such host")
				}}}
			}
			ops, err := run(t, x, 20*time.Second)
			json.NewEncoder(&seen).Encode(ops)
			fmt.Fprintf(&seen, "%v %v %+v %#v", err, x.Check(t.Context()), x.Token, x.Token)
			json.NewEncoder(&seen).Encode(x.Token)
			fmt.Fprint(&seen, f.requests())
			if strings.Contains(seen.String(), string(x.Token)) {
				t.Errorf("%s: the token is in\n%s", name, seen.String())
			}
			if len(ops) < 2 {
				t.Errorf("%s: only %d ops: nothing was tried", name, len(ops))
			}
		})
	}
}
