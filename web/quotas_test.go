package web

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

// metered is a source with a quota.
type metered struct {
	name  string
	quota stream.Quota
}

func (m *metered) String() string                                      { return m.name }
func (m *metered) Quota() stream.Quota                                 { return m.quota }
func (m *metered) Stream(context.Context, func(stream.Op) error) error { return nil }

// midnight is the reset of a budget.
var midnight = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)

// meteredSources are a source with a budget, one with a rate limit, and one that knows no limit.
func meteredSources() (x *metered, all []stream.Source) {
	x = &metered{"x", stream.Quota{Unit: stream.QuotaPosts, Used: 412, Limit: 1000, Reset: midnight, Price: .005}}
	limited := &metered{"a.example", stream.Quota{Unit: stream.QuotaRequests, Used: 300, Limit: 300, Reset: midnight}}
	return x, []stream.Source{x, stream.Queued(limited, nil), &metered{name: "bluesky"}}
}

// Everybody can read pages and streams, but what a site pays concerns its operator only. An event for
// each new count would displace posts.
func TestQuotas_ChangeNoPublicPageAndNoEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // a page says the minute
		f := newFixture(t)
		f.emit(creates(1, 3)...)
		f.emit(status("x", stream.Live, ""), status("a.example", stream.Waiting, stream.FaultLimited))
		public := func() (all []string) {
			for _, path := range []string{"/", "/?lang=ja", "/streaming.json", "/streaming.ndjson?last=100&wait=1", "/feed.json"} {
				w := f.get(path)
				all = append(all, w.Header().Get("ETag"), w.Body.String())
			}
			return all
		}
		before := public()
		x, sources := meteredSources()
		f.timeline.ReadQuotasOf(sources)
		for range 100 {
			x.quota.Used++
			f.timeline.Quotas()
		}
		if diff := cmp.Diff(before, public()); diff != "" {
			t.Error(diff)
		}
	})
}

func TestQuotas_AreInTheMetricsIfTheyAreKnown(t *testing.T) {
	f := newFixture(t)
	f.emit(status("x", stream.Live, ""), status("a.example", stream.Live, ""), status("bluesky", stream.Live, ""))
	x, sources := meteredSources()
	f.timeline.ReadQuotasOf(sources)
	x.quota.Used = 500
	w := httptest.NewRecorder()
	Metrics(f.hub, f.timeline, new(stream.Lookups)).ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	var got []string
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "nagare_source_quota") || strings.HasPrefix(line, "nagare_source_spent") {
			got = append(got, strings.TrimSpace(line))
		}
	}
	want := []string{
		`nagare_source_quota{source="a.example",unit="requests"} 300`, `nagare_source_quota{source="x",unit="posts"} 1000`,
		`nagare_source_quota_reset_timestamp_seconds{source="a.example",unit="requests"} 1.7960832e+09`, `nagare_source_quota_reset_timestamp_seconds{source="x",unit="posts"} 1.7960832e+09`,
		`nagare_source_quota_used{source="a.example",unit="requests"} 300`, `nagare_source_quota_used{source="x",unit="posts"} 500`,
		`nagare_source_spent_dollars{source="x"} 2.5`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestQuotas_OfAnotherProcessAreKnownUntilItEnds(t *testing.T) {
	reader, other := newFixture(t), newFixture(t)
	_, sources := meteredSources()
	reader.emit(status("x", stream.Live, ""), status("a.example", stream.Live, ""), status("bluesky", stream.Live, ""))
	reader.timeline.ReadQuotasOf(sources)
	other.timeline.ReadQuotasOf([]stream.Source{&metered{"x", stream.Quota{Unit: stream.QuotaPosts, Used: 1, Limit: 2}}}) // it read them before
	other.timeline.ReadQuotasOf(nil)
	if err := other.timeline.AdoptSources(reader.timeline.SharedSources()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(reader.timeline.Quotas(), other.timeline.Quotas()); diff != "" || len(other.timeline.Quotas()) != 2 {
		t.Error(diff)
	}
	before := other.timeline.sources.adopted()
	sources[0].(*metered).quota.Used++
	if err := other.timeline.AdoptSources(reader.timeline.SharedSources()); err != nil {
		t.Fatal(err)
	}
	if other.timeline.Quotas()["x"].Used != 413 || other.timeline.sources.adopted() != before {
		t.Errorf("used %+v, and pages are rendered anew", other.timeline.Quotas()["x"])
	}
	other.timeline.ForgetStates()
	if got := other.timeline.Quotas(); len(got) > 0 {
		t.Errorf("the process has ended, and the quotas are %v", got)
	}
}
