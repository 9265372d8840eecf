package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const xToken = "AAAA-made-up-token"

// fakeX is X as its documents describe it, with one app.
type fakeX struct {
	stream func(n int, w http.ResponseWriter, r *http.Request) // the n-th connection, from 1; nil: silent but alive
	lookup func(ids []string) string                           // answers GET /2/tweets
	refuse func(value string) string                           // the error for a rule; "" if it is taken

	mu     sync.Mutex
	rules  []xRule
	next   int
	asked  []string    // method, path and query of each request
	opened []time.Time // when each connection was
}

func (f *fakeX) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.String())
	f.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != "Bearer "+xToken || !strings.HasPrefix(r.UserAgent(), "nagare/"):
		http.Error(w, `{"title":"Unauthorized","detail":"Unauthorized","type":"about:blank"}`, http.StatusUnauthorized)
	case r.URL.Path == xRulesPath && r.Method == http.MethodGet:
		f.listRules(w)
	case r.URL.Path == xRulesPath:
		f.changeRules(w, r)
	case r.URL.Path == xStreamPath:
		f.connect(w, r)
	case r.URL.Path == xLookupPath && f.lookup != nil:
		io.WriteString(w, f.lookup(strings.Split(r.FormValue("ids"), ",")))
	default:
		http.NotFound(w, r)
	}
}

func (f *fakeX) connect(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.opened = append(f.opened, time.Now())
	n, stream := len(f.opened), f.stream
	f.mu.Unlock()
	if stream != nil {
		stream(n, w, r)
	}
	xKeepAlive(w, r)
}

// xSend writes lines as X ends them.
func xSend(w http.ResponseWriter, lines ...string) {
	for _, line := range lines {
		io.WriteString(w, line+"\r\n")
	}
	w.(http.Flusher).Flush()
}

// xKeepAlive sends empty lines until the client has gone, or a test hangs up.
func xKeepAlive(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		xSend(w, "")
		sleep(r.Context(), 20*time.Second)
	}
}

// xAlive sends them for so long.
func xAlive(w http.ResponseWriter, r *http.Request, long time.Duration) {
	for end := time.Now().Add(long); time.Now().Before(end); {
		xSend(w, "")
		sleep(r.Context(), 20*time.Second)
	}
}

// xHangUp ends the connection.
func xHangUp() { panic(http.ErrAbortHandler) }

func (f *fakeX) listRules(w http.ResponseWriter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	json.NewEncoder(w).Encode(xRules{Data: f.rules})
}

// changeRules answers 201 whatever it does not do, as X does.
func (f *fakeX) changeRules(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var change xChange
	if err := json.NewDecoder(r.Body).Decode(&change); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var data []xRule
	var errors []string
	for _, rule := range change.Add {
		if problem := f.objection(rule); problem != "" {
			errors = append(errors, problem)
			continue
		}
		f.next++
		rule.ID = fmt.Sprint(f.next)
		data = append(data, rule)
	}
	if r.FormValue("dry_run") == "" {
		f.rules = append(f.rules, data...)
	}
	if change.Delete != nil {
		var gone []xRule
		for _, rule := range f.rules {
			for _, id := range change.Delete.IDs {
				if rule.ID == id {
					gone = append(gone, rule)
				}
			}
		}
		f.rules = without(f.rules, gone)
	}
	doc, _ := json.Marshal(data)
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"data":%s,"errors":[%s],"meta":{"sent":"2026-11-23T12:00:00.000Z","summary":{"created":%d,"not_created":%d}}}`,
		doc, strings.Join(errors, ","), len(data), len(errors))
}

func (f *fakeX) objection(rule xRule) string {
	for _, have := range f.rules {
		if have.Value == rule.Value {
			return fmt.Sprintf(`{"value":%q,"id":%q,"title":"DuplicateRule","type":"https://api.x.com/2/problems/duplicate-rules"}`, rule.Value, have.ID)
		}
	}
	if f.refuse == nil {
		return ""
	}
	return f.refuse(rule.Value)
}

func (f *fakeX) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

// waits are the times between the connections, in whole seconds.
func (f *fakeX) waits() (out []time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := 1; i < len(f.opened); i++ {
		out = append(out, f.opened[i].Sub(f.opened[i-1]))
	}
	return out
}

// overTCP makes an X that reads from the fake over a real socket.
func (f *fakeX) overTCP(t *testing.T) *X {
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return &X{Token: xToken, Rules: []string{"ferry"}, Budget: 1000, Base: server.URL, Log: quiet, Client: server.Client()}
}

// inBubble makes an X that reads from the fake over pipes, for tests in which the
// clock is not the real one.
func (f *fakeX) inBubble(t *testing.T) *X {
	network := make(pipes)
	server := &http.Server{Handler: f, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go server.Serve(network)
	transport := &http.Transport{DialContext: network.dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return &X{Token: xToken, Rules: []string{"ferry"}, Budget: 1000, Base: "http://x.test", Log: quiet, Client: &http.Client{Transport: transport}}
}

// runX runs x for a time and returns what it has told.
func runX(t *testing.T, x *X, long time.Duration) (ops []Op, err error) {
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	err = Run(ctx, x.log(), x, func(op Op) error {
		ops = append(ops, op)
		return nil
	})
	return ops, err
}

// xTold are the ops of a kind.
func xTold(ops []Op, kind Kind) (out []Op) {
	for _, op := range ops {
		if op.Kind == kind {
			out = append(out, op)
		}
	}
	return out
}

// xLine is a post as the stream sends it.
func xLine(id string) string {
	return fmt.Sprintf(`{"data":{"id":%q,"author_id":"7","text":"Post %s"},"includes":{"users":[%s]},"matching_rules":[{"id":"1","tag":"nagare"}]}`, id, id, xMio)
}
