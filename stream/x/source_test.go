package x

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/internal/lines"
	"nagare/stream/streamtest"
)

func TestX_ReadsAStreamThatArrivesInPieces(t *testing.T) {
	text := strings.Join([]string{"", lineOf("1"), "", "", lineOf("2"), "not JSON", `{"sitewide":{}}`, "[]", lineOf("3"), ""}, "\r\n")
	f := &fakeX{stream: func(_ int, w http.ResponseWriter, _ *http.Request) {
		for piece := range len(text)/7 + 1 {
			io.WriteString(w, text[piece*7:min(piece*7+7, len(text))])
			w.(http.Flusher).Flush()
		}
	}}
	x := f.overTCP(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	var got []string
	x.Stream(ctx, func(op stream.Op) error {
		if op.Kind == stream.Create {
			if got = append(got, op.ID+" "+stream.PlainText(op.Post.Text)); len(got) == 3 {
				cancel()
			}
		}
		return nil
	})
	if want := "[x:1 Post 1 x:2 Post 2 x:3 Post 3]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
	asked := f.requests()
	for _, want := range []string{"note_tweet", "edit_history_tweet_ids", "referenced_tweets.id.attachments.media_keys", "variants", "withheld"} {
		if last := asked[len(asked)-1]; !strings.Contains(last, want) {
			t.Errorf("%s is not asked for in %s", want, last)
		}
	}
}

func TestX_ReconnectsAtOnceAfterTheFirstDisconnectAndThenBacksOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const end = `{"errors":[{"title":"operational-disconnect","disconnect_type":"UpstreamOperationalDisconnect","detail":"Bye.","type":"https://api.x.com/2/problems/operational-disconnect"}]}`
		f := &fakeX{stream: func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				for range 4 {
					send(w, "")
					stream.Sleep(r.Context(), 20*time.Second)
				}
			}
			if n < 5 {
				send(w, end)
			}
		}}
		ops, err := run(t, f.inBubble(t), 5*time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range []time.Duration{80 * time.Second, 5 * time.Second, 10 * time.Second, 20 * time.Second} {
			low := want * 3 / 4
			if i == 0 {
				low = want
			}
			if got := f.waits()[i]; got < low || got > want {
				t.Errorf("connection %d came after %v, want %v to %v", i+2, got, low, want)
			}
		}
		gaps := streamtest.OpsOf(stream.Gap, ops)
		if len(gaps) != 4 || gaps[0].Notice.Reason != "the server ended the stream: Bye." || gaps[0].Notice.From.After(gaps[0].Notice.To) {
			t.Errorf("got %d gaps, want 4, each with its reason: %+v", len(gaps), gaps[0].Notice)
		}
	})
}

func TestX_WaitsAsLongAsTheRateLimitSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stream.Sleep(t.Context(), 3*365*24*time.Hour) // the clock of a test begins in 2000; a reset before 2001 is ignored
		reset := time.Now().Add(200 * time.Second).Truncate(time.Second)
		f := &fakeX{stream: func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				w.Header().Set("X-Rate-Limit-Reset", fmt.Sprint(reset.Unix()))
				http.Error(w, "{}", http.StatusTooManyRequests)
				send(w)
				hangUp()
			}
		}}
		run(t, f.inBubble(t), 5*time.Minute)
		if f.opened[1].Before(reset) || f.opened[1].After(reset.Add(5*time.Second)) {
			t.Errorf("connected again at %v, want %v", f.opened[1], reset)
		}
	})
}

func TestX_ReportsThatAnotherProgramIsConnected(t *testing.T) {
	const refusal = `{"title":"ConnectionException","detail":"At the limit.","connection_issue":"TooManyConnections","type":"https://api.x.com/2/problems/streaming-connection"}`
	const lived = 2 * time.Minute
	for when, play := range map[string]func(http.ResponseWriter, *http.Request){
		"at once":                func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTooManyRequests) },
		"in the stream":          func(http.ResponseWriter, *http.Request) {},
		"in one that lived long": func(w http.ResponseWriter, r *http.Request) { alive(w, r, lived) },
	} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeX{stream: func(n int, w http.ResponseWriter, r *http.Request) {
				if n > 1 {
					return
				}
				play(w, r)
				send(w, refusal)
				hangUp()
			}}
			ops, _ := run(t, f.inBubble(t), 5*time.Minute)
			got := f.waits()[0]
			if strings.Contains(when, "long") {
				got -= lived
			}
			if got < 45*time.Second || got > time.Minute {
				t.Errorf("%s: waited %v, want about a minute", when, got)
			}
			if said := fmt.Sprint(waiting(ops)); !strings.Contains(said, "429 Too Many Requests: X allows the app one connection and it is taken") {
				t.Errorf("%s: said %s", when, said)
			}
		})
	}
}

