package stream

import "cmp"

type mastoMedia struct {
	Type    string `json:"type"`
	URL     string `json:"url"`
	Remote  string `json:"remote_url"`
	Preview string `json:"preview_url"`
	Alt     string `json:"description"`
	Meta    struct {
		Original mastoSize `json:"original"`
		Small    mastoSize `json:"small"`
	} `json:"meta"`
}

type mastoSize struct {
	Width  float64 `json:"width"`
	Height float64 `json:"height"`
}

// mastoPictures are what is attached to a post. Incomplete is true if something is
// that has no address.
func mastoPictures(list []mastoMedia) (media []Media, incomplete bool) {
	for _, a := range list {
		m := a.media()
		if m.URL == "" && m.Preview == "" {
			incomplete = true
			continue
		}
		media = append(media, m)
	}
	return media, incomplete
}

func (a mastoMedia) media() Media {
	m := Media{
		Kind:    "unknown",
		Preview: webAddress(a.Preview),
		URL:     cmp.Or(webAddress(a.URL), webAddress(a.Remote)),
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
	case m.Preview == m.URL: // some servers give the film for its picture
		m.Preview = ""
	}
	size := cmp.Or(a.Meta.Original, a.Meta.Small)
	if m.Kind != "audio" && size.Width >= 1 && size.Height >= 1 && max(size.Width, size.Height) < 1e6 {
		m.Width, m.Height = int(size.Width), int(size.Height)
	}
	return m
}

type mastoPoll struct {
	ExpiresAt string `json:"expires_at"`
	Expired   bool   `json:"expired"`
	Options   []struct {
		Title string `json:"title"`
		Votes *int   `json:"votes_count"` // null while hidden
	} `json:"options"`
	Emojis []mastoEmoji `json:"emojis"`
}

func (p *mastoPoll) poll() *Poll {
	if p == nil || len(p.Options) == 0 {
		return nil
	}
	poll := &Poll{EndsAt: mastoTime(p.ExpiresAt), Closed: p.Expired}
	for _, o := range p.Options {
		poll.Options = append(poll.Options, PollOption{Title: o.Title, Votes: o.Votes})
	}
	return poll
}

type mastoCard struct {
	URL         string `json:"url"`
	Title       string `json:"title"`
	Description string `json:"description"`
	Image       string `json:"image"`
}

func (c *mastoCard) card() *LinkPreview {
	if c == nil || webAddress(c.URL) == "" {
		return nil
	}
	address := webAddress(c.URL)
	return &LinkPreview{URL: address, Title: cmp.Or(c.Title, shortAddress(address)), Description: c.Description, Image: webAddress(c.Image)}
}
