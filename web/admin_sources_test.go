package web_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"nagare/stream"
	"nagare/stream/moderation"
)

func TestAdmin_ASourceThatIsSilentForLongerThanUsualIsFlagged(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	d.timeline.Emit(t.Context(), stream.Op{Kind: stream.Status, Notice: &stream.Notice{Source: "bluesky #river", Network: "bluesky", State: stream.Live}})
	posts := func(silence time.Duration, from int) {
		for n := range 10 {
			post := byAuthor(from+n, "mio", "apple words")
			post.CreatedAt = time.Now().Add(-silence - time.Duration(9-n)*time.Minute)
			d.post(post)
		}
	}
	m := logIn(t, s, "Aiko")
	posts(6*time.Minute, 1)
	page := m.body("/admin/sources")
	if !strings.Contains(page, `<p class="panel__late">Silent for much longer than usual`) || !strings.Contains(page, "usually one every 60 s") {
		t.Error("the source is connected, but silent, and the page doesn't say so")
	}
	posts(0, 11)
	if page := m.body("/admin/sources"); strings.Contains(page, "panel__late") || !strings.Contains(page, "is live") {
		t.Error("the source brings posts again, and the page doesn't say so")
	}
}

// budgeted is a source with a quota.
type budgeted struct {
	name  string
	quota stream.Quota
}

func (b budgeted) String() string                                      { return b.name }
func (b budgeted) Quota() stream.Quota                                 { return b.quota }
func (b budgeted) Stream(context.Context, func(stream.Op) error) error { return nil }

// fillQuotas adds a source with a budget, one with a rate limit, and one that knows no limit.
func fillQuotas(s *site, d *testDesk) {
	for _, name := range []string{"x", "a.example", "bluesky"} {
		d.timeline.Emit(s.t.Context(), stream.Op{Kind: stream.Status, Notice: &stream.Notice{Source: name, Network: name, State: stream.Live}})
	}
	reset := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	d.timeline.ReadQuotasOf([]stream.Source{
		budgeted{"x", stream.Quota{Unit: stream.QuotaPosts, Used: 411, Limit: 300_000, Reset: reset, Price: .005}},
		budgeted{"a.example", stream.Quota{Unit: stream.QuotaRequests, Used: 3, Limit: 300, Reset: reset}},
		budgeted{name: "bluesky"},
	})
}

func TestAdmin_TheSourcesPanelSaysWhatIsLeftAndSpent(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	fillQuotas(s, d)
	m := logIn(t, s, "Aiko")
	page := m.body("/admin/sources")
	for _, want := range []string{
		"411 of 300,000 posts of the day’s budget read, 299,589 left · about $2.06 of $1,500.00 spent · resets <time datetime=\"2026-12-01T00:00:00Z\"",
		"297 of 300 requests left after the last one · resets <time datetime=\"2026-12-01T00:00:00Z\"",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	if n := strings.Count(page, "· resets <time"); n != 2 {
		t.Errorf("%d sources have a quota, want the 2 that know it", n)
	}
	m.get("/admin/sources?lang=ja") // sets the cookie
	if page := m.body("/admin/sources"); !strings.Contains(page, "1日の予算300,000件のうち411件を取得済み、残り299,589件 · 約$2.06を使用（上限$1,500.00） · リセット:") ||
		!strings.Contains(page, "直近のリクエスト時点で残り297回（上限300回）") {
		t.Error("the quotas are not in Japanese")
	}
}
