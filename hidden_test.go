package main

import (
	"context"
	"testing"

	"pgregory.net/rapid"

	"nagare/hub"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/recording"
	"nagare/stream/streamtest"
)

// newModeratedPipeline makes a pipeline with moderators. The test must end it.
func newModeratedPipeline(t *testing.T, mode moderation.Mode) (*pipeline, *desk) {
	t.Helper()
	p := &pipeline{log: new(streamtest.Logged), file: recordingFile(t)}
	p.logger = streamtest.DebugLog(p.log)
	var err error
	if p.recorder, err = recording.Open(p.file, p.logger); err != nil {
		t.Fatal(err)
	}
	c := config{
		admins: []stream.Secret{stream.Secret(secret)}, moderation: mode, site: "Nagare", logRequests: true,
		limits: hub.Limits{PerClient: 1 << 20, HandshakesPerClient: 1 << 20},
	}
	moderated := newProgram(c, p.logger, &p.kept, p.recorder)
	p.hub, p.timeline, p.site = moderated.hub, moderated.timeline, moderated.site(context.Background())
	p.emit = func(op stream.Op) error { return moderated.emit(context.Background(), op) }
	p.run(t)
	if err := moderated.desk.channel.Loaded(context.Background()); err != nil {
		t.Fatal(err)
	}
	if err := moderated.desk.load(context.Background(), ""); err != nil {
		t.Fatal(err)
	}
	return p, moderated.desk
}

// The test runs random histories in which moderators hide posts and show them again. The words of posts
// that are hidden must be in no log, no page and no recording, and be sent to no reader, like those of
// deleted posts. Posts that are shown again must be there.
func TestDeletedWords_OfHiddenPostsAreInNoLogPageOrRecording(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		p, d := newModeratedPipeline(t, moderation.After)
		defer p.end()
		h := newHistory(r, everything, p.emit)
		happens := h.actions()
		happens["hide"] = func(*rapid.T) { h.hide(d, h.any()) }
		happens["show"] = func(*rapid.T) { h.show(d, h.any()) }
		h.repeat(p, happens)
		h.verify(t, p, true)
	})
}

// hide has a moderator hide the post.
func (h *history) hide(d *desk, p *told) {
	if !p.carded() || p.isGone() || p.hidden {
		return
	}
	p.hidden = true
	h.seal(p.words)
	for _, by := range p.reposts {
		h.seal(by.words)
	}
	h.act(d, moderation.Hide, p.ID)
}

// show has a moderator show a hidden post again.
func (h *history) show(d *desk, p *told) {
	if !p.hidden || p.isGone() {
		return
	}
	p.hidden = false
	h.unseal(p.words)
	for _, by := range p.reposts {
		h.unseal(by.words)
	}
	h.act(d, moderation.Approve, p.ID)
}

func (h *history) act(d *desk, do moderation.Do, id string) {
	if _, err := d.moderator.Act(context.Background(), moderation.Action{Do: do, ID: id, By: "Mio"}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *history) unseal(words []string) {
	for _, word := range words {
		delete(h.dead, word)
	}
}
