package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

func TestHealthcheck_ExitsWithAnErrorUnlessTheSiteIsHealthy(t *testing.T) {
	p := start(t, "SOURCE=none")
	_, port, _ := strings.Cut(strings.TrimPrefix(p.url, "http://"), ":")
	check := func() error {
		return run(t.Context(), []string{"healthcheck"}, []string{"PORT=" + port}, io.Discard, io.Discard)
	}
	if err := check(); exitCode(err) != 0 {
		t.Errorf("while it runs: %v", err)
	}
	p.end()
	if err := check(); exitCode(err) != 1 {
		t.Errorf("after its end: %v", err)
	}
}

// An unspecified address such as 0.0.0.0 is for listening. A client can't connect to it
// everywhere.
func TestHealthcheck_ConnectsToTheConfiguredHostOrElseToTheLoopbackAddress(t *testing.T) {
	for given, want := range map[string]string{
		"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "127.0.0.1", "127.0.0.2": "127.0.0.2", "localhost": "localhost",
	} {
		listener, err := net.Listen("tcp", want+":0")
		if err != nil {
			t.Fatal(err)
		}
		port, asked := listener.Addr().(*net.TCPAddr).Port, ""
		server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.Host
			io.WriteString(w, `{"name":"nagare","status":"ok"}`)
		})}
		var serving sync.WaitGroup
		serving.Go(func() { server.Serve(listener) })
		err = healthcheck(t.Context(), config{host: given, port: port})
		server.Close()
		serving.Wait()
		if want := fmt.Sprintf("%s:%d", want, port); err != nil || asked != want {
			t.Errorf("HOST=%s: asked %q, %v, want %s", given, asked, err, want)
		}
	}
}

func TestHealthcheck_FailsIfAnotherProgramAnswers(t *testing.T) {
	for _, body := range []string{"ok", "", `{"status":"ok"}`, `{"name":"nagare","status":"no"}`} {
		other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, body) }))
		port := other.Listener.Addr().(*net.TCPAddr).Port
		err := healthcheck(t.Context(), config{port: port})
		if err == nil || !strings.Contains(err.Error(), "is not nagare") {
			t.Errorf("%q: got %v", body, err)
		}
		other.Close()
	}
}

func TestVersion_PrintsALineOrJSON(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"version"}, nil, &out, io.Discard); err != nil || !strings.HasPrefix(out.String(), "nagare ") {
		t.Errorf("got %q, %v", out.String(), err)
	}
	out.Reset()
	var fields map[string]string
	err := errors.Join(run(t.Context(), []string{"version", "--json"}, nil, &out, io.Discard), json.Unmarshal(out.Bytes(), &fields))
	if err != nil || fields["version"] == "" || fields["go"] == "" {
		t.Errorf("got %q, %v", out.String(), err)
	}
}
