package x

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestX_SaysThatNothingCanBeRead(t *testing.T) {
	for _, line := range []string{"\x28\xb5\x2f\xfd compressed", `{"news":"in another format"}`, "{}"} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeX{stream: func(_ int, w http.ResponseWriter, _ *http.Request) {
				for range 12 {
					send(w, line)
				}
				send(w, lineOf("1"))
			}}
			ops, _ := run(t, f.inBubble(t), time.Minute)
			streamtest.WantUnreadable(t, ops)
		})
	}
}

func TestX_KeepsTryingWhileSomethingInFrontOfXRefuses(t *testing.T) {
	for _, body := range []string{"<html><title>Just a moment...</title>", "", "blocked", `{"message":"Forbidden"}`} {
		synctest.Test(t, func(t *testing.T) {
			f := &fakeX{stream: func(n int, w http.ResponseWriter, _ *http.Request) {
				if n <= 4 {
					w.WriteHeader([]int{401, 403, 404, 410}[n-1])
					send(w, body)
					hangUp()
				}
				send(w, lineOf("1"))
			}}
			ops, err := run(t, f.inBubble(t), 5*time.Minute)
			if err != nil || len(streamtest.OpsOf(stream.Create, ops)) != 1 {
				t.Errorf("%q: got %v after %d connections, want a post", body, err, len(f.opened))
			}
			if said := fmt.Sprint(waiting(ops)); strings.Contains(said, "console.x.com") {
				t.Errorf("%q: gives the advice for a refusal by X: %s", body, said)
			}
		})
	}
}
