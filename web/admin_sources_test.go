package web_test

import (
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
