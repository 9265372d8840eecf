package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

func TestLog_CarriesTheEventsOfThePage(t *testing.T) {
	f := newFixture(t)
	f.emit(create(post(1, "The ferry is late again.")), create(post(2, "Here it comes.")))
	r := f.get("/log/streaming?offset=-1")
	var events []struct {
		Event  string
		Offset uint64
		Epoch  string
		Data   payload
	}
	if err := json.Unmarshal(r.Body.Bytes(), &events); err != nil || len(events) != 2 {
		t.Fatalf("%d %s: %v", r.Code, r.Body, err)
	}
	newest, data := f.newest()
	if got := events[1]; got.Event != "create" || got.Offset != newest.Position.Offset || got.Epoch != newest.Position.Epoch || got.Data.HTML != data.HTML {
		t.Errorf("got %+v, want %v with the same card", got, newest.Position)
	}
	for name, want := range map[string]string{"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin", "Content-Type": "application/json"} {
		if got := r.Header().Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	next := r.Header().Get("Stream-Next-Offset")
	f.emit(destroy(1))
	if got := f.get("/log/streaming?offset=" + next).Body.String(); !strings.Contains(got, `"event":"destroy"`) || strings.Contains(got, "ferry") {
		t.Errorf("after a deletion: %s", got)
	}
	if got := f.get("/log/streaming?offset=-1").Body.String(); strings.Contains(got, "ferry") {
		t.Errorf("the deleted post is still in the log: %s", got)
	}
	for path, want := range map[string]int{"/log/other": http.StatusNotFound, "/log/streaming?offset=x": http.StatusBadRequest} {
		if got := f.get(path); got.Code != want {
			t.Errorf("%s: %d, want %d", path, got.Code, want)
		}
	}
	if got := f.do(http.MethodPost, "/log/streaming", nil); got.Code != http.StatusMethodNotAllowed || got.Header().Get("Allow") == "" {
		t.Errorf("POST: %d", got.Code)
	}
}
