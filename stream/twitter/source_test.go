package twitter

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/internal/fetch"
	"nagare/stream/streamtest"
)

func TestTwitter_BacksOffFromAServerThatClosesEachConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, _ *http.Request) { send(w) }}
		ops, err := run(t, f.inBubble(t, 0), time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		want := []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second, 40 * time.Second}
		for i, wait := range f.waits() {
			if wait < want[i]*3/4 || wait > want[i] {
				t.Errorf("wait %d is %v, want at most a quarter less than %v", i+1, wait, want[i])
			}
		}
		if n := len(f.requests()); n != 4 && n != 5 {
			t.Errorf("connected %d times in a minute, want 4 or 5", n)
		}
		if s := streamtest.LastStatus(ops); s.State != stream.Waiting || s.Reason != errEnded.Error() || s.Retry.IsZero() {
			t.Errorf("the last state is %+v, want one that waits, with its reason", s)
		}
	})
}

func TestTwitter_ReconnectsAfter90SecondsOfSilenceAndReportsTheGap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwitter{stream: func(n int, w http.ResponseWriter, r *http.Request) {
			send(w, postJSON("1", "one"))
			for range 3 {
				stream.Sleep(r.Context(), 89*time.Second)
				send(w, "")
			}
			<-r.Context().Done()
		}}
		began := time.Now()
		ops, err := run(t, f.inBubble(t, 0), 400*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := f.waits(), (3*89+90)*time.Second; len(got) != 1 || got[0] != want {
			t.Errorf("connected again after %v, want once, after %v, and at once", got, want)
		}
		gaps := streamtest.OpsOf(stream.Gap, ops)
		if len(gaps) != 1 {
			t.Fatalf("got %d gaps, want 1", len(gaps))
		}
		gap := gaps[0].Notice
		if from, to := gap.From.Sub(began), gap.To.Sub(began); from != 267*time.Second || to != 357*time.Second || gap.Reason != fetch.ErrSilent.Error() {
			t.Errorf("the gap is from %v to %v for %q, want from the last byte to the next response", from, to, gap.Reason)
		}
		var states []stream.State
		for _, op := range streamtest.OpsOf(stream.Status, ops) {
			states = append(states, op.Notice.State)
		}
		if want := []stream.State{stream.Connecting, stream.Silent, stream.Live, stream.Waiting, stream.Connecting, stream.Live}; !slices.Equal(states, want) {
			t.Errorf("the states are %v, want %v", states, want)
		}
	})
}

func TestTwitter_WaitsAMinuteOrMoreAtARateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwitter{stream: func(n int, w http.ResponseWriter, r *http.Request) {
			if n == 1 || n == 2 || n == 4 {
				w.WriteHeader(stream.EnhanceYourCalm)
				return
			}
			for range 4 {
				send(w, postJSON(fmt.Sprint(n), "data"))
				stream.Sleep(r.Context(), 30*time.Second)
			}
			if n > 4 {
				<-r.Context().Done()
			}
		}}
		if _, err := run(t, f.inBubble(t, 0), 10*time.Minute); err != nil {
			t.Fatal(err)
		}
		for i, want := range []time.Duration{time.Minute, 2 * time.Minute, 2 * time.Minute, time.Minute} {
			if got := f.waits()[i]; got < want*3/4 || got > want {
				t.Errorf("wait %d is %v, want at most a quarter less than %v", i+1, got, want)
			}
		}
	})
}

// ownError is an error in the form of the API.
const ownError = `{"errors":[{"code":32,"message":"Could not authenticate you."}]}`

func TestTwitter_KeepsTryingWhileSomethingInFrontOfTheServerRefuses(t *testing.T) {
	const own = `<html><head><title>Error 401 Unauthorized</title></head><body><p>Problem accessing '/1.1/statuses/filter.json'. Reason: Unauthorized`
	for body, permanent := range map[string]bool{"<!DOCTYPE html><title>Just a moment...</title>": false, "": false, "no": false, ownError: true, own: true} {
		f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, _ *http.Request) { http.Error(w, body, http.StatusForbidden) }}
		if err := f.overTCP(t).Check(t.Context()); stream.IsPermanent(err) != permanent || strings.Contains(err.Error(), "check its address") != permanent {
			t.Errorf("%.30q: got %v, permanent %v", body, err, stream.IsPermanent(err))
		}
	}
}

