package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"nagare/hub"
	"nagare/store"
	"nagare/stream"
	"nagare/web"
)

// hostile is a text that a client or a network could send to attack the log's reader: it would
// color and clear a terminal, forge a line, and reverse the rest of the line.
const hostile = "\u009b31m\x1b[2J\x07\x7f\r\nforged \u202egnol\u2066\U000E0001"

// expectPrintable fails the test if the text contains a character that a terminal would act upon,
// or doesn't have the given number of lines.
func expectPrintable(t *testing.T, text string, lines int) {
	t.Helper()
	if got := strings.Count(text, "\n"); got != lines {
		t.Errorf("%d lines, want %d: %.500q", got, lines, text)
	}
	for _, r := range strings.ReplaceAll(text, "\n", "") {
		if !unicode.IsGraphic(r) {
			t.Errorf("the text holds %U: %.500q", r, text)
			return
		}
	}
}

func TestLog_AHostileValueIsOneShortLineWithoutControlCharacters(t *testing.T) {
	long := hostile + strings.Repeat("é", 1<<20)
	for _, format := range []string{"text", "json"} {
		for _, status := range []string{"", "● live"} {
			var out bytes.Buffer
			log := newLog(&screen{out: &out, line: status}, config{logFormat: format})
			log.With("with", long).Warn(long, "path", long, "err", errors.New(long),
				slog.Group("g", "any", struct{ s string }{long}), "invalid\x9b", "\x9b31m", "stringer", stringer(long))
			text := strings.TrimSuffix(strings.TrimPrefix(out.String(), "\r\x1b[K"), status)
			expectPrintable(t, text, 1)
			if !utf8.ValidString(text) || len(text) > 20_000 {
				t.Errorf("%s: a line of %d bytes", format, len(text))
			}
		}
	}
}

type stringer string

func (s stringer) String() string { return string(s) }

func TestLog_JSONKeepsTheFirstCharactersOfAHostileValue(t *testing.T) {
	var out bytes.Buffer
	newLog(&screen{out: &out}, config{logFormat: "json"}).Info("request", "path", hostile, "long", strings.Repeat("é", 300), "n", 7, "none", nil)
	var line struct {
		Path, Long string
		N          int
		None       any
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatal(err)
	}
	if line.Path != hostile || line.Long != strings.Repeat("é", 256)+"…" || line.N != 7 || line.None != nil {
		t.Errorf("got %q, %d bytes, %d, %v", line.Path, len(line.Long), line.N, line.None)
	}
}

// A stack trace is longer than other values. It is safe to log whole, because only this program
// writes it.
func TestLog_KeepsTheStackOfAPanic(t *testing.T) {
	var out bytes.Buffer
	stack := strings.Repeat("main.go:1\n", 200)
	newLog(&screen{out: &out}, config{logFormat: "json"}).Error("panic", "stack", stack)
	if !strings.Contains(out.String(), strings.TrimSuffix(strings.ReplaceAll(stack, "\n", `\n`), `\n`)) {
		t.Errorf("got %d bytes", out.Len())
	}
}

func TestStatusLine_ShowsNoControlCharactersFromAReason(t *testing.T) {
	h := hub.New(hub.Options{Log: slog.New(slog.DiscardHandler)})
	g := statusSources{"demo", web.NewTimeline(h, channel, new(store.Memory), nil, slog.New(slog.DiscardHandler)), h, "http://127.0.0.1:8080"}
	notice := &stream.Notice{Source: "x", State: stream.Stopped, Reason: hostile}
	if err := g.timeline.Emit(t.Context(), stream.Op{Kind: stream.Status, Notice: notice}); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s := &screen{out: &out, live: true, wide: func() int { return 1000 }}
	s.draw(g.line(0))
	line := strings.TrimPrefix(out.String(), "\r\x1b[K")
	expectPrintable(t, line, 0)
	if !strings.HasSuffix(line, `gnol\udb40\udc01`) { // package web removes most of the other control characters
		t.Errorf("got %q", line)
	}
}

// hostileRecording writes a recording whose only line is an op of 1 MB, and returns the path.
func hostileRecording(t *testing.T) string {
	t.Helper()
	op, err := json.Marshal(hostile + strings.Repeat("x", 1<<20))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "hostile.ndjson")
	if err := os.WriteFile(file, fmt.Appendf(nil, `{"op":%s,"at":"2026-01-01T00:00:00Z","id":"replay:1"}`+"\n", op), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestCheck_ShowsNoControlCharactersFromARecording(t *testing.T) {
	var out bytes.Buffer
	err := run(t.Context(), []string{"check", "--source=replay:" + hostileRecording(t)}, nil, &out, &out)
	if err == nil || !strings.Contains(out.String(), "forged") || out.Len() > 6*longestFault {
		t.Errorf("got %v and %d bytes: %.300q", err, out.Len(), out.String())
	}
	expectPrintable(t, out.String(), 1)
}

func TestRun_TheLogShowsNoControlCharactersFromRequestsOrRecordings(t *testing.T) {
	p := start(t, "SOURCE=demo,replay:"+hostileRecording(t))
	response, err := http.Get(p.url + "/%C2%9B31m%E2%80%AE%0Aforged")
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	p.end()
	text := p.console.String()
	expectPrintable(t, text, strings.Count(text, "\n"))
	if !strings.Contains(text, `/\u009b31m\u202e\nforged`) || strings.Contains(text, "\nforged") || len(text) > 20_000 {
		t.Errorf("got %d bytes: %.3000s", len(text), text)
	}
}

// Names of files and headers of requests are chosen by others, too.
func TestRun_TheLogShowsNoControlCharactersFromFileNamesOrHeaders(t *testing.T) {
	const name = "posts\x9b31m\u202egnol\u009b\x1b[2Jforged.ndjson"
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing"+name)
	for _, args := range [][]string{{"replay", missing}, {"check", "--source=replay:" + missing}, {"record", filepath.Join(missing, "x")}, {"--env-file", missing}, {missing}} {
		var out bytes.Buffer
		err := run(t.Context(), args, []string{"PORT=0"}, &out, &out)
		if err == nil {
			t.Errorf("%q: no error", args)
		}
		fmt.Fprintln(escaping{&out}, err) // as main prints it
		expectPrintable(t, out.String(), strings.Count(out.String(), "\n"))
	}
	p := startCommand(t, []string{"record", filepath.Join(dir, name)}, "LOG_LEVEL=debug", "TRUSTED_PROXIES=127.0.0.1")
	for _, header := range []string{"User-Agent", "Referer", "X-Forwarded-For", "X-Forwarded-Proto", "X-Request-Id", "Origin", "Authorization", "Sec-WebSocket-Protocol", "Accept-Language"} {
		for _, path := range []string{"/", "/websocket", "/streaming.ndjson?wait=1", "/nowhere"} {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set(header, "\x9b31m\u202egnol\u009b\u2066")
			r.Header.Add("Connection", "upgrade")
			r.Header.Add("Upgrade", "websocket")
			response, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			response.Body.Close()
		}
	}
	p.end()
	text := p.console.String()
	expectPrintable(t, text, strings.Count(text, "\n"))
	if strings.Contains(text, "\nforged") || len(text) > 60_000 {
		t.Errorf("got %d bytes: %.3000s", len(text), text)
	}
}
