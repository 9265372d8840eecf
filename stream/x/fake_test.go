package x

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

	"nagare/stream"
	"nagare/stream/streamtest"
)

const token = "AAAA-made-up-token"

// fakeX is X as its documents describe it, with one app.
type fakeServer struct {
	stream func(n int, w http.ResponseWriter, r *http.Request) // the n-th connection, from 1; nil: silent but alive
	lookup func(ids []string) string                           // answers GET /2/tweets
	refuse func(value string) string                           // the error for a rule; "" if it is taken

	mu     sync.Mutex
	rules  []rule
	next   int
	asked  []string    // method, path and query of each request
	opened []time.Time // when each connection was
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked = append(f.asked, r.Method+" "+r.URL.String())
	f.mu.Unlock()
	switch {
	case r.Header.Get("Authorization") != "Bearer "+token || !strings.HasPrefix(r.UserAgent(), "nagare/"):
		http.Error(w, `{"title":"Unauthorized","detail":"Unauthorized","type":"about:blank"}`, http.StatusUnauthorized)
	case r.URL.Path == rulesPath && r.Method == http.MethodGet:
		f.listRules(w)
	case r.URL.Path == rulesPath:
		f.changeRules(w, r)
	case r.URL.Path == streamPath:
		f.connect(w, r)
	case r.URL.Path == lookupPath && f.lookup != nil:
		io.WriteString(w, f.lookup(strings.Split(r.FormValue("ids"), ",")))
	default:
		http.NotFound(w, r)
	}
}

func (f *fakeServer) connect(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.opened = append(f.opened, time.Now())
	n, stream := len(f.opened), f.stream
	f.mu.Unlock()
	if stream != nil {
		stream(n, w, r)
	}
	keepAlive(w, r)
}

// xSend writes lines as X ends them.
func send(w http.ResponseWriter, lines ...string) {
	for _, line := range lines {
		io.WriteString(w, line+"\r\n")
	}
	w.(http.Flusher).Flush()
}

// xKeepAlive sends empty lines until the client has gone, or a test hangs up.
func keepAlive(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		send(w, "")
		stream.Sleep(r.Context(), 20*time.Second)
	}
}

// xAlive sends them for so long.
func alive(w http.ResponseWriter, r *http.Request, long time.Duration) {
	for end := time.Now().Add(long); time.Now().Before(end); {
		send(w, "")
		stream.Sleep(r.Context(), 20*time.Second)
	}
}

// xHangUp ends the connection.
func hangUp() { panic(http.ErrAbortHandler) }

func (f *fakeServer) listRules(w http.ResponseWriter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	json.NewEncoder(w).Encode(ruleList{Data: f.rules})
}

// changeRules answers 201 whatever it does not do, as X does.
func (f *fakeServer) changeRules(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var change ruleChange
	if err := json.NewDecoder(r.Body).Decode(&change); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var data []rule
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
		var gone []rule
		for _, rule := range f.rules {
			for _, id := range change.Delete.IDs {
				if rule.ID == id {
					gone = append(gone, rule)
				}
			}
		}
		f.rules = withoutRules(f.rules, gone)
	}
	doc, _ := json.Marshal(data)
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"data":%s,"errors":[%s],"meta":{"sent":"2026-11-23T12:00:00.000Z","summary":{"created":%d,"not_created":%d}}}`,
		doc, strings.Join(errors, ","), len(data), len(errors))
}

func (f *fakeServer) objection(rule rule) string {
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

func (f *fakeServer) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.asked...)
}

// waits are the times between the connections, in whole seconds.
func (f *fakeServer) waits() (out []time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := 1; i < len(f.opened); i++ {
		out = append(out, f.opened[i].Sub(f.opened[i-1]))
	}
	return out
}

// overTCP makes an X that reads from the fake over a real socket.
func (f *fakeServer) overTCP(t *testing.T) *Source {
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return &Source{Token: token, Rules: []string{"ferry"}, Budget: 1000, Base: server.URL, Log: streamtest.Quiet, Client: server.Client()}
}

// inBubble makes an X that reads from the fake over pipes, for tests in which the
// clock is not the real one.
func (f *fakeServer) inBubble(t *testing.T) *Source {
	network := streamtest.NewPipes()
	server := &http.Server{Handler: f, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	go server.Serve(network)
	transport := &http.Transport{DialContext: network.Dial}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		server.Close()
	})
	return &Source{Token: token, Rules: []string{"ferry"}, Budget: 1000, Base: "http://x.test", Log: streamtest.Quiet, Client: &http.Client{Transport: transport}}
}

// runX runs x for a time and returns what it has told.
func run(t *testing.T, x *Source, long time.Duration) (ops []stream.Op, err error) {
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	err = stream.Run(ctx, x.log(), x, func(op stream.Op) error {
		ops = append(ops, op)
		return nil
	})
	return ops, err
}

// xTold are the ops of a kind.
func told(ops []stream.Op, kind stream.Kind) (out []stream.Op) {
	for _, op := range ops {
		if op.Kind == kind {
			out = append(out, op)
		}
	}
	return out
}

// xLine is a post as the stream sends it.
func lineOf(id string) string {
	return fmt.Sprintf(`{"data":{"id":%q,"author_id":"7","text":"Post %s"},"includes":{"users":[%s]},"matching_rules":[{"id":"1","tag":"nagare"}]}`, id, id, mioJSON)
}