// waiting returns the reasons of all waits.
func waiting(ops []stream.Op) (reasons []string) {
	for _, op := range streamtest.OpsOf(stream.Status, ops) {
		if op.Notice.State == stream.Waiting {
			reasons = append(reasons, op.Notice.Reason)
		}
	}
	return reasons
}

func TestX_EndsAtErrorsThatWaitingCannotRemedy(t *testing.T) {
	for code, want := range map[int]string{
		400: "400 Bad Request: No such field.",
		401: "401 Unauthorized: X does not know the token; it has to be the bearer token of an app (console.x.com, OAuth 2.0 app-only): No such field.",
		402: "402 Payment Required: the app's credits are used up; buy some at console.x.com: No such field.",
		403: "403 Forbidden: the app may not use this; look at its plan and its project at console.x.com: No such field.",
		404: "404 Not Found: No such field.",
	} {
		f := &fakeX{stream: func(_ int, w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(code)
			send(w, `{"title":"Wrong","detail":"No such field.","type":"about:blank"}`)
			hangUp()
		}}
		ops, err := run(t, f.overTCP(t), 10*time.Second)
		if err == nil || err.Error() != want || len(f.opened) != 1 {
			t.Errorf("got %v after %d connections, want %s after one", err, len(f.opened), want)
		}
		if last := ops[len(ops)-1].Notice; last.State != stream.Stopped || last.Reason != want {
			t.Errorf("the last news is %+v", last)
		}
	}
}

func TestX_RetriesWhileXSaysThatThereAreNoRulesYet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeX{stream: func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				http.Error(w, "{}", http.StatusConflict)
				send(w)
				hangUp()
			}
		}}
		_, err := run(t, f.inBubble(t), time.Minute)
		if err != nil || len(f.opened) != 2 {
			t.Errorf("got %v after %d connections, want a second one", err, len(f.opened))
		}
	})
}

func TestX_ReconnectsAfterThirtySecondsOfSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeX{stream: func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 1 {
				send(w, "")
				stream.Sleep(r.Context(), 25*time.Second)
				send(w, "")
				stream.Sleep(r.Context(), 25*time.Second)
				send(w, "")
				<-r.Context().Done()
			}
		}}
		ops, _ := run(t, f.inBubble(t), 3*time.Minute)
		if got := f.waits(); len(got) != 1 || got[0] != 80*time.Second {
			t.Errorf("the connections are %v apart, want one, 30 s after the last line: 80 s", got)
		}
		if got := waiting(ops); len(got) != 1 || got[0] != "silent for too long" {
			t.Errorf("said %q", got)
		}
	})
}

func TestX_DropsATruncatedLastLine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeX{stream: func(n int, w http.ResponseWriter, _ *http.Request) {
			if n == 1 {
				io.WriteString(w, lineOf("1")+"\r\n"+lineOf("2")[:60])
				w.(http.Flusher).Flush()
				hangUp()
			}
			send(w, lineOf("3"))
		}}
		ops, _ := run(t, f.inBubble(t), time.Minute)
		got := streamtest.OpsOf(stream.Create, ops)
		if len(got) != 2 || got[0].ID != "x:1" || got[1].ID != "x:3" {
			t.Errorf("got %+v, want posts 1 and 3", got)
		}
	})
}

func TestX_ReadsLongLinesAndCountsThoseOverTheLimit(t *testing.T) {
	long := strings.Replace(lineOf("1"), "Post 1", strings.Repeat("長い", 100_000), 1)
	f := &fakeX{stream: func(_ int, w http.ResponseWriter, _ *http.Request) {
		send(w, long, strings.Repeat("x", lines.MaxLine+1), lineOf("2"))
	}}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var got []string
	f.overTCP(t).Stream(ctx, func(op stream.Op) error {
		switch op.Kind {
		case stream.Create:
			got = append(got, fmt.Sprint(op.ID, " of ", len(stream.PlainText(op.Post.Text))))
		case stream.Lost:
			got = append(got, fmt.Sprint("lost ", op.Notice.Count))
		}
		if len(got) == 3 {
			cancel()
		}
		return nil
	})
	if want := "[x:1 of 600000 lost 1 x:2 of 6]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestX_EndsWithinASecondInEveryState(t *testing.T) {
	if testing.Short() {
		t.Skip("it waits 200 ms of real time for each state")
	}
	mute, err := net.Listen("tcp", "127.0.0.1:0") // accepts connections and sends nothing
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	busy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }))
	defer busy.Close()
	for name, base := range map[string]string{"connecting": "http://" + mute.Addr().String(), "waiting": busy.URL, "reading": ""} {
		x := (&fakeX{}).overTCP(t)
		if base != "" {
			x.Base, x.Client = base, nil
		}
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
		if err := stream.Run(ctx, streamtest.Quiet, x, streamtest.Ignore); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		deadline, _ := ctx.Deadline()
		if late := time.Since(deadline); late > time.Second {
			t.Errorf("%s: ended %v late", name, late)
		}
		cancel()
	}
}
