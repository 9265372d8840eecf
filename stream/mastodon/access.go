package mastodon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"

	"nagare/stream"
)

// timelinesAccess says who can read the timelines of a server; since Mastodon 4.5. The stream of a
// timeline that the server has switched off can be opened, but has no posts.
type timelinesAccess struct {
	Live     access `json:"live_feeds"`
	Hashtags access `json:"hashtag_feeds"`
}

// access is "public", "authenticated" or "disabled", for posts of the server itself and for those
// of other servers.
type access struct {
	Local  string `json:"local"`
	Remote string `json:"remote"`
}

// isClosed reports whether all posts of a timeline are switched off.
func (t timelinesAccess) isClosed(of timeline) bool {
	const disabled = "disabled"
	switch of.stream {
	case "public":
		return t.Live.Local == disabled && t.Live.Remote == disabled
	case "public/local":
		return t.Live.Local == disabled
	case "public/remote":
		return t.Live.Remote == disabled
	case "hashtag":
		return t.Hashtags.Local == disabled && t.Hashtags.Remote == disabled
	}
	return false
}

// checkAccess returns an error if the server has switched the timeline off for the user of the
// token. Some users can read it nevertheless; they get posts in its pages.
func (a *apiClient) checkAccess(ctx context.Context) error {
	if !a.closed {
		return nil
	}
	query := url.Values{"limit": {"1"}}
	for key, values := range a.timeline.pageQuery {
		query[key] = values
	}
	var page []json.RawMessage
	_, err := a.get(ctx, "/api/v1/timelines/"+a.timeline.pages, query, &page)
	if len(page) > 0 || err != nil && !stream.IsPermanent(err) {
		return nil
	}
	return stream.WithFault(stream.FaultClosed, errors.New(a.closedHelp()))
}

func (a *apiClient) closedHelp() string {
	others := "a hashtag (#tag), a list (list:ID), user, or another server"
	if a.timeline.stream == "hashtag" {
		others = "a list (list:ID), user, or another server"
	}
	return fmt.Sprintf("%s has switched the timeline %q off (timelines_access in its instance document), so no posts come; choose %s", a.server.Host, a.name, others)
}
