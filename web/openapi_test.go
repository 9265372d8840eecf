package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/google/go-cmp/cmp"
)

// description loads docs/openapi.yaml.
func description(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("../docs/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

func everythingOpen(c *Config) { c.OpenData = func(string) bool { return true } }

func TestOpenAPI_DescribesEveryRouteAndNoOther(t *testing.T) {
	var config Config
	newFixture(t, everythingOpen, func(c *Config) { config = *c })
	var served, described []string
	for _, r := range routes(config, errorPages{}) {
		if strings.HasPrefix(r.pattern, "/admin") { // for the browsers of moderators only
			continue
		}
		path := strings.NewReplacer("{$}", "", "/static/", "/static/{file}", "...}", "}").Replace(r.pattern)
		for method := range strings.SplitSeq(r.methods, ", ") {
			if method != http.MethodHead && method != http.MethodOptions { // GET implies HEAD
				served = append(served, method+" "+path)
			}
		}
	}
	for path, item := range description(t).Paths.Map() {
		for method := range item.Operations() {
			if method != http.MethodHead {
				described = append(described, method+" "+path)
			}
		}
	}
	slices.Sort(served)
	slices.Sort(described)
	if diff := cmp.Diff(served, described); diff != "" {
		t.Errorf("routes (-) and docs/openapi.yaml (+) differ:\n%s", diff)
	}
}

// sample is a request, and the answer that it should get.
type sample struct {
	operation string // the path as docs/openapi.yaml has it, after the method
	target    string
	status    int
	body      string
	headers   []string // names and values
}

var bearerHeaders = []string{"Authorization", "Bearer " + token, "Content-Type", "application/json"}

// samples has at least one request for each operation. Most of them are about the posts replay:1, and post:a, which the
// first requests publish.
var samples = []sample{
	{"POST /streaming", "/streaming", 201, `{"tweet":{"id":"a","text":"tea","screen_name":"kei"}}`, bearerHeaders},
	{"POST /streaming", "/streaming", 200, `{"tweet":{"id":"a","text":"tea","screen_name":"kei"}}`, bearerHeaders},
	{"POST /streaming", "/streaming", 400, `{"tweet":{"id":"a","screen_name":"kei"}}`, bearerHeaders},
	{"POST /streaming", "/streaming", 401, `{}`, nil},
	{"POST /streaming", "/streaming", 415, `{}`, bearerHeaders[:2]},
	{"GET /streaming.json", "/streaming.json", 200, "", nil},
	{"GET /streaming.json", "/streaming.json?html=1&limit=2", 200, "", nil},
	{"GET /streaming.json", "/streaming.json?q=nothing-like-this", 200, "", nil},
	{"GET /streaming.json", "/streaming.json?after=gone:7", 200, "", nil},
	{"GET /streaming.json", "/streaming.json?limit=0", 400, "", nil},
	{"GET /feed.atom", "/feed.atom", 200, "", nil},
	{"GET /feed.atom", "/feed.atom?before=7", 400, "", nil},
	{"GET /feed.json", "/feed.json", 200, "", nil},
	{"GET /feed.json", "/feed.json?q=nothing-like-this", 200, "", nil},
	{"GET /feed.json", "/feed.json?before=7", 400, "", nil},
	{"GET /oembed", "/oembed?url=http://example.com/post/replay:1", 200, "", nil},
	{"GET /oembed", "/oembed?url=http://example.com/", 200, "", nil},
	{"GET /oembed", "/oembed", 400, "", nil},
	{"GET /oembed", "/oembed?url=http://example.com/nowhere", 404, "", nil},
	{"GET /oembed", "/oembed?url=http://example.com/&format=xml", 501, "", nil},
	{"GET /streaming.ndjson", "/streaming.ndjson?last=9&wait=1", 200, "", nil},
	{"GET /streaming.ndjson", "/streaming.ndjson?last=x", 400, "", nil},
	{"GET /streaming/events", "/streaming/events?last=9", 200, "", nil},
	{"GET /streaming/events", "/streaming/events?last=x", 400, "", nil},
	{"GET /websocket", "/websocket", 426, "", nil},
	{"GET /", "/", 200, "", nil},
	{"GET /", "/?lang=ja", 303, "", nil},
	{"GET /log/streaming", "/log/streaming", 200, "", nil},
	{"GET /log/streaming", "/log/streaming?offset=now", 200, "", nil},
	{"GET /log/streaming", "/log/streaming?offset=x", 400, "", nil},
	{"GET /log/streaming", "/log/streaming?offset=gone_0000000000000001", 410, "", nil},
	{"GET /", "/?q=%22", 400, "", nil},
	{"GET /tag/{tag}", "/tag/go", 200, "", nil},
	{"GET /by/{handle}", "/by/mio", 200, "", nil},
	{"GET /by/{source}/{handle}", "/by/replay/mio", 200, "", nil},
	{"GET /source/{source}", "/source/replay", 200, "", nil},
	{"GET /lang/{lang}", "/lang/en", 200, "", nil},
	{"GET /post/{id}", "/post/replay:1", 200, "", nil},
	{"GET /post/{id}", "/post/replay:5", 410, "", nil},
	{"GET /post/{id}", "/post/replay:99", 404, "", nil},
	{"GET /static/{file}", "/static/demo/nothing", 404, "", nil},
	{"GET /wall", "/wall?columns=2&lang=ja", 200, "", nil},
	{"GET /wall", "/wall?columns=9", 400, "", nil},
	{"GET /wall/{view}", "/wall/tag/go?spotlight=1&every=20&again=1&theme=dark&keep=replay:1&keep=replay:2", 200, "", nil},
	{"GET /wall/{view}", "/wall/nowhere", 404, "", nil},
	{"GET /overlay", "/overlay?fade=5&max=3&bg=000c&shadow=0&every=1", 200, "", nil},
	{"GET /overlay", "/overlay?bg=red", 400, "", nil},
	{"GET /overlay/{view}", "/overlay/tag/go", 200, "", nil},
	{"GET /embed", "/embed?chrome=noheader+nofooter&tweet-limit=20&width=300&height=400&border-color=f00&aria-polite=rude&dnt=true", 200, "", nil},
	{"GET /embed", "/embed?chrome=none", 400, "", nil},
	{"GET /embed/{view}", "/embed/by/mio", 200, "", nil},
	{"GET /embed.js", "/embed.js", 200, "", nil},
	{"GET /manifest.webmanifest", "/manifest.webmanifest", 200, "", nil},
	{"GET /robots.txt", "/robots.txt", 200, "", nil},
	{"GET /healthz", "/healthz", 200, "", nil},
	{"GET /readyz", "/readyz", 200, "", nil},
	{"GET /version", "/version", 200, "", nil},
	{"DELETE /streaming/{id}", "/streaming/post:a", 200, "", bearerHeaders[:2]},
	{"DELETE /streaming/{id}", "/streaming/post:b", 404, "", bearerHeaders[:2]},
	{"DELETE /streaming/{id}", "/streaming/post:a", 401, "", nil},
}

func TestOpenAPI_EveryAnswerIsAsDescribed(t *testing.T) {
	for kind, decode := range map[string]openapi3filter.BodyDecoder{
		"application/feed+json": openapi3filter.JSONBodyDecoder, "application/manifest+json": openapi3filter.JSONBodyDecoder,
		"application/atom+xml": openapi3filter.PlainBodyDecoder, "application/x-ndjson": openapi3filter.PlainBodyDecoder,
		"text/event-stream": openapi3filter.PlainBodyDecoder, "text/html": openapi3filter.PlainBodyDecoder,
	} {
		openapi3filter.RegisterBodyDecoder(kind, decode)
	}
	doc, f := description(t), newFixture(t, everythingOpen)
	f.emit(everyKind()...)
	server := f.serveReal()
	tried := map[string]bool{}
	for _, s := range samples {
		method, path, _ := strings.Cut(s.operation, " ")
		item := doc.Paths.Value(path)
		if item == nil || item.GetOperation(method) == nil {
			t.Errorf("%s is not described", s.operation)
			continue
		}
		tried[s.operation] = true
		request, answer, body := f.try(server, method, s)
		if answer.StatusCode != s.status {
			t.Errorf("%s %s: got %s, want %d: %s", method, s.target, answer.Status, s.status, body)
		}
		err := openapi3filter.ValidateResponse(t.Context(), (&openapi3filter.ResponseValidationInput{
			RequestValidationInput: &openapi3filter.RequestValidationInput{
				Request: request, Route: &routers.Route{Spec: doc, Path: path, PathItem: item, Method: method, Operation: item.GetOperation(method)},
			},
			Status: answer.StatusCode, Header: answer.Header, Options: &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
		}).SetBodyBytes(body))
		if err != nil {
			t.Errorf("%s %s: %v", method, s.target, err)
		}
		if strings.HasSuffix(path, ".ndjson") && s.status == http.StatusOK {
			checkLines(t, doc, body)
		}
	}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			if !tried[method+" "+path] && method != http.MethodHead {
				t.Errorf("%s %s is not tried", method, path)
			}
		}
	}
}

