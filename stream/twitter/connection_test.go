package twitter

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/dghubble/oauth1"

	"nagare/stream"
	"nagare/stream/internal/fetch"
	"nagare/stream/streamtest"
)

func TestTwitter_SendsTheConfiguredParametersToTheGateway(t *testing.T) {
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.UserAgent() != fetch.UserAgent {
			t.Errorf("the user agent is %q", r.UserAgent())
		}
		send(w)
	}}
	src := f.overTCP(t)
	src.Base += "/twitter/"
	src.Languages = []string{"en", "zh-TW", "he"}
	src.Stream(t.Context(), streamtest.Ignore)
	src.Sample = true
	src.Stream(t.Context(), streamtest.Ignore)
	want := []string{
		"POST /twitter/1.1/statuses/filter.json?language=en%2Czh%2Che%2Ciw&stall_warnings=true&track=ferry%2Criver+boat",
		"GET /twitter/1.1/statuses/sample.json?language=en%2Czh%2Che%2Ciw&stall_warnings=true",
	}
	if got := f.requests(); !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestTwitter_SendsLongListsInTheBody(t *testing.T) {
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		if len(r.RequestURI) > longestQuery {
			w.WriteHeader(http.StatusRequestURITooLong)
			return
		}
		if !hasValidSignature(r) {
			http.Error(w, ownError, http.StatusUnauthorized)
			return
		}
		send(w)
	}}
	src := f.overTCP(t)
	src.Track = nil
	for i := range mostPhrases {
		src.Track = append(src.Track, fmt.Sprintf("phrase%054d", i))
	}
	if err := src.Stream(t.Context(), streamtest.Ignore); err != errEnded {
		t.Errorf("got %v, want a stream", err)
	}
	if got := strings.Count(f.requests()[0], "phrase"); got != mostPhrases {
		t.Errorf("asked for %d phrases, want %d", got, mostPhrases)
	}
}

func TestTwitter_SignsForTheAddressThatItCalls(t *testing.T) {
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		if !hasValidSignature(r) {
			http.Error(w, ownError, http.StatusUnauthorized)
			return
		}
		send(w)
	}}
	src := f.overTCP(t)
	if err := src.Stream(t.Context(), streamtest.Ignore); err != errEnded {
		t.Errorf("got %v, want a stream", err)
	}
	src.AccessSecret = "another"
	if err := src.Stream(t.Context(), streamtest.Ignore); !stream.IsPermanent(err) {
		t.Errorf("got %v, want a refusal of the wrong secret", err)
	}
}

var oauthParam = regexp.MustCompile(`(\w+)="([^"]*)"`)

// hasValidSignature reports whether the OAuth 1.0a signature of a request is valid. It computes the
// signature as a server does.
func hasValidSignature(r *http.Request) bool {
	params := map[string]string{}
	for key := range r.Form {
		params[key] = r.Form.Get(key)
	}
	signature := ""
	for _, m := range oauthParam.FindAllStringSubmatch(r.Header.Get("Authorization"), -1) {
		value, _ := url.PathUnescape(m[2])
		if m[1] == "oauth_signature" {
			signature = value
			continue
		}
		params[m[1]] = value
	}
	var pairs []string
	for _, key := range slices.Sorted(maps.Keys(params)) {
		pairs = append(pairs, oauth1.PercentEncode(key)+"="+oauth1.PercentEncode(params[key]))
	}
	base := r.Method + "&" + oauth1.PercentEncode("http://"+r.Host+r.URL.Path) + "&" + oauth1.PercentEncode(strings.Join(pairs, "&"))
	mac := hmac.New(sha1.New, []byte(oauth1.PercentEncode(madeUpSecret)+"&"+oauth1.PercentEncode(madeUpProof)))
	mac.Write([]byte(base))
	return params["oauth_token"] == madeUpToken && signature == base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestTwitter_ReadsAGatewayWithoutKeys(t *testing.T) {
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "" {
			t.Error("signed without a key")
		}
		send(w, postJSON("1", "one"))
		<-r.Context().Done()
	}}
	src := f.overTCP(t)
	src.ConsumerKey, src.ConsumerSecret, src.AccessToken, src.AccessSecret = "", "", "", ""
	streamed(t, src, postIs("1"))
}

