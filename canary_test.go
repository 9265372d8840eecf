package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"nagare/stream/streamtest"
)

// secrets returns a canary for each setting that holds a secret, by the name of its variable. These
// are the settings whose help calls their value a TOKEN or a KEY, and the addresses, which can
// contain a password.
func secrets(t *testing.T) (tokens, addresses map[string]string) {
	t.Helper()
	parser, err := newParser(new(cli), io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	tokens, addresses = map[string]string{}, map[string]string{}
	looksSecret := regexp.MustCompile(`token|secret|key|pass`)
	for _, flag := range parser.Model.Flags {
		name := variable(flag.Name)
		switch {
		case flag.PlaceHolder == "TOKEN" || flag.PlaceHolder == "KEY":
			tokens[name] = "CANARY-" + name + "-%2Fa%2Bb%3D%3D-0123456789"
		case strings.HasSuffix(flag.PlaceHolder, "URL"):
			addresses[name] = "CANARY-" + name
		case looksSecret.MatchString(flag.Name):
			t.Errorf("the value of --%s is called %q; call it TOKEN or KEY if it is secret", flag.Name, flag.PlaceHolder)
		}
	}
	if len(tokens) < 7 || len(addresses) < 3 {
		t.Fatalf("only the secrets %v and the addresses %v", tokens, addresses)
	}
	return tokens, addresses
}

// leaks returns the names of the secrets that a text contains in any spelling.
func leaks(text string, secrets map[string]string) (names []string) {
	for name, secret := range secrets {
		for _, spelling := range append(streamtest.Spellings(secret), base64.StdEncoding.EncodeToString([]byte(secret)), fmt.Sprintf("%q", secret), fmt.Sprintf("%x", secret)) {
			if strings.Contains(text, strings.Trim(spelling, "=")) {
				names = append(names, name+" as "+spelling)
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// environOf returns an environment with all secrets.
func environOf(secrets map[string]string, more ...string) (environ []string) {
	for name, value := range secrets {
		environ = append(environ, name+"="+value)
	}
	return append(environ, more...)
}

// echoServer is a server of every network that repeats the credentials of each request, in every
// spelling: in the status line, in headers and in the body.
func echoServer(t *testing.T) *httptest.Server {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		said := r.Header.Get("Authorization") + " " + r.URL.RequestURI()
		for _, word := range regexp.MustCompile(`[^\s",=]+`).FindAllString(said, -1) {
			for _, spelling := range streamtest.Spellings(strings.TrimPrefix(word, "Bearer")) {
				said += " " + spelling
			}
		}
		said = strings.Map(func(c rune) rune {
			if c < ' ' || c > '~' {
				return ' '
			}
			return c
		}, said)
		w.Header().Set("X-Echo", said[:min(len(said), 2000)])
		w.Header().Set("Retry-After", "0")
		w.WriteHeader(http.StatusBadGateway)
		json.NewEncoder(w).Encode(map[string]any{"error": said, "title": said, "errors": []any{map[string]any{"message": said, "detail": said}}})
	}))
	t.Cleanup(server.Close)
	return server
}

// The program runs with a canary in each secret, against servers that repeat it. The canaries must
// be in no output: not in the log at its most detailed level, in pages, streams and metrics, in
// responses to requests that contain a secret, in the saved state, or in the recording.
func TestSecrets_AreInNoOutputOfARunningSite(t *testing.T) {
	tokens, _ := secrets(t)
	server, state := echoServer(t), t.TempDir()
	recording := filepath.Join(t.TempDir(), "posts.ndjson")
	environ := environOf(tokens, "LOG_LEVEL=debug", "STORE="+filepath.Join(state, "posts.db"), "X_BUDGET=10", "TRACK=go", "METRICS_ADDR=127.0.0.1:0",
		"SOURCE=mastodon,x,twitter,demo", "MASTODON_SERVER="+server.URL, "TWITTER_URL="+server.URL)
	p := startCommand(t, []string{"record", recording}, environ...)
	p.until("three sources are waiting", func() bool {
		return strings.Count(p.ask(t, http.MethodGet, "/streaming.ndjson?last=100&wait=1", "", ""), `"state":"waiting"`) >= 3
	})
	said := map[string]string{}
	for name, token := range tokens {
		for _, path := range []string{"/", "/streaming.ndjson?last=100&wait=1", "/streaming/events?wait=1", "/healthz", "/readyz", "/version", "/nowhere"} {
			said[path+" with "+name] = p.ask(t, http.MethodGet, path+suffix(path, token), token, "")
		}
		said["POST with "+name] = p.ask(t, http.MethodPost, "/streaming?token="+url.QueryEscape(token), token, `{"text":"hello","screen_name":"mio","id":"a-1"}`)
		said["DELETE with "+name] = p.ask(t, http.MethodDelete, "/streaming/a-2?token="+url.QueryEscape(token), token, "")
	}
	p.end()
	said["log"] = p.console.String()
	for _, file := range append(glob(t, state), recording) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		said[file] = string(text)
	}
	if !strings.Contains(said["log"], "[redacted]") {
		t.Errorf("no server's answer is in the log: %s", said["log"])
	}
	for place, text := range said {
		if found := leaks(text, tokens); found != nil {
			t.Errorf("%s has %v: %.3000s", place, found, text)
		}
	}
}

func suffix(path, token string) string {
	if strings.Contains(path, "?") {
		return "&token=" + url.QueryEscape(token)
	}
	return "?token=" + url.QueryEscape(token)
}

// ask sends a request with a token, and returns the response with its headers. A stream is read
// for as long as it has data at once.
func (p *process) ask(t *testing.T, method, path, token, body string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, p.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text := fmt.Sprint(response.Status, response.Header)
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		first := make([]byte, 64<<10)
		n, _ := response.Body.Read(first)
		return text + string(first[:n])
	}
	all, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return text + string(all)
}

