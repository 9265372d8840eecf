package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// answers sends text on one connection. It returns the responses up to the end of the connection
// or a timeout, and reports whether the program closed the connection.
func (p *process) answers(text string) (answers []*http.Response, closed bool) {
	p.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := io.WriteString(conn, strings.ReplaceAll(text, "\n", "\r\n")); err != nil {
		p.t.Fatal(err)
	}
	in := bufio.NewReader(conn)
	for {
		answer, err := http.ReadResponse(in, nil)
		if err != nil {
			return answers, !errors.Is(err, os.ErrDeadlineExceeded)
		}
		answers = append(answers, answer)
		if _, err := io.Copy(io.Discard, answer.Body); err != nil {
			p.t.Fatal(err)
		}
	}
}

// Content-Length and chunked encoding give such a request two different ends. A proxy in front of
// the program might take the later part of the body for the request of another visitor.
func TestServer_ClosesTheConnectionAfterARequestWithTwoLengths(t *testing.T) {
	p := start(t, "SOURCE=none", "INGEST_TOKEN="+secret)
	defer p.end()
	const second = "GET /healthz HTTP/1.1\nHost: example.org\n\n"
	for _, request := range []string{
		"POST /streaming HTTP/1.1\nHost: example.org\nContent-Length: 4\nTransfer-Encoding: chunked\n\n0\n\n",
		"POST /streaming HTTP/1.1\nHost: example.org\nTransfer-Encoding: chunked\nContent-Length: 4\n\n0\n\n",
		"GET / HTTP/1.1\nHost: example.org\nContent-Length: 5\nTransfer-Encoding: chunked\n\n0\n\n",
		"GET /healthz HTTP/1.1\nHost: example.org\nTransfer-Encoding: chunked\n\n0\n\n",
	} {
		if answers, closed := p.answers(request + second); len(answers) != 1 || !closed {
			t.Errorf("%q: %d answers, closed is %v", request, len(answers), closed)
		}
	}
	if answers, closed := p.answers(second + strings.Replace(second, "\n", "\nConnection: close\n", 1)); len(answers) != 2 || !closed {
		t.Errorf("two ordinary requests get %d answers", len(answers))
	}
}

func TestServer_AnswersToOptionsAndAsteriskHaveTheSecurityHeaders(t *testing.T) {
	p := start(t, "SOURCE=none")
	defer p.end()
	for request, status := range map[string]int{
		"OPTIONS * HTTP/1.1\nHost: example.org\nConnection: close\n\n": 204,
		"GET * HTTP/1.1\nHost: example.org\nConnection: close\n\n":     400,
		"OPTIONS / HTTP/1.1\nHost: example.org\nConnection: close\n\n": 405,
	} {
		answers, _ := p.answers(request)
		if len(answers) != 1 {
			t.Fatalf("%q: %d answers", request, len(answers))
		}
		header := answers[0].Header
		if answers[0].StatusCode != status || header.Get("Content-Security-Policy") == "" || header.Get("X-Content-Type-Options") == "" || header.Get("X-Request-Id") == "" {
			t.Errorf("%q: %s with %v", request, answers[0].Status, header)
		}
	}
}

// The log must not contain status 101 for a handshake that was refused.
func TestServer_LogsARefusedHandshakeAsRefused(t *testing.T) {
	p := start(t, "SOURCE=none")
	const handshake = "GET /websocket HTTP/1.1\nHost: example.org\nConnection: Upgrade\nUpgrade: websocket\n" +
		"Sec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n"
	for _, rest := range []string{"Content-Length: 5\n\nhello", "\nhello"} {
		if answers, closed := p.answers(handshake + rest); len(answers) != 1 || answers[0].StatusCode != 400 || !closed {
			t.Errorf("%q: %d answers, closed is %v", rest, len(answers), closed)
		}
	}
	p.end()
	if text := p.console.String(); strings.Contains(text, `"status":101`) || !strings.Contains(text, `"status":400`) {
		t.Errorf("the log is %s", text)
	}
}

func TestListen_TriesOtherPortsOnlyIfNoneIsConfigured(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port

	_, err = listen(config{host: "127.0.0.1", port: port, portGiven: true})
	want := fmt.Sprintf("port %d is taken, choose another with --port or PORT", port)
	if err == nil || err.Error() != want || exitCode(err) != 1 {
		t.Errorf("got %v with exit code %d, want %s with 1", err, exitCode(err), want)
	}
	next, err := listen(config{host: "127.0.0.1", port: port})
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if got := next.Addr().(*net.TCPAddr).Port; got <= port || got > port+nextPorts {
		t.Errorf("got port %d, want one after %d", got, port)
	}
}

func TestListen_AcceptsOtherMachinesOnlyIfAPortOrHostIsConfigured(t *testing.T) {
	for _, c := range []struct {
		config   config
		loopback bool
	}{
		{config{port: 0}, true},
		{config{port: 0, portGiven: true}, false},
		{config{port: 0, portGiven: true, host: "127.0.0.1"}, true},
	} {
		listener, err := listen(c.config)
		if err != nil {
			t.Fatal(err)
		}
		defer listener.Close()
		if got := listener.Addr().(*net.TCPAddr).IP.IsLoopback(); got != c.loopback {
			t.Errorf("%+v listens on %s", c.config, listener.Addr())
		}
		if home := address(c.config, listener); !strings.HasPrefix(home, "http://127.0.0.1:") {
			t.Errorf("%+v is said to be at %s", c.config, home)
		}
	}
}

// An operator may not know that HOST is set: conda and tcsh export it, with a value that is no
// address.
func TestListen_AnErrorNamesTheSettingThatCausedIt(t *testing.T) {
	given := givenAs{names: map[string]string{"host": "HOST"}, byFlag: true}
	for _, c := range []struct {
		config config
		want   string
	}{
		{
			config{given: given, host: "x86_64-conda-linux-gnu.invalid"},
			`HOST: no address found for "x86_64-conda-linux-gnu.invalid", want an address of this machine such as 127.0.0.1, or 0.0.0.0 for all`,
		},
		{config{given: given, host: "192.0.2.1"}, `HOST: "192.0.2.1" is not an address of this machine, want an address of this machine such as 127.0.0.1, or 0.0.0.0 for all`},
	} {
		_, err := listen(c.config)
		if err == nil || err.Error() != c.want || exitCode(err) != 2 {
			t.Errorf("%s: got %v with exit code %d, want %s with 2", c.config.host, err, exitCode(err), c.want)
		}
	}
	taken, err := listen(config{})
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	_, err = listenAll(config{given: given, metricsAddr: taken.Addr().String()})
	if err == nil || !strings.HasPrefix(err.Error(), "--metrics-addr: listen tcp "+taken.Addr().String()) {
		t.Errorf("got %v", err)
	}
}
