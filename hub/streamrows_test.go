package hub_test

import (
	"bufio"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"nagare/hub"
)

// A stream's position is treated like that of a WebSocket. The ring holds 600 events: after
// 650 events, the oldest one held is 51; after 20, all are held.
func TestServeEvents_RecoversAsAWebSocketDoes(t *testing.T) {
	for _, test := range []struct {
		events        int
		ask, position string
	}{
		{650, "", `"offset":650,"head":650}`},
		{650, "?last=0", `"offset":650,"head":650}`},
		{650, "?last=100", `"offset":550,"head":650}`},
		{20, "?last=100", `"offset":0,"head":20}`},
		{0, "?last=100", `"offset":0,"head":0}`},
		{650, "?since=EPOCH:650", `"offset":650,"head":650,"recovered":true}`},
		{650, "?since=EPOCH:651", `"offset":650,"head":650,"recovered":false,"reason":"ahead"}`},
		{650, "?since=EPOCH:150", `"offset":150,"head":650,"recovered":true}`},
		{650, "?since=EPOCH:149", `"offset":650,"head":650,"recovered":false,"reason":"too_far"}`},
		{650, "?since=EPOCH:50", `"offset":650,"head":650,"recovered":false,"reason":"too_far"}`},
		{650, "?since=EPOCH:49", `"offset":650,"head":650,"recovered":false,"reason":"expired"}`},
		{650, "?since=EPOCH:49&last=100", `"offset":550,"head":650,"recovered":false,"reason":"expired"}`},
		{650, "?since=0:650", `"offset":650,"head":650,"recovered":false,"reason":"epoch"}`},
		{650, "?since=EPOCH:", `"offset":650,"head":650,"recovered":false,"reason":"epoch"}`},
		{650, "?since=EPOCH:-1", `"offset":650,"head":650,"recovered":false,"reason":"epoch"}`},
		{650, "?since=EPOCH:9007199254740991", `"offset":650,"head":650,"recovered":false,"reason":"ahead"}`},
		{650, "?since=EPOCH:9007199254740992", `"offset":650,"head":650,"recovered":false,"reason":"epoch"}`},
		{0, "?since=EPOCH:0", `"offset":0,"head":0,"recovered":true}`},
	} {
		for _, form := range []string{"/events", "/lines"} {
			streamBubble(t, hub.Options{Ring: 600}, func(t *testing.T, w *streamWorld) {
				w.publish(test.events)
				s := w.ask(t, form+test.ask)
				line := ""
				for !strings.Contains(line, `"offset"`) {
					line = s.line()
				}
				if got := strings.TrimSuffix(strings.TrimSpace(line), "}") + "}"; !strings.HasSuffix(strings.ReplaceAll(got, "}}", "}"), test.position) {
					t.Errorf("%s%s of %d events: got %s, want it to end in %s", form, test.ask, test.events, line, test.position)
				}
			})
		}
	}
}

func TestServeEvents_LimitsWhatARequestCanAskFor(t *testing.T) {
	for ask, want := range map[string]int{
		"?last=100": http.StatusOK, "?last=101": http.StatusBadRequest, "?last=x": http.StatusBadRequest, "?last=": http.StatusBadRequest,
		"?wait=1": http.StatusOK, "?wait=60": http.StatusOK, "?wait=61": http.StatusBadRequest, "?wait=0": http.StatusBadRequest,
		"?wait=65537": http.StatusBadRequest, "?wait=-1": http.StatusBadRequest, "?wait=1.5": http.StatusBadRequest,
		"?channel=": http.StatusNotFound,
	} {
		for _, form := range []string{"/events", "/lines"} {
			streamBubble(t, hub.Options{}, func(t *testing.T, w *streamWorld) {
				if got := w.ask(t, form+ask).status; got != want {
					t.Errorf("%s%s: %d, want %d", form, ask, got, want)
				}
			})
		}
	}
}

func TestServeEvents_TellsEachClientAnotherRetryTime(t *testing.T) {
	streamBubble(t, hub.Options{}, func(t *testing.T, w *streamWorld) {
		different := map[int]bool{}
		for range 50 {
			line := strings.TrimSpace(w.ask(t, "/events").line())
			retry, err := strconv.Atoi(strings.TrimPrefix(line, "retry: "))
			if err != nil || retry < 2000 || retry > 8000 {
				t.Fatalf("%s, want 2000 to 8000 ms", line)
			}
			different[retry] = true
		}
		if len(different) < 10 {
			t.Errorf("50 browsers have %d different times", len(different))
		}
	})
}

func TestServeEvents_CountsAgainstTheLimitsOfTheGate(t *testing.T) {
	w := overTCP(t, hub.Options{Limits: hub.Limits{PerClient: 2}})
	address := w.both()
	w.join()
	for _, want := range []int{http.StatusOK, http.StatusTooManyRequests} {
		res, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(mustGet(t, "http://"+address+"/events"))
		if err != nil {
			t.Fatal(err)
		}
		if res.StatusCode != want {
			t.Errorf("got %s, want %d", res.Status, want)
		}
		bufio.NewReader(res.Body).ReadString('\n')
		t.Cleanup(func() { res.Body.Close() })
	}
}

func mustGet(t *testing.T, url string) *http.Request {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return req
}