func glob(t *testing.T, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestSecrets_AreInNoResultOfACheck(t *testing.T) {
	tokens, _ := secrets(t)
	server := echoServer(t)
	environ := environOf(tokens, "STORE="+filepath.Join(t.TempDir(), "posts.db"), "X_BUDGET=10", "TRACK=go", "SOURCE=mastodon,x,twitter", "MASTODON_SERVER="+server.URL, "TWITTER_URL="+server.URL)
	var out bytes.Buffer
	err := run(t.Context(), []string{"check"}, environ, &out, &out)
	if text := fmt.Sprint(err, out.String()); err == nil || leaks(text, tokens) != nil {
		t.Errorf("check prints %v: %s", leaks(text, tokens), text)
	}
}

// Each secret is given in ways that are wrong: by a flag with a typing error, cut in two by a space,
// beside another fault, as the value of another setting, or as a file.
func TestSecrets_AreInNoMessageAboutAFault(t *testing.T) {
	tokens, addresses := secrets(t)
	all := map[string]string{}
	for name, token := range tokens {
		flag := "--" + strings.ToLower(strings.ReplaceAll(name, "_", "-"))
		all[name+" mistyped"] = printed(t, []string{flag + "x=" + token})
		all[name+" mistyped, as two arguments"] = printed(t, []string{flag + "x", token})
		all[name+" after a space"] = printed(t, []string{flag, "first", token})
		all[name+" with another fault"] = printed(t, nil, environOf(tokens, "PORT=x")...)
		all[name+" twice"] = printed(t, []string{flag + "=" + token, flag + "=" + token, "--port=x"})
		all[name+" without a value"] = printed(t, []string{flag + "=" + token, flag})
		all[name+" too short"] = printed(t, nil, name+"="+token[:20], "SOURCE=mastodon,x,twitter")
		all[name+" as a command"] = printed(t, []string{token})
	}
	for place, text := range all {
		if strings.Contains(text, "CANARY") {
			t.Errorf("%s: %s", place, text)
		}
	}
	for name, canary := range addresses {
		for _, address := range []string{"https://user:" + canary + "@host.example", "http://" + canary + "@h", "https://host.example/?key=" + canary, "rediss://:" + canary + "@h:1/0", "https://h.example/" + canary + "?a"} {
			text := printed(t, nil, name+"="+address, "SOURCE=mastodon,x,twitter")
			if basic := base64.StdEncoding.EncodeToString([]byte("user:" + canary)); strings.Contains(text, "CANARY") || strings.Contains(text, basic) {
				t.Errorf("%s=%s: %s", name, address, text)
			}
		}
	}
}

// printed returns what the program prints for a command line that is wrong.
func printed(t *testing.T, args []string, environ ...string) string {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), args, append(environ, "PORT=x"), &out, &out)
	if err == nil {
		t.Errorf("%v %v: no error", args, environ)
	}
	return fmt.Sprint(err, out.String())
}
