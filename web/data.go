package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nagare/hub"
	"nagare/stream/query"
	"nagare/templates"
)

// mostListed is the most posts of one answer.
const mostListed = 100

// data serves the posts that are passed on: as JSON and as feeds. As long as the log doesn't change,
// it makes each answer only once.
type data struct {
	// Set by newData, never changed.
	config   Config
	timeline *Timeline
	begun    time.Time

	// Has a lock of its own.
	answers pageCache
}

func newData(c Config) *data {
	return &data{config: c, timeline: c.Timeline, begun: time.Now(), answers: pageCache{renders: newTurns(rendersAtOnce, renderPatience)}}
}

// routes returns the routes of all data that is passed on.
func (d *data) routes() []route {
	if d.config.OpenData == nil {
		return nil
	}
	return []route{
		{listingPath(d.timeline.name), getOptions, public(http.HandlerFunc(d.listing))},
		{atomPath, getOptions, public(http.HandlerFunc(d.atom))},
		{jsonFeedPath, getOptions, public(http.HandlerFunc(d.jsonFeed))},
		{oembedPath, getOptions, public(newEmbedder(d))},
	}
}

// wanted are the posts that a request asks for.
type wanted struct {
	selection
	after *hub.Position
	at    time.Time
}

// wanted reads the parameters q, before, after, at and limit.
func (d *data) wanted(p *params) (w wanted) {
	var err error
	if w.query, err = query.Parse(p.values.Get(queryParam)); err != nil {
		p.fault(queryParam, "%s", oneLine(err.Error()))
	}
	w.before, w.at, w.limit = p.position(beforeParam), p.time(atParam), p.number("limit", 1, mostListed, templates.Initial)
	if p.values.Has("after") {
		after := p.position("after")
		w.after = &after
	}
	p.oneOf(beforeParam, "after", atParam)
	w.only = d.config.OpenData.passes
	return w
}

// find returns the posts that are wanted, and the position from which a client can continue. If the log
// has been replaced, or the history can't be read, posts are missing.
func (d *data) find(ctx context.Context, w wanted) (found selected, next hub.Position, err error) {
	t := d.timeline
	if w.after != nil {
		return t.since(ctx, w.selection, *w.after)
	}
	if !w.at.IsZero() && w.at.Before(time.Now()) {
		w.before, err = t.positionAt(ctx, w.at)
	}
	if err == nil {
		found, err = t.selectPosts(ctx, w.selection)
	}
	if errors.Is(err, errPosition) || errors.Is(err, errAway) {
		found, err = selected{tip: t.channel.Tip()}, nil
	}
	return found, found.tip, err
}

// answer sends what render makes of the posts, unless that is known already. The key tells it from all
// other answers.
func (d *data) answer(w http.ResponseWriter, r *http.Request, kind string, key pageKey, wanted wanted, render func(found selected, next hub.Position) ([]byte, error)) {
	doc, err := d.answers.get(r.Context(), key, d.timeline.channel.Tip, func(ctx context.Context) (renderedPage, error) {
		found, next, err := d.find(ctx, wanted)
		if err != nil {
			return renderedPage{}, err
		}
		body, err := render(found, next)
		return renderedPage{newDocument(body), found.tip, !found.complete}, err
	})
	switch {
	case errors.Is(err, errBusy):
		w.Header().Set("Retry-After", "6")
		w.Header().Set("Cache-Control", "no-store")
		http.Error(w, "too many requests at once; try again", http.StatusServiceUnavailable)
	case err != nil:
		panic(err) // a bug: the log holds an event that can't be decoded. The middleware recovered logs it
	default:
		doc.serve(w, r, kind)
	}
}

// positionText returns a position as a parameter, which is empty for the zero Position.
func positionText(p hub.Position) string {
	if (p == hub.Position{}) {
		return ""
	}
	return p.String()
}

// withParams returns a path with those parameters whose values are not empty.
func withParams(path string, pairs ...string) string {
	sign := "?"
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			path += sign + pairs[i] + "=" + url.QueryEscape(pairs[i+1])
			sign = "&"
		}
	}
	return path
}

// origin returns the site's origin, as configured or as the client has it.
func (c Config) origin(r *http.Request) string {
	if origin := c.Origins.first(); origin != "" || !hostPattern.MatchString(r.Host) {
		return origin
	}
	return Scheme(r) + "://" + r.Host
}

// absolute returns an address of the site, or of another one, as an absolute address.
func absolute(origin, address string) string {
	if strings.HasPrefix(address, "/") {
		return origin + address
	}
	return address
}
