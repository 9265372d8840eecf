package twitter

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/streamtest"
)

func TestTwitter_ADeletedPostIsNeverShownAgain(t *testing.T) {
	deleted := func(id string) string {
		return fmt.Sprintf(`{"delete":{"status":{"id":%s,"id_str":%q,"user_id":7}}}`, id, id)
	}
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		send(w, postJSON("1", "after"), deleted("1"), deleted("2"), postJSON("2", "before"),
			postJSON("1", "again"), postJSON("3", "stays"))
		<-r.Context().Done()
	}}
	shown := map[string]bool{}
	reconciler := reconcile.New(func(op stream.Op) error {
		switch op.Kind {
		case stream.Create:
			shown[op.ID] = true
		case stream.Destroy:
			delete(shown, op.ID)
		}
		return nil
	}, nil)
	for _, op := range streamed(t, f.overTCP(t), postIs("3")) {
		if err := reconciler.Emit(op); err != nil {
			t.Fatal(err)
		}
	}
	if len(shown) != 1 || !shown["twitter:3"] {
		t.Errorf("shown: %v, want twitter:3 alone", shown)
	}
}

// Streams don't contain posts of protected authors, but recordings may.
func TestTwitter_DoesNotShowProtectedAuthors(t *testing.T) {
	protected := strings.Replace(postJSON("4", "for few"), `"screen_name"`, `"protected":true,"screen_name"`, 1)
	for line, want := range map[string]string{
		protected: "destroy twitter:4",
		strings.Replace(postJSON("5", "a repost"), `"lang":"en"`, `"retweeted_status":`+protected, 1): "destroy twitter:4",
		strings.Replace(postJSON("6", "a quote"), `"lang":"en"`, `"quoted_status":`+protected, 1):     "create twitter:6 hides twitter:4",
	} {
		m, err := decode([]byte(line), "")
		if got := withheldWords(m.op); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

func TestTwitter_HidesPostsThatAreWithheldInTheAudiencesCountry(t *testing.T) {
	inner := strings.Replace(postJSON("4", "inner"), `"lang":"en"`, `"withheld_in_countries":["DE"]`, 1)
	lines := []string{
		`{"status_withheld":{"id":1,"user_id":7,"withheld_in_countries":["DE","AR"]}}`,
		`{"user_withheld":{"id":8,"withheld_in_countries":["DE","AR"]}}`,
		strings.Replace(postJSON("2", "in the post"), `"lang":"en"`, `"withheld_in_countries":["de"]`, 1),
		strings.Replace(postJSON("3", "in its author"), `"screen_name"`, `"withheld_in_countries":["DE"],"screen_name"`, 1),
		strings.Replace(postJSON("5", "a repost"), `"lang":"en"`, `"retweeted_status":`+inner, 1),
		strings.Replace(postJSON("6", "a quote"), `"lang":"en"`, `"quoted_status":`+inner, 1),
		strings.Replace(postJSON("7", "everywhere"), `"lang":"en"`, `"withheld_in_countries":["XY"]`, 1),
	}
	for country, want := range map[string][]string{
		"":   {"withheld twitter:1", "withheld twitter:8", "create twitter:2", "create twitter:3", "create twitter:5", "create twitter:6 quotes twitter:4", "destroy twitter:7"},
		"FR": {"withheld twitter:1", "withheld twitter:8", "create twitter:2", "create twitter:3", "create twitter:5", "create twitter:6 quotes twitter:4", "destroy twitter:7"},
		"DE": {"destroy twitter:1", "author_gone twitter:8", "destroy twitter:2", "author_gone twitter:7", "destroy twitter:4",
			"create twitter:6 hides twitter:4", "destroy twitter:7"},
	} {
		var got []string
		for _, line := range lines {
			m, err := decode([]byte(line), country)
			if err != nil {
				t.Fatal(err)
			}
			if m.op.Kind != "" {
				got = append(got, withheldWords(m.op))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("in %q\n got %q\nwant %q", country, got, want)
		}
	}
}

func TestTwitter_MarksPostsThatAreWithheldInOtherCountries(t *testing.T) {
	page := streamtest.NewPage(t)
	l := reconcile.New(page.Emit, nil)
	for _, line := range []string{
		strings.Replace(postJSON("1", "in the post"), `"lang":"en"`, `"withheld_in_countries":["tr","DE","<b>","TR"]`, 1),
		strings.Replace(postJSON("2", "in its author"), `"screen_name"`, `"withheld_in_countries":["DE"],"screen_name"`, 1),
		postJSON("3", "told later"), postJSON("4", "of its author"), postJSON("5", "no more"),
		strings.Replace(postJSON("6", "quotes"), `"lang":"en"`, `"quoted_status":`+postJSON("3", "told later"), 1),
		`{"status_withheld":{"id":3,"user_id":7,"withheld_in_countries":["IN"]}}`,
		`{"status_withheld":{"id":5,"user_id":7,"withheld_in_countries":["IN"]}}`,
		`{"status_withheld":{"id":5,"user_id":7,"withheld_in_countries":[]}}`,
		`{"status_withheld":{"id":9,"user_id":7,"withheld_in_countries":["IN"]}}`,
	} {
		m, err := decode([]byte(line), "FR")
		if err != nil {
			t.Fatal(err)
		}
		l.Emit(m.op)
	}
	want := map[string][]string{"twitter:1": {"DE", "TR"}, "twitter:2": {"DE"}, "twitter:3": {"IN"}, "twitter:4": nil, "twitter:5": nil, "twitter:6": nil}
	if diff := cmp.Diff(want, withheldOn(page), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	m, err := decode([]byte(`{"user_withheld":{"id":7,"withheld_in_countries":["DE"]}}`), "FR")
	if l.Emit(m.op); err != nil {
		t.Fatal(err)
	}
	for id, where := range want {
		want[id] = slices.Compact(slices.Sorted(slices.Values(append(where, "DE"))))
	}
	if diff := cmp.Diff(want, withheldOn(page)); diff != "" {
		t.Errorf("where the posts or their author are withheld (-want +got):\n%s", diff)
	}
	m, err = decode([]byte(`{"user_withheld":{"id":7,"withheld_in_countries":[]}}`), "FR")
	if l.Emit(m.op); err != nil {
		t.Fatal(err)
	}
	if got := withheldOn(page)["twitter:3"]; !slices.Equal(got, []string{"IN"}) {
		t.Errorf("the post is withheld in %v, want IN, after its author is no more", got)
	}
}

// withheldOn returns the countries in which each post on the page is withheld.
func withheldOn(p *streamtest.Page) map[string][]string {
	out := map[string][]string{}
	for id, t := range p.Shown {
		out[id] = t.WithheldIn
	}
	return out
}

func withheldWords(op stream.Op) string {
	words := string(op.Kind) + " " + op.ID
	switch {
	case op.Author != nil:
		words += op.Author.Key
	case op.Post == nil || op.Post.Quote == nil:
	case op.Post.Quote.Post != nil:
		words += " quotes " + op.Post.Quote.ID
	case op.Post.Quote.URL == "":
		words += " hides " + op.Post.Quote.ID
	}
	return words
}

func TestTwitter_ReportsHowManyPostsTheServerDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwitter{stream: func(n int, w http.ResponseWriter, r *http.Request) {
			for _, total := range []int{10, 25, 25, 24, 26} {
				send(w, fmt.Sprintf(`{"limit":{"track":%d,"timestamp_ms":"1795255200123"}}`, total))
			}
			if n > 1 {
				<-r.Context().Done()
			}
		}}
		ops, err := run(t, f.inBubble(t, 0), 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint64
		for _, op := range streamtest.OpsOf(stream.Lost, ops) {
			got = append(got, op.Notice.Count)
		}
		if want := []uint64{10, 15, 1, 10, 15, 1}; !slices.Equal(got, want) {
			t.Errorf("reported %v lost posts, want %v: the server's count begins with each connection", got, want)
		}
	})
}

func TestTwitter_EndsForGoodIfADisconnectSaysThatTheAccountMayNotRead(t *testing.T) {
	for code := 1; code <= 12; code++ {
		f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
			send(w, fmt.Sprintf(`{"disconnect":{"code":%d,"stream_name":"mio_h-1","reason":"bye\n\u0007now"}}`, code), postJSON("1", "too late"))
			<-r.Context().Done()
		}}
		var ops []stream.Op
		err := f.overTCP(t).Stream(t.Context(), func(op stream.Op) error {
			ops = append(ops, op)
			return nil
		})
		if got, want := stream.IsPermanent(err), code == 2 || code == 6 || code == 7; got != want {
			t.Errorf("code %d: the end for good is %v, want %v", code, got, want)
		}
		if want := fmt.Sprintf("told to disconnect, code %d: ", code); err == nil || !strings.HasPrefix(err.Error(), want) || strings.ContainsAny(err.Error(), "\n\a") {
			t.Errorf("code %d: got %q", code, err)
		}
		if len(streamtest.OpsOf(stream.Create, ops)) != 0 {
			t.Errorf("code %d: emitted a post after it", code)
		}
	}
}

