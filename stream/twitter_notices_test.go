package stream

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestTwitter_1_7_8_APostThatIsDeletedBeforeOrAfterItCameIsNeverShownAgain(t *testing.T) {
	deleted := func(id string) string {
		return fmt.Sprintf(`{"delete":{"status":{"id":%s,"id_str":%q,"user_id":7}}}`, id, id)
	}
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		sendTweets(w, twitterPost("1", "after"), deleted("1"), deleted("2"), twitterPost("2", "before"),
			twitterPost("1", "again"), twitterPost("3", "stays"))
		<-r.Context().Done()
	}}
	shown := map[string]bool{}
	ledger := NewLedger(func(op Op) error {
		switch op.Kind {
		case Create:
			shown[op.ID] = true
		case Destroy:
			delete(shown, op.ID)
		}
		return nil
	}, nil)
	for _, op := range streamed(t, f.overTCP(t), postIs("3")) {
		if err := ledger.Emit(op); err != nil {
			t.Fatal(err)
		}
	}
	if len(shown) != 1 || !shown["twitter:3"] {
		t.Errorf("shown: %v, want twitter:3 alone", shown)
	}
}

// No stream sends these, but a recording may hold them.
func TestTwitter_ShowsNobodyWhoWritesForHisFollowersOnly(t *testing.T) {
	shy := strings.Replace(twitterPost("4", "for few"), `"screen_name"`, `"protected":true,"screen_name"`, 1)
	for line, want := range map[string]string{
		shy: "destroy twitter:4",
		strings.Replace(twitterPost("5", "a repost"), `"lang":"en"`, `"retweeted_status":`+shy, 1): "destroy twitter:4",
		strings.Replace(twitterPost("6", "a quote"), `"lang":"en"`, `"quoted_status":`+shy, 1):     "create twitter:6 hides twitter:4",
	} {
		m, err := decodeTwitter([]byte(line), "")
		if got := withheldWords(m.op); err != nil || got != want {
			t.Errorf("got %s, %v, want %s", got, err, want)
		}
	}
}