// try sends the request of a sample. Of a stream, it reads only the beginning.
func (f *fixture) try(server *httptest.Server, method string, s sample) (*http.Request, *http.Response, []byte) {
	f.t.Helper()
	request, err := http.NewRequestWithContext(f.t.Context(), method, server.URL+s.target, strings.NewReader(s.body))
	if err != nil {
		f.t.Fatal(err)
	}
	request.Host = "example.com"
	for i := 0; i < len(s.headers); i += 2 {
		request.Header.Set(s.headers[i], s.headers[i+1])
	}
	answer, err := http.DefaultTransport.RoundTrip(request) // without following redirects
	if err != nil {
		f.t.Fatal(err)
	}
	defer answer.Body.Close()
	var body []byte
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/event-stream") {
		body, err = bufio.NewReader(answer.Body).ReadBytes('\n')
	} else {
		body, err = io.ReadAll(answer.Body)
	}
	if err != nil {
		f.t.Fatal(err)
	}
	return request, answer, body
}

// checkLines checks each line of a stream against the description of an event.
func checkLines(t *testing.T, doc *openapi3.T, body []byte) {
	t.Helper()
	count := 0
	for line := range bytes.Lines(body) {
		if len(bytes.TrimSpace(line)) == 0 {
			continue
		}
		var event any
		if err := json.Unmarshal(line, &event); err != nil {
			t.Fatal(err)
		}
		if err := doc.ValidateSchemaJSON(doc.Components.Schemas["Event"].Value, event, openapi3.EnableJSONSchema2020(), openapi3.MultiErrors()); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		count++
	}
	if count < 3 {
		t.Errorf("got only %d events", count)
	}
}
