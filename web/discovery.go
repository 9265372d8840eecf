package web

import (
	"net/url"

	"nagare/templates"
	"nagare/web/feed"
)

// alternates returns the other forms of a page, for its head: the feeds with its posts, which are
// those that match a query in canonical form, and its oEmbed. There are none if no data is open. path
// is the page's own.
func (c Config) alternates(path, query string) []templates.Alternate {
	return append(c.feeds(query), c.embedding(path)...)
}

// feeds returns the feeds with the posts that match a query.
func (c Config) feeds(query string) []templates.Alternate {
	if c.OpenData == nil {
		return nil
	}
	return []templates.Alternate{
		{Type: feed.AtomType, Title: "Atom", Href: feedPath(atomPath, query)},
		{Type: feed.JSONType, Title: "JSON Feed", Href: feedPath(jsonFeedPath, query)},
	}
}

// embedding returns the oEmbed of a page, such as that of a post, which has no feeds.
func (c Config) embedding(path string) []templates.Alternate {
	if c.OpenData == nil {
		return nil
	}
	origin := c.Origins.first()
	return []templates.Alternate{{Type: "application/json+oembed", Title: c.Site, Href: origin + oembedPath + "?url=" + url.QueryEscape(origin+path)}}
}

// feedPath returns the path of the feed, in one of its formats, with the posts that match a query;
// with all posts, if the query is empty.
func feedPath(format, query string) string {
	if query == "" {
		return format
	}
	return format + "?q=" + url.QueryEscape(query)
}
