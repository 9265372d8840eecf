package feed

import (
	"bytes"
	"encoding/json"
)

// JSONType is the media type of a JSON Feed.
const JSONType = "application/feed+json"

type jsonFeed struct {
	Version string     `json:"version"`
	Title   string     `json:"title"`
	Home    string     `json:"home_page_url"`
	Self    string     `json:"feed_url"`
	Next    string     `json:"next_url,omitempty"`
	Lang    string     `json:"language,omitempty"`
	Items   []jsonItem `json:"items"`
}

type jsonItem struct {
	ID        string       `json:"id"`
	URL       string       `json:"url"`
	Original  string       `json:"external_url,omitempty"`
	HTML      string       `json:"content_html"`
	Published string       `json:"date_published"`
	Modified  string       `json:"date_modified,omitempty"`
	Authors   []jsonAuthor `json:"authors"`
	Lang      string       `json:"language,omitempty"`
}

type jsonAuthor struct {
	Name   string `json:"name"`
	URL    string `json:"url,omitempty"`
	Avatar string `json:"avatar,omitempty"`
}

// JSON returns the feed as a JSON Feed. Its items have no titles, as the specification advises for
// short posts.
func (f Feed) JSON() []byte {
	doc := jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: f.Title, Home: f.Home, Self: f.Self, Next: f.Next, Lang: f.Lang, Items: []jsonItem{},
	}
	for _, item := range f.Items {
		doc.Items = append(doc.Items, item.json())
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(doc); err != nil {
		panic(err) // strings always encode
	}
	return text.Bytes()
}

func (i Item) json() jsonItem {
	out := jsonItem{
		ID: i.ID, URL: i.URL, Original: i.Original, HTML: i.HTML, Published: stamp(i.Published), Lang: i.Lang,
		Authors: []jsonAuthor{{i.Author.Name, i.Author.URL, i.Author.Avatar}},
	}
	if i.Edited.After(i.Published) {
		out.Modified = stamp(i.Edited)
	}
	return out
}