func TestTwitter_NoLogStatusOrErrorHasAKey(t *testing.T) {
	var echoes [][]string // each element has all four keys, spelled in the same way
	for _, key := range []string{madeUpKey, madeUpSecret, madeUpToken, madeUpProof} {
		for i, spelling := range streamtest.Spellings(key) {
			if i == len(echoes) {
				echoes = append(echoes, nil)
			}
			echoes[i] = append(echoes[i], spelling)
		}
	}
	for _, echo := range echoes {
		checkNoKeyIsShown(t, strings.Join(echo, " "))
	}
}

// checkNoKeyIsShown reads from a server that repeats the keys, and verifies that the keys are
// in no log, error or printed source.
func checkNoKeyIsShown(t *testing.T, echo string) {
	t.Helper()
	inJSON, _ := json.Marshal(echo)
	f := &fakeTwitter{stream: func(n int, w http.ResponseWriter, r *http.Request) {
		switch n {
		case 1:
			send(w, postJSON("1", "one"), echo, `{`+string(inJSON)+`:1}`, `{"disconnect":{"code":1,"reason":`+string(inJSON)+`}}`)
		case 2:
			hijacked, _, _ := w.(http.Hijacker).Hijack()
			io.WriteString(hijacked, echo+"\r\n\r\n")
			hijacked.Close()
		case 3:
			http.Error(w, "no such key: "+echo, http.StatusUnauthorized)
		default:
			http.Error(w, "bad proof: "+r.Header.Get("Authorization"), http.StatusUnauthorized)
		}
	}}
	var log streamtest.Logged
	src := f.overTCP(t)
	src.Log = streamtest.DebugLog(&log)
	for range 4 {
		if err := src.Stream(t.Context(), streamtest.Ignore); err != nil {
			fmt.Fprintf(&log, "%v %+v\n", err, err)
		}
	}
	type fields Source // the same fields without the method String
	fmt.Fprintf(&log, "%v %+v %#v", src.AccessSecret, (*fields)(src), src)
	for _, secret := range []string{"canary", "oauth_"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("%q is shown after %s:\n%s", secret, echo, log.String())
		}
	}
	for _, want := range []string{"code 1: [redacted]", "no such key: [redacted]", "bad proof: OAuth [redacted]"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("%q is not shown:\n%s", want, log.String())
		}
	}
	if n := len(f.requests()); n != 4 {
		t.Errorf("%d requests, want 4: one call is one connection", n)
	}
}

func TestTwitter_ReportsInvalidSettings(t *testing.T) {
	many := func(n int, s string) (out []string) {
		for range n {
			out = append(out, s)
		}
		return out
	}
	for want, set := range map[string]func(*Source){
		"":                                  func(s *Source) { s.Track = many(400, strings.Repeat("x", 60)) },
		"401 phrases to track: 400 at most": func(s *Source) { s.Track = append(many(399, "x"), "y,z") },
		" has 61 bytes: 60 at most":         func(s *Source) { s.Track = []string{"x", strings.Repeat("川", 20) + "x"} },
		"nothing to look for":               func(s *Source) { s.Track = []string{" ", ","} },
		"the consumer key is missing":       func(s *Source) { s.ConsumerKey = "" },
		"the access secret is missing":      func(s *Source) { s.AccessSecret = "" },
		"the base address must be like":     func(s *Source) { s.Base = "gateway.example" },
	} {
		f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, _ *http.Request) { send(w) }}
		src := f.overTCP(t)
		set(src)
		err := src.Check(t.Context())
		if (err == nil) != (want == "") || err != nil && (!stream.IsPermanent(err) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n")) {
			t.Errorf("got %v, want %q, for good", err, want)
		}
		if asked := len(f.requests()); (asked == 0) != (want != "") {
			t.Errorf("%q: asked the server %d times", want, asked)
		}
	}
}
