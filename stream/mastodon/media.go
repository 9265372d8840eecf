package mastodon

import (
	"cmp"

	"nagare/stream"
	"nagare/stream/internal/text"
)

type attachment struct {
	Type    string `json:"type"`
	URL     string `json:"url"`
	Remote  string `json:"remote_url"`
	Preview string `json:"preview_url"`
	Alt     string `json:"description"`
	Meta    struct {
		Original size `json:"original"`
		Small    size `json:"small"`
	} `json:"meta"`
}

type size struct {
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// mediaOf converts attachments. Incomplete is true if one was left out because its address is
// missing or invalid.
func mediaOf(list []attachment) (media []stream.Media, incomplete bool) {
	for _, a := range list {
		m := a.convert()
		if m.URL == "" && m.Preview == "" {
			incomplete = true
			continue
		}
		media = append(media, m)
	}
	return media, incomplete
}

func (a attachment) convert() stream.Media {
	m := stream.Media{
		Kind:    "unknown",
		Preview: text.WebAddress(a.Preview),
		URL:     cmp.Or(text.WebAddress(a.URL), text.WebAddress(a.Remote)),
		Alt:     a.Alt,
	}
	switch a.Type {
	case "image", "video", "audio":
		m.Kind = a.Type
	case "gifv":
		m.Kind = "gif"
	}
	switch {
	case m.Kind == "image":
		m.Preview = cmp.Or(m.Preview, m.URL)
	case m.Preview == m.URL: // some servers name the video itself as the preview
		m.Preview = ""
	}
	size := cmp.Or(a.Meta.Original, a.Meta.Small)
	if m.Kind != "audio" && size.Width >= 1 && size.Height >= 1 && max(size.Width, size.Height) < 1e6 {
		m.Width, m.Height = int(size.Width), int(size.Height)
	}
	return m
}

type poll struct {
	ExpiresAt string `json:"expires_at"`
	Expired   bool   `json:"expired"`
	Multiple  bool   `json:"multiple"`
	Voters    int    `json:"voters_count"`
	Options   []struct {
		Title string `json:"title"`
		Votes *int   `json:"votes_count"` // null: the votes are hidden until the poll ends
	} `json:"options"`
	Emojis []customEmoji `json:"emojis"`
}

func (p *poll) convert() *stream.Poll {
	if p == nil || len(p.Options) == 0 {
		return nil
	}
	out := &stream.Poll{EndsAt: parseTime(p.ExpiresAt), Closed: p.Expired}
	if p.Multiple {
		out.Voters = max(p.Voters, 0)
	}
	for _, o := range p.Options {
		out.Options = append(out.Options, stream.PollOption{Title: o.Title, Votes: o.Votes})
	}
	return out
}

type linkPreview struct {
	URL         string `json:"url"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Image       string `json:"image"`
}

func (c *linkPreview) convert() *stream.LinkPreview {
	if c == nil || text.WebAddress(c.URL) == "" {
		return nil
	}
	address := text.WebAddress(c.URL)
	return &stream.LinkPreview{
		URL: address, Title: cmp.Or(c.Title, text.ShortAddress(address)), Description: c.Description, Image: text.WebAddress(c.Image),
	}
}
