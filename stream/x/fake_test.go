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

// token has percent escapes, as the tokens of X have.
const token = "AAAAcanary1%2Fcanary2%2Bcanary3%3D%3D"

// fakeX is the X API as its documentation describes it. It has one app.
type fakeX struct {
	// Set before use.

	stream func(n int, w http.ResponseWriter, r *http.Request) // serves the n-th connection, from 1; nil: keep-alives only
	lookup func(ids []string) string                           // answers GET /2/tweets
	refuse func(value string) string                           // returns the error for a rule; "": the rule is accepted

	// Guarded by mu.

	mu     sync.Mutex
	rules  []rule
	next   int         // id of the newest rule
	asked  []string    // method, path and query of each request
	opened []time.Time // the time of each connection
}

func (f *fakeX) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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

func (f *fakeX) connect(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.opened = append(f.opened, time.Now())
	n, stream := len(f.opened), f.stream
	f.mu.Unlock()
	if stream != nil {
		stream(n, w, r)
	}
	keepAlive(w, r)
}

// send writes lines, each with the line end of the stream.
func send(w http.ResponseWriter, lines ...string) {
	for _, line := range lines {
		io.WriteString(w, line+"\r\n")
	}
	w.(http.Flusher).Flush()
}

// keepAlive sends empty lines until the client disconnects.
func keepAlive(w http.ResponseWriter, r *http.Request) {
	for r.Context().Err() == nil {
		send(w, "")
		stream.Sleep(r.Context(), 20*time.Second)
	}
}

// alive sends empty lines for the time long.
func alive(w http.ResponseWriter, r *http.Request, long time.Duration) {
	for end := time.Now().Add(long); time.Now().Before(end); {
		send(w, "")
		stream.Sleep(r.Context(), 20*time.Second)
	}
}

// hangUp ends a handler in such a way that the server closes the connection.
func hangUp() { panic(http.ErrAbortHandler) }

func (f *fakeX) listRules(w http.ResponseWriter) {
	f.mu.Lock()
	defer f.mu.Unlock()
	json.NewEncoder(w).Encode(ruleList{Data: f.rules})
}

// changeRules responds with 201 even if it refuses rules, as X does.
func (f *fakeX) changeRules(w http.ResponseWriter, r *http.Request) {
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

func (f *fakeX) objection(rule rule) string {
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

// waits returns the times between the connections.
func (f *fakeX) waits() (out []time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i := 1; i < len(f.opened); i++ {
		out = append(out, f.opened[i].Sub(f.opened[i-1]))
	}
	return out
}

// overTCP returns a source that reads from the fake over a real socket.
func (f *fakeX) overTCP(t *testing.T) *Source {
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return &Source{Token: token, Rules: []string{"ferry"}, Budget: 1000, Base: server.URL, Log: streamtest.Quiet, Client: server.Client()}
}

// inBubble returns a source that reads from the fake over pipes, for tests with virtual
// time.
func (f *fakeX) inBubble(t *testing.T) *Source {
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

// run runs a source for the time long, and returns the ops that it emitted.
func run(t *testing.T, x *Source, long time.Duration) (ops []stream.Op, err error) {
	ctx, cancel := context.WithTimeout(t.Context(), long)
	defer cancel()
	err = stream.Run(ctx, x.log(), x, func(op stream.Op) error {
		ops = append(ops, op)
		return nil
	})
	return ops, err
}

// lineOf is a post as the stream sends it.
func lineOf(id string) string {
	return fmt.Sprintf(`{"data":{"id":%q,"author_id":"7","text":"Post %s"},"includes":{"users":[%s]},"matching_rules":[{"id":"1","tag":"nagare"}]}`, id, id, mioJSON)
}
