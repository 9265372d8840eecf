package web

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
)

const (
	formType = "application/x-www-form-urlencoded"
	jsonType = "application/json"
)

// send sends a POST with a valid token. The pairs are names and values of further headers.
func (f *fixture) send(kind, body string, pairs ...string) *httptest.ResponseRecorder {
	f.t.Helper()
	pairs = append([]string{"Authorization", "Bearer " + token, "Content-Type", kind}, pairs...)
	return f.do(http.MethodPost, "/streaming", strings.NewReader(body), pairs...)
}

func TestIngest_AnswersEachRequestWithItsStatus(t *testing.T) {
	const good = `{"tweet":{"text":"hello","screen_name":"mio"}}`
	for _, c := range []struct {
		name, kind, body string
		status           int
	}{
		{"the form of 2013", formType, "tweet[text]=hello&tweet[screen_name]=mio&tweet[icon_url]=https://example.org/a.png", 201},
		{"the form, escaped", formType + "; charset=UTF-8", "tweet%5Btext%5D=%E5%B7%9D&tweet%5Bscreen_name%5D=mio", 201},
		{"JSON", jsonType, good, 201},
		{"flat JSON", jsonType + ";charset=utf-8", `{"text":"hello","screen_name":"@mio"}`, 201},
		{"JSON with an id", jsonType, `{"text":"hello","screen_name":"mio","id":"a-1"}`, 201},
		{"JSON with a number for an id", jsonType, `{"text":"hello","screen_name":"mio","id":123456789012345678}`, 201},
		{"JSON with a null for an id", jsonType, `{"text":"hello","screen_name":"mio","id":null}`, 201},
		{"no text", formType, "tweet[screen_name]=mio", 400},
		{"blank text", formType, "tweet[text]=+%00+&tweet[screen_name]=mio", 400},
		{"no name", jsonType, `{"text":"hello"}`, 400},
		{"bad UTF-8", formType, "tweet[text]=%ff&tweet[screen_name]=mio", 400},
		{"bad escape", formType, "tweet[text]=%zz", 400},
		{"bad id", jsonType, `{"text":"hello","screen_name":"mio","id":"a b"}`, 400},
		{"long id", jsonType, `{"text":"hello","screen_name":"mio","id":"` + strings.Repeat("a", 65) + `"}`, 400},
		{"half JSON", jsonType, `{"tweet":{`, 400},
		{"JSON null", jsonType, `null`, 400},
		{"JSON list", jsonType, `[` + good + `]`, 400},
		{"two JSON values", jsonType, good + good, 400},
		{"empty", jsonType, ``, 400},
		{"plain text", "text/plain", good, 415},
		{"a page's upload", "multipart/form-data; boundary=x", "--x--", 415},
		{"no type", "", good, 415},
		{"broken type", "application/json; charset", good, 415},
		{"another charset", jsonType + "; charset=shift_jis", good, 415},
		{"16 KiB", jsonType, padded(good, maxBody), 201},
		{"a byte more", jsonType, padded(good, maxBody+1), 413},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t)
			w := f.send(c.kind, c.body)
			if w.Code != c.status {
				t.Errorf("got %d %s, want %d", w.Code, w.Body, c.status)
			}
			if got := w.Header().Get("Content-Type"); got != jsonType {
				t.Errorf("answered with %q", got)
			}
		})
	}
}

// padded appends spaces to a body until it has n bytes. They don't change its meaning.
func padded(body string, n int) string { return body + strings.Repeat(" ", n-len(body)) }

func TestIngest_AnswersWithThePositionOfThePost(t *testing.T) {
	f := newFixture(t)
	w := f.send(formType, "tweet[text]=one%0D%0Atwo&tweet[screen_name]=@mio&tweet[icon_url]=javascript:x&tweet[id]=42")
	ev, data := f.newest()
	var got struct {
		ID, Epoch string
		Offset    uint64
	}
	if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != "post:42" || got.Epoch != ev.Position.Epoch || got.Offset != 1 {
		t.Errorf("got %+v, want post:42 at %s", got, ev.Position)
	}
	if data.Text != "one\ntwo" || data.ScreenName != "mio" || data.IconURL != "" {
		t.Errorf("published %+v", data)
	}
}

func TestIngest_PublishesEachIDOnlyOnce(t *testing.T) {
	f := newFixture(t)
	body := `{"text":"hello","screen_name":"mio","id":"a-1"}`
	first, second := f.send(jsonType, body), f.send(jsonType, body)
	if first.Code != http.StatusCreated || second.Code != http.StatusOK || first.Body.String() != second.Body.String() {
		t.Errorf("got %d %s, then %d %s", first.Code, first.Body, second.Code, second.Body)
	}
	if kept := f.timeline.Kept(); kept != 1 {
		t.Errorf("kept %d posts, want 1", kept)
	}
}

func TestIngest_RemembersAnIDAfterTheLogHasDroppedItsPost(t *testing.T) {
	f := newFixture(t)
	body := `{"text":"hello","screen_name":"mio","id":"a-1"}`
	first := f.send(jsonType, body)
	f.emit(stream.Op{Kind: stream.Destroy, ID: "post:a-1"})
	f.emit(creates(1, 1100)...)
	if again := f.send(jsonType, body); again.Code != http.StatusOK || again.Body.String() != first.Body.String() {
		t.Errorf("got %d %s, want 200 %s", again.Code, again.Body, first.Body)
	}
}

