// Package oembed writes responses of oEmbed 1.0 (https://oembed.com), by which other sites show a
// quotation of a post in place of its address.
//
// The HTML of a response has neither a script nor a style nor a picture, and all texts in it are
// escaped: TestRich_TextIsNeverMarkup. It leaves to others which addresses have a response, and
// HTTP.
package oembed

import (
	"bytes"
	"html/template"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Response is the response for an address, of type link or rich. The fields without omitempty are
// required for the type link.
type Response struct {
	Version      string `json:"version"`
	Type         string `json:"type"`
	Title        string `json:"title"`
	AuthorName   string `json:"author_name,omitempty"`
	AuthorURL    string `json:"author_url,omitempty"`
	ProviderName string `json:"provider_name"`
	ProviderURL  string `json:"provider_url"`
	CacheAge     int    `json:"cache_age"` // seconds
	HTML         string `json:"html,omitempty"`
	Width        int    `json:"width,omitempty"`
	Height       int    `json:"height,omitempty"`
}

// CacheAge is how long a site may show a response, in seconds: a post that was deleted may not be
// shown for longer.
const CacheAge = 60

// Link returns the response of type link, which has only a title. provider is the name of the
// site, at the address home.
func Link(title, provider, home string) Response {
	return Response{Version: "1.0", Type: "link", Title: title, ProviderName: provider, ProviderURL: home, CacheAge: CacheAge}
}

// Post is a post to quote.
type Post struct {
	URL       string // of its page on this site
	Author    string // name or handle
	AuthorURL string
	Lang      string // BCP 47
	Text      string // with a line for each paragraph
	Published time.Time
}

// Bounds are the largest width and height that the other site permits, in pixels; 0: any.
type Bounds struct{ Width, Height int }

// The size of a quotation, in pixels, with the style sheet and the fonts of a browser.
const (
	width      = 550
	leastWidth = 220
	margins    = 80 // the blockquote's at the left and right
	lineHeight = 22
	around     = 120 // the heights of the author's lines and of all margins
	character  = 9   // width of a character; a Chinese one has twice that
)

// Quoted returns the response of type rich with a quotation of the post. If that doesn't fit into the
// bounds, it returns the link.
func (link Response) Quoted(p Post, within Bounds) Response {
	link.AuthorName, link.AuthorURL = p.Author, p.AuthorURL
	wide := width
	if within.Width > 0 {
		wide = min(wide, within.Width)
	}
	high := around + lineHeight*p.lines((wide-margins)/character)
	if wide < leastWidth || within.Height > 0 && high > within.Height {
		return link
	}
	link.Type, link.HTML, link.Width, link.Height = "rich", p.html(), wide, high
	return link
}

// lines estimates the number of lines of the text.
func (p Post) lines(columns int) (total int) {
	for _, line := range p.Lines() {
		half := 0 // columns, of which a character has one, a capital one and a half, and a Chinese character two
		for _, r := range line {
			half += 1 + utf8.RuneLen(r)
			if unicode.IsUpper(r) {
				half++
			}
		}
		total += 1 + half*5/4/(2*columns) // lines break between words, which leaves a part of each empty
	}
	return total
}

// quotation is the HTML of a response.
var quotation = template.Must(template.New("").Parse(
	`<blockquote cite="{{.URL}}"{{with .Lang}} lang="{{.}}"{{end}}>` +
		`<p>{{range $i, $line := .Lines}}{{if $i}}<br>{{end}}<bdi>{{$line}}</bdi>{{end}}</p>` +
		`<footer>— {{if .AuthorURL}}<a href="{{.AuthorURL}}" rel="nofollow ugc">{{.Author}}</a>{{else}}{{.Author}}{{end}}, ` +
		`<a href="{{.URL}}"><time datetime="{{.Published.Format "2006-01-02T15:04:05Z07:00"}}">{{.Published.Format "2006-01-02 15:04"}} UTC</time></a></footer></blockquote>`))

// Lines returns the lines of the text that are not empty.
func (p Post) Lines() (lines []string) {
	for line := range strings.Lines(p.Text) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

func (p Post) html() string {
	p.Published = p.Published.UTC()
	var out bytes.Buffer
	if err := quotation.Execute(&out, p); err != nil {
		panic(err) // all fields are texts and times
	}
	return out.String()
}
