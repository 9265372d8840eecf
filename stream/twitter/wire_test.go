package twitter

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"nagare/stream"
	"nagare/stream/internal/lines"
	"nagare/stream/streamtest"
)

func TestTwitter_DeliversOnceAndInOrderHoweverTheStreamIsDivided(t *testing.T) {
	spread := strings.Replace(postJSON("3", "spread"), `,"lang"`, ",\n\"lang\"", 1)
	text := strings.Join([]string{"", postJSON("1", "one"), "", "",
		`{"delete":{"status":{"id":1,"id_str":"1","user_id":7},"timestamp_ms":"1795255201000"}}`,
		spread, "", postJSON("4", "語 &amp; 👩‍🚀"), ""}, "\r\n")
	for _, size := range []int{1, 7, 100, len(text)} {
		f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
			for piece := range slices.Chunk([]byte(text), size) {
				w.Write(piece)
				w.(http.Flusher).Flush()
			}
			<-r.Context().Done()
		}}
		ops := streamed(t, f.overTCP(t), postIs("4"))
		if ops[0].Kind != stream.Status || ops[0].Notice.State != stream.Live {
			t.Errorf("the first op is %v, want that the feed is live", ops[0])
		}
		want := []string{"create twitter:1 one", "destroy twitter:1", "create twitter:3 spread", "create twitter:4 語 & 👩‍🚀"}
		if got := summary(ops); !slices.Equal(got, want) {
			t.Errorf("in pieces of %d bytes\n got %q\nwant %q", size, got, want)
		}
	}
}

func TestTwitter_ReadsAMessageOfAMegabyteAndSkipsLongerOnes(t *testing.T) {
	synctest.Test(t, readsLongMessages)
}

func readsLongMessages(t *testing.T) {
	large := postJSON("1", strings.Repeat("river ", 1<<20/6))
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		send(w, large)
		for range 3 { // one message of over 12 MiB, which contains LF
			io.WriteString(w, strings.Repeat("river\n", 4<<20/6))
		}
		io.WriteString(w, strings.Repeat("x", lines.MaxLine+1))
		send(w, "", postJSON("2", "after"))
		<-r.Context().Done()
	}}
	all := streamed(t, f.inBubble(t, 0), postIs("2"))
	if lost := streamtest.OpsOf(stream.Lost, all); len(lost) != 1 || lost[0].Notice.Count != 1 {
		t.Errorf("told that posts were lost: %+v, want one", lost)
	}
	ops := streamtest.OpsOf(stream.Create, all)
	if len(ops) != 2 || len(stream.PlainText(ops[0].Post.Text)) < 1<<20-8 {
		t.Errorf("got %d posts, want the large one and the one after", len(ops))
	}
}