func TestTwitter_1_7_10_HidesWhatIsWithheldWhereThePageIsShown(t *testing.T) {
	inner := strings.Replace(twitterPost("4", "inner"), `"lang":"en"`, `"withheld_in_countries":["DE"]`, 1)
	lines := []string{
		`{"status_withheld":{"id":1,"user_id":7,"withheld_in_countries":["DE","AR"]}}`,
		`{"user_withheld":{"id":8,"withheld_in_countries":["DE","AR"]}}`,
		strings.Replace(twitterPost("2", "in the post"), `"lang":"en"`, `"withheld_in_countries":["de"]`, 1),
		strings.Replace(twitterPost("3", "in its author"), `"screen_name"`, `"withheld_in_countries":["DE"],"screen_name"`, 1),
		strings.Replace(twitterPost("5", "a repost"), `"lang":"en"`, `"retweeted_status":`+inner, 1),
		strings.Replace(twitterPost("6", "a quote"), `"lang":"en"`, `"quoted_status":`+inner, 1),
		strings.Replace(twitterPost("7", "everywhere"), `"lang":"en"`, `"withheld_in_countries":["XY"]`, 1),
	}
	for country, want := range map[string][]string{
		"":   {"withheld twitter:1", "withheld twitter:8", "create twitter:2", "create twitter:3", "create twitter:5", "create twitter:6 quotes twitter:4", "destroy twitter:7"},
		"FR": {"withheld twitter:1", "withheld twitter:8", "create twitter:2", "create twitter:3", "create twitter:5", "create twitter:6 quotes twitter:4", "destroy twitter:7"},
		"DE": {"destroy twitter:1", "author_gone twitter:8", "destroy twitter:2", "author_gone twitter:7", "destroy twitter:4",
			"create twitter:6 hides twitter:4", "destroy twitter:7"},
	} {
		var got []string
		for _, line := range lines {
			m, err := decodeTwitter([]byte(line), country)
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

func TestTwitter_1_7_10_MarksWhatIsWithheldElsewhere(t *testing.T) {
	page := newPage(t)
	l := NewLedger(page.emit, nil)
	for _, line := range []string{
		strings.Replace(twitterPost("1", "in the post"), `"lang":"en"`, `"withheld_in_countries":["tr","DE","<b>","TR"]`, 1),
		strings.Replace(twitterPost("2", "in its author"), `"screen_name"`, `"withheld_in_countries":["DE"],"screen_name"`, 1),
		twitterPost("3", "told later"), twitterPost("4", "of its author"), twitterPost("5", "no more"),
		strings.Replace(twitterPost("6", "quotes"), `"lang":"en"`, `"quoted_status":`+twitterPost("3", "told later"), 1),
		`{"status_withheld":{"id":3,"user_id":7,"withheld_in_countries":["IN"]}}`,
		`{"status_withheld":{"id":5,"user_id":7,"withheld_in_countries":["IN"]}}`,
		`{"status_withheld":{"id":5,"user_id":7,"withheld_in_countries":[]}}`,
		`{"status_withheld":{"id":9,"user_id":7,"withheld_in_countries":["IN"]}}`,
	} {
		m, err := decodeTwitter([]byte(line), "FR")
		if err != nil {
			t.Fatal(err)
		}
		l.Emit(m.op)
	}
	want := map[string][]string{"twitter:1": {"DE", "TR"}, "twitter:2": {"DE"}, "twitter:3": {"IN"}, "twitter:4": nil, "twitter:5": nil, "twitter:6": nil}
	if diff := cmp.Diff(want, page.withheld(), cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
	m, err := decodeTwitter([]byte(`{"user_withheld":{"id":7,"withheld_in_countries":["DE"]}}`), "FR")
	if l.Emit(m.op); err != nil {
		t.Fatal(err)
	}
	for id, got := range page.withheld() {
		if !slices.Equal(got, []string{"DE"}) {
			t.Errorf("%s is withheld in %v, want DE, as its author is", id, got)
		}
	}
}

// withheld is where each post on the page is.
func (p *page) withheld() map[string][]string {
	out := map[string][]string{}
	for id, t := range p.shown {
		out[id] = t.WithheldIn
	}
	return out
}

func withheldWords(op Op) string {
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

func TestTwitter_1_7_11_TellsHowManyPostsTheServerLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwitter{stream: func(n int, w http.ResponseWriter, r *http.Request) {
			for _, total := range []int{10, 25, 25, 24, 26} {
				sendTweets(w, fmt.Sprintf(`{"limit":{"track":%d,"timestamp_ms":"1795255200123"}}`, total))
			}
			if n > 1 {
				<-r.Context().Done()
			}
		}}
		ops, err := runTwitter(t, f.inBubble(t, 0), 10*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		var got []uint64
		for _, op := range opsOf(Lost, ops) {
			got = append(got, op.Notice.Count)
		}
		if want := []uint64{10, 15, 1, 10, 15, 1}; !slices.Equal(got, want) {
			t.Errorf("told of %v lost posts, want %v: the server counts from each connect", got, want)
		}
	})
}

func TestTwitter_1_7_12_StopsWhenTheAccountHasLostItsRightAndOnlyThen(t *testing.T) {
	for code := 1; code <= 12; code++ {
		f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
			sendTweets(w, fmt.Sprintf(`{"disconnect":{"code":%d,"stream_name":"mio_h-1","reason":"bye\n\u0007now"}}`, code), twitterPost("1", "too late"))
			<-r.Context().Done()
		}}
		var ops []Op
		err := f.overTCP(t).Stream(t.Context(), func(op Op) error {
			ops = append(ops, op)
			return nil
		})
		if got, want := isPermanent(err), code == 2 || code == 6 || code == 7; got != want {
			t.Errorf("code %d: the end for good is %v, want %v", code, got, want)
		}
		if want := fmt.Sprintf("told to disconnect, code %d: ", code); err == nil || !strings.HasPrefix(err.Error(), want) || strings.ContainsAny(err.Error(), "\n\a") {
			t.Errorf("code %d: got %q", code, err)
		}
		if len(opsOf(Create, ops)) != 0 {
			t.Errorf("code %d: told more after it", code)
		}
	}
}

func TestTwitter_WarnsTheOperatorWhenItFallsBehind(t *testing.T) {
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		sendTweets(w, `{"warning":{"code":"FALLING_BEHIND","message":"Your connection is falling behind","percent_full":60}}`, twitterPost("1", "one"))
		<-r.Context().Done()
	}}
	var log logged
	src := f.overTCP(t)
	src.Log = debugLog(&log)
	streamed(t, src, postIs("1"))
	if !strings.Contains(log.String(), `level=WARN msg="falling behind" source=twitter percent=60`) {
		t.Errorf("no warning in the log:\n%s", log.String())
	}
}
