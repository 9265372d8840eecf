package web

import (
	"strings"
	"testing"

	"nagare/stream"
)

func TestCard_HasTheMarkOfItsNetwork(t *testing.T) {
	f := newFixture(t, func(c *Config) {
		all := []stream.Network{{ID: "new", Name: "New", Mark: `<path d="M0 0"></path>`}}
		c.Timeline = NewTimeline(c.Hub, "streaming", c.Timeline.history, all, c.Log)
	})
	for i, source := range []string{"new", "replay", "unknown"} {
		op := creates(i+1, i+1)[0]
		op.Post.Source = source
		f.emit(op)
	}
	page := f.get("/").Body.String()
	for _, want := range []string{
		`<symbol id="mark-new" viewBox="0 0 12 12"><path d="M0 0"></path></symbol>`,
		`<use href="#mark-new">`, `<use href="#mark-replay">`,
		`<use href="#mark-post">`, // a post whose source is no network was published on this site
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}
