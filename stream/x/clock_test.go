package x

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/streamtest"
)

// idAt is an id that X assigns at a time.
func idAt(at time.Time) string { return fmt.Sprint((at.UnixMilli() - 1288834974657) << 22) }

// versionLine is a version of a post as the stream sends it.
func versionLine(at time.Time, text string, versions ...string) string {
	id := versions[len(versions)-1]
	return fmt.Sprintf(`{"data":{"id":%q,"author_id":"7","text":%q,"created_at":%q,"edit_history_tweet_ids":["%s"]},"includes":{"users":[%s]},"matching_rules":[{"id":"1","tag":"nagare"}]}`,
		id, text, at.Format("2006-01-02T15:04:05.000Z"), strings.Join(versions, `","`), mioJSON)
}

func TestX_AWrongClockHidesNoGapAndLosesNoEdit(t *testing.T) {
	for name, ahead := range map[string]time.Duration{"right": 0, "15 minutes slow": 15 * time.Minute, "15 minutes fast": -15 * time.Minute} {
		for _, dated := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s, dated %v", name, dated), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					time.Sleep(time.Until(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)))
					network := func() time.Time { return time.Now().Add(ahead).UTC() }
					var broke, back time.Time
					f := &fakeX{stream: func(n int, w http.ResponseWriter, r *http.Request) {
						if n == 2 {
							back = network()
							send(w, versionLine(network(), "after", idAt(network())))
							return
						}
						first := network()
						send(w, versionLine(first, "first", idAt(first)))
						stream.Sleep(r.Context(), 2*time.Second)
						send(w, versionLine(network(), "second", idAt(first), idAt(network())))
						stream.Sleep(r.Context(), 2*time.Second)
						send(w, versionLine(network(), "third", idAt(first), idAt(first.Add(2*time.Second)), idAt(network())))
						broke = network()
						hangUp()
					}}
					x := f.inBubble(t)
					served := x.Client.Transport
					x.Client.Transport = roundTripper(func(req *http.Request) (*http.Response, error) {
						res, err := served.RoundTrip(req)
						if res != nil {
							if res.Header.Del("Date"); dated {
								res.Header.Set("Date", network().Format(http.TimeFormat))
							}
						}
						return res, err
					})
					ops, _ := run(t, x, 2*time.Minute)
					page := streamtest.NewPage(t)
					reconciler := reconcile.New(page.Emit, nil)
					for _, op := range ops {
						reconciler.Emit(op)
						if p := op.Post; p != nil && (op.At.Sub(p.CreatedAt) > 10*time.Second || p.CreatedAt.After(op.At)) {
							t.Errorf("a post of %v arrived at %v", p.CreatedAt, op.At)
						}
					}
					edited := false
					for _, p := range page.Shown {
						if text := stream.PlainText(p.Text); text == "third" {
							edited = p.EditedAt.Sub(broke).Abs() < 2*time.Second
						} else if text != "after" {
							t.Errorf("%q is shown", text)
						}
					}
					gaps := streamtest.OpsOf(stream.Gap, ops)
					if !edited || len(gaps) != 1 || gaps[0].Notice.From.Sub(broke).Abs() > 2*time.Second || gaps[0].Notice.To.Sub(back).Abs() > 2*time.Second {
						t.Errorf("the last edit is shown: %v; gaps: %+v, want one from %v to %v", edited, gaps, broke, back)
					}
				})
			})
		}
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