func TestTwitter_LogsAWarningWhenTheServersQueueFillsUp(t *testing.T) {
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		send(w, `{"warning":{"code":"FALLING_BEHIND","message":"Your connection is falling behind","percent_full":60}}`, postJSON("1", "one"))
		<-r.Context().Done()
	}}
	var log streamtest.Logged
	src := f.overTCP(t)
	src.Log = streamtest.DebugLog(&log)
	streamed(t, src, postIs("1"))
	if !strings.Contains(log.String(), `level=WARN msg="falling behind" source=twitter percent=60`) {
		t.Errorf("no warning in the log:\n%s", log.String())
	}
}

func TestTwitter_APostAndItsAuthorAreWithheldIndependently(t *testing.T) {
	dir := os.Getenv("NAGARE_INPUTS")
	if dir == "" {
		t.Skip("NAGARE_INPUTS doesn't name a directory of examples")
	}
	data, err := os.ReadFile(filepath.Join(dir, "twitter-withheld-post-then-user.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	page := streamtest.NewPage(t)
	l := reconcile.New(page.Emit, nil)
	for line := range strings.Lines(string(data)) {
		m, err := decode([]byte(line), "")
		if err != nil {
			t.Fatal(err)
		}
		l.Emit(m.op)
	}
	if diff := cmp.Diff(map[string][]string{"twitter:1": {"AR", "DE", "FR"}}, withheldOn(page)); diff != "" {
		t.Error(diff)
	}
}