func TestTwitter_ContinuesAfterAnyMessage(t *testing.T) {
	odd := []string{
		`{"delete":{"direct_message":{"id":5,"user_id":7}}}`, `{"delete":{}}`, `{"delete":null}`, `{"delete":5}`, `{"delete":{"status":null}}`,
		`{"never_heard_of":{}}`, `{`, `not JSON`, `[]`, `null`, `5`, `"text"`, `{}`, "\x00", `{"limit":null}`, `{"limit":{"track":"many"}}`,
		`{"warning":[]}`, `{"disconnect":null}`, `{"user_withheld":{}}`, `{"status_withheld":"x"}`, `{"scrub_geo":7}`,
		strings.Repeat("[", 20_000), strings.Repeat(`{"a":`, 20_000),
		`{"direct_message":{"text":"private","sender":{"screen_name":"mio_h"}},"text":"private","user":{"id":7,"screen_name":"mio_h"},"id":9}`,
		`{"id":9,"text":"private","recipient":{"id":8},"user":{"id":7,"screen_name":"mio_h"}}`,
		`{"for_user":7,"message":` + postJSON("9", "private") + `}`, `{"friends":[1,2,3]}`, `{"event":"favorite","target_object":` + postJSON("9", "private") + `}`,
		`{"control":{"control_uri":"/1.1/site/c/01_225167_334389048B872A533002B34D73F8C29FD09EFC50"}}`,
		`{"text":"no id","user":{"id":7,"screen_name":"mio_h"}}`, `{"id":9,"text":"no author","user":null}`, `{"id":9,"text":"no handle","user":{"id":7}}`,
	}
	readable := []string{
		strings.Replace(postJSON("1", "a string as id"), `"id":1,"id_str":"1"`, `"id":"1"`, 1),
		strings.Replace(postJSON("2", "null entities"), `"entities":{"hashtags":[],"urls":[],"user_mentions":[],"symbols":[]}`, `"entities":null,"extended_entities":null`, 1),
		strings.Replace(postJSON("3", "odd entities"), `"hashtags":[]`, `"hashtags":[{"indices":null},null,{"indices":[-1,900]},{"indices":"x","text":7}]`, 1),
		strings.Replace(postJSON("4", "odd fields"), `"lang":"en"`, `"lang":7,"possibly_sensitive":"no","display_text_range":[5],"quoted_status":[],"retweeted_status":7`, 1),
		strings.Replace(postJSON("5", "no count"), `"retweet_count":0,`, ``, 1),
		strings.Replace(postJSON("6", "undated"), `Sat Nov 21`, `Someday`, 1),
	}
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		for i, line := range readable {
			send(w, odd...)
			send(w, line)
			if i == 0 {
				send(w, odd...)
			}
		}
		<-r.Context().Done()
	}}
	want := []string{"create twitter:1 a string as id", "create twitter:2 null entities", "create twitter:3 odd entities",
		"create twitter:5 no count", "create twitter:6 undated"}
	// The fourth message is left out: it reposts a post that has no id.
	var log streamtest.Logged
	src := f.overTCP(t)
	src.Log = streamtest.DebugLog(&log)
	ops := streamed(t, src, postIs("6"))
	if got := summary(ops); !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
	if strings.Contains(fmt.Sprint(summary(ops), log.String()), "private") {
		t.Error("a direct message is shown")
	}
	if n := strings.Count(log.String(), "kind=direct_message"); n != 1 {
		t.Errorf("direct messages are logged %d times, want once", n)
	}
}

// Some gateways end messages with LF alone.
func TestTwitter_ReadsMessagesThatEndWithALineFeedAlone(t *testing.T) {
	pretty := strings.NewReplacer(`,"`, ",\n\"", `{"`, "{\n\"").Replace(postJSON("2", "over {several} lines"))
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		for _, line := range []string{postJSON("1", `a } and a " in it`), "", pretty, "garbage", postJSON("3", "after garbage"), postJSON("4", "four")} {
			io.WriteString(w, line+"\n")
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
	}}
	ops := streamed(t, f.overTCP(t), postIs("4"))
	want := []string{`create twitter:1 a } and a " in it`, "create twitter:2 over {several} lines", "create twitter:4 four"} // 3 is a part of the garbage
	if got := summary(ops); !slices.Equal(got, want) {
		t.Errorf("\n got %q\nwant %q", got, want)
	}
}

func TestTwitter_SaysThatNothingCanBeRead(t *testing.T) {
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		for range 12 {
			send(w, "\x28\xb5\x2f\xfd compressed")
		}
		send(w, postJSON("1", "readable again"))
		<-r.Context().Done()
	}}
	streamtest.WantUnreadable(t, streamed(t, f.overTCP(t), postIs("1")))
}

func TestTwitter_DropsATruncatedMessage(t *testing.T) {
	whole := postJSON("1", "whole")
	for rest, want := range map[string][]string{
		whole + "\r\n" + postJSON("2", "cut")[:90]: {"create twitter:1 whole"},
		whole:          {"create twitter:1 whole"},
		whole + "\r":   {"create twitter:1 whole"},
		whole[:90]:     nil,
		"\r\n\r\n":     nil,
		"":             nil,
		"\n\n" + whole: {"create twitter:1 whole"},
	} {
		f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, _ *http.Request) { io.WriteString(w, rest) }}
		var ops []stream.Op
		err := f.overTCP(t).Stream(t.Context(), func(op stream.Op) error {
			ops = append(ops, op)
			return nil
		})
		if err != errEnded || !reflect.DeepEqual(summary(ops), want) {
			t.Errorf("%.20q…: got %q and %v, want %q and %v", rest, summary(ops), err, want, errEnded)
		}
	}
}