// remove sends a DELETE with a valid token. The pairs are names and values of further headers.
func (f *fixture) remove(id string, pairs ...string) *httptest.ResponseRecorder {
	f.t.Helper()
	return f.do(http.MethodDelete, "/streaming/"+id, nil, append([]string{"Authorization", "Bearer " + token}, pairs...)...)
}

func TestIngest_IsNotServedIfNoTokenIsConfigured(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Tokens = nil })
	for _, method := range []string{http.MethodPost, http.MethodGet} {
		if w := f.do(method, "/streaming", strings.NewReader("{}"), "Authorization", "Bearer "+token); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", method, w.Code)
		}
	}
}

func TestIngest_RequiresTheToken(t *testing.T) {
	const body = `{"text":"hello","screen_name":"mio"}`
	for authorization, want := range map[string]int{
		"Bearer " + token: 201, "bearer " + token: 201, "Bearer " + token2: 201,
		"": 401, "Bearer": 401, "Bearer ": 401, "Bearer " + token[1:]: 401, "Bearer " + token + "t": 401,
		"Bearer " + token + "," + token2: 401, "Basic " + token: 401, token: 401,
	} {
		f := newFixture(t)
		w := f.do(http.MethodPost, "/streaming", strings.NewReader(body), "Authorization", authorization, "Content-Type", jsonType)
		if w.Code != want {
			t.Errorf("Authorization %q: got %d, want %d", authorization, w.Code, want)
		}
		if challenge := w.Header().Get("WWW-Authenticate"); (challenge != "") != (want == 401) {
			t.Errorf("Authorization %q: challenge %q", authorization, challenge)
		}
	}
}

func TestIngest_RefusesACompressedBody(t *testing.T) {
	f := newFixture(t)
	if w := f.send(jsonType, `{"text":"hello","screen_name":"mio"}`, "Content-Encoding", "gzip"); w.Code != 415 {
		t.Errorf("got %d, want 415", w.Code)
	}
}

func TestIngest_LimitsTheRateOfPostsForEachToken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		const body = `{"text":"hello","screen_name":"mio"}`
		for i := range postsAtOnce {
			if w := f.send(jsonType, body); w.Code != 201 {
				t.Fatalf("post %d: got %d", i+1, w.Code)
			}
		}
		w := f.send(jsonType, body)
		if w.Code != 429 || w.Header().Get("Retry-After") == "" {
			t.Errorf("post %d: got %d, want 429 with Retry-After", postsAtOnce+1, w.Code)
		}
		if w := f.do("POST", "/streaming", strings.NewReader(body), "Authorization", "Bearer "+token2, "Content-Type", jsonType); w.Code != 201 {
			t.Errorf("the other token: got %d", w.Code)
		}
		<-time.After(time.Second) // the bubble's clock
		for i := range postsASecond {
			if w := f.send(jsonType, body); w.Code != 201 {
				t.Fatalf("a second later, post %d: got %d", i+1, w.Code)
			}
		}
	})
}

func TestIngest_LimitsWrongTokensFromEachAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Proxies.Router = true })
		try := func(from, token string) int {
			return f.do("POST", "/streaming", strings.NewReader(`{"text":"x","screen_name":"y"}`), "Authorization",
				"Bearer "+token, "Content-Type", jsonType, "X-Forwarded-For", from).Code
		}
		for i := range failuresAMinute {
			if code := try("2001:db8::1", "wrong"); code != 401 {
				t.Fatalf("failure %d: got %d", i+1, code)
			}
		}
		if code := try("2001:db8::2", "wrong"); code != 429 {
			t.Errorf("one more from the same /64: got %d, want 429", code)
		}
		if code := try("2001:db8::1", token); code != 201 {
			t.Errorf("the right token from there: got %d, want 201", code)
		}
		if code := try("2001:db8:0:1::1", "wrong"); code != 401 {
			t.Errorf("from another network: got %d, want 401", code)
		}
		<-time.After(time.Minute) // the bubble's clock
		if code := try("2001:db8::1", "wrong"); code != 401 {
			t.Errorf("a minute later: got %d, want 401", code)
		}
	})
}

func TestFailures_RememberALimitedNumberOfAddresses(t *testing.T) {
	f := newFailures()
	for i := range 3 * mostAddresses {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = "10." + strconv.Itoa(i>>16) + "." + strconv.Itoa(i>>8&255) + "." + strconv.Itoa(i&255) + ":1"
		f.allow(peerOf(r))
	}
	if n := len(f.limits); n > mostAddresses {
		t.Errorf("remembers %d addresses, want at most %d", n, mostAddresses)
	}
}

func FuzzForm(f *testing.F) {
	f.Add([]byte("tweet[text]=hello&tweet[screen_name]=mio"))
	f.Add([]byte(`{"tweet":{"text":"hello","screen_name":"mio","id":1}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, parse := range []func([]byte) (form, error){parseForm, parseJSON} {
			form, err := parse(body)
			if err != nil {
				continue
			}
			tweet, err := form.post()
			if err != nil {
				continue
			}
			if len(tweet.Text) == 0 || tweet.Author.Handle == "" || !strings.HasPrefix(tweet.ID, "post:") {
				t.Errorf("%q became %+v", body, tweet)
			}
		}
	})
}