func TestTwitter_EndsAtARefusalAndSaysThatXHasRetiredTheAPI(t *testing.T) {
	for _, code := range []int{401, 403, 404, 410, 406, 413, 416} {
		f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, _ *http.Request) { http.Error(w, ownError, code) }}
		src := f.overTCP(t)
		ops, err := run(t, src, 10*time.Second)
		if !stream.IsPermanent(err) || len(f.requests()) != 1 {
			t.Errorf("%d: got %v after %d requests, want the end after one", code, err, len(f.requests()))
		}
		if s := streamtest.LastStatus(ops); s.State != stream.Stopped || !strings.Contains(s.Reason, http.StatusText(code)) {
			t.Errorf("%d: the last state is %+v", code, s)
		}
		if code > 404 && code != 410 {
			continue
		}
		if !strings.Contains(err.Error(), "check its address and the keys") {
			t.Errorf("%d: a gateway's refusal reads %q", code, err)
		}
		own := (&connection{}).refused(&http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader(ownError))})
		for _, want := range []string{"retired by X", "--source x", "gateway", "replays"} {
			if !stream.IsPermanent(own) || !strings.Contains(own.Error(), want) {
				t.Errorf("%d: X's refusal reads %q, want %q in it", code, own, want)
			}
		}
	}
}

func TestTwitter_RetriesAfterAServerError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwitter{stream: func(n int, w http.ResponseWriter, r *http.Request) {
			if codes := []int{500, 502, 503}; n <= len(codes) {
				w.WriteHeader(codes[n-1])
				return
			}
			send(w, postJSON("1", "one"))
			<-r.Context().Done()
		}}
		ops, err := run(t, f.inBubble(t, 0), time.Minute)
		if err != nil || streamtest.LastStatus(ops).State != stream.Live || len(streamtest.OpsOf(stream.Create, ops)) != 1 {
			t.Errorf("got %v and %+v, want a live feed with a post", err, streamtest.LastStatus(ops))
		}
		for i, want := range []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second} {
			if got := f.waits()[i]; got < want*3/4 || got > want {
				t.Errorf("wait %d is %v, want at most a quarter less than %v", i+1, got, want)
			}
		}
	})
}

func TestTwitter_RecoversWhenTheServerIsBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
			send(w, postJSON("1", "one"))
			<-r.Context().Done()
		}}
		ops, err := run(t, f.inBubble(t, 4), time.Minute)
		if err != nil || streamtest.LastStatus(ops).State != stream.Live || len(streamtest.OpsOf(stream.Create, ops)) != 1 {
			t.Errorf("got %v and %+v, want a live feed with a post", err, streamtest.LastStatus(ops))
		}
		for i, wait := range f.waits()[:4] {
			if want := time.Duration(i+1) * 250 * time.Millisecond; wait < want*3/4 || wait > want {
				t.Errorf("wait %d is %v, want at most a quarter less than %v", i+1, wait, want)
			}
		}
	})
}

func TestTwitter_CheckReportsARefusalOrAMissingKeyInOneLine(t *testing.T) {
	f := &fakeTwitter{stream: func(n int, w http.ResponseWriter, r *http.Request) {
		if n > 1 {
			http.Error(w, "{\"errors\":\n[]}", http.StatusForbidden)
			return
		}
		send(w, postJSON("1", "one"))
		<-r.Context().Done()
	}}
	src := f.overTCP(t)
	if err := src.Check(t.Context()); err != nil {
		t.Errorf("got %v, want nil", err)
	}
	if err := src.Check(t.Context()); err == nil || !strings.HasPrefix(err.Error(), `403 Forbidden: {"errors": []} (`) {
		t.Errorf("got %v, want one line about a refusal", err)
	}
	src.AccessToken = ""
	if err := src.Check(t.Context()); err == nil || err.Error() != "the access token is missing" {
		t.Errorf("got %v, want what is missing", err)
	}
}

func TestTwitter_KeepsNoLocation(t *testing.T) {
	placed := strings.Replace(postJSON("1", "here"), `"lang":"en"`,
		`"geo":{"type":"Point","coordinates":[51.25,7.125]},"coordinates":{"coordinates":[7.125,51.25]},"place":{"full_name":"Hinose, Riverland"}`, 1)
	f := &fakeTwitter{stream: func(_ int, w http.ResponseWriter, r *http.Request) {
		send(w, placed, `{"scrub_geo":{"user_id":7,"user_id_str":"7","up_to_status_id":9,"up_to_status_id_str":"9"}}`, postJSON("2", "after"))
		<-r.Context().Done()
	}}
	ops := streamed(t, f.overTCP(t), postIs("2"))
	text, err := json.Marshal(ops)
	if err != nil {
		t.Fatal(err)
	}
	for _, place := range []string{"51.25", "7.125", "Riverland"} {
		if strings.Contains(string(text), place) {
			t.Errorf("%q is kept: %s", place, text)
		}
	}
	if got, want := summary(ops), []string{"create twitter:1 here", "create twitter:2 after"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
