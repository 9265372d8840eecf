package stream

import "cmp"

// twitterMedia is a picture or a film, and the part of the text that is its address.
type twitterMedia struct {
	twitterEntity
	Type  string                 `json:"type"`
	Still string                 `json:"media_url_https"`
	Alt   string                 `json:"ext_alt_text"`
	Size  twitterSize            `json:"original_info"`
	Sizes map[string]twitterSize `json:"sizes"`
	Film  struct {
		Variants []twitterVariant `json:"variants"`
	} `json:"video_info"`
}

// twitterSize is in pixels; each of the two places of it has its own names.
type twitterSize struct {
	Width  int `json:"width"`
	Height int `json:"height"`
	W      int `json:"w"`
	H      int `json:"h"`
}

// twitterVariant is a file of a film. A playlist has no bit rate.
type twitterVariant struct {
	BitRate int    `json:"bitrate"`
	Type    string `json:"content_type"`
	URL     string `json:"url"`
}

// pictures are all that can be shown. Missing reports whether there is more.
func (b *twitterText) pictures() (media []Media, missing bool) {
	all := b.Media.All
	if len(all) == 0 {
		all = b.Entities.Media
	}
	for _, m := range all {
		if shown := m.shown(); shown.Preview != "" {
			media = append(media, shown)
		} else {
			missing = true
		}
	}
	return media, missing
}

func (m twitterMedia) shown() Media {
	large := m.Sizes["large"]
	still := webAddress(m.Still)
	out := Media{
		Preview: still,
		Alt:     m.Alt,
		Width:   max(cmp.Or(m.Size.Width, large.W), 0),
		Height:  max(cmp.Or(m.Size.Height, large.H), 0),
	}
	switch m.Type {
	case "photo":
		out.Kind, out.URL = "image", still
	case "video":
		out.Kind, out.URL = "video", m.best()
	case "animated_gif":
		out.Kind, out.URL = "gif", m.best()
	default:
		out.Kind, out.URL = "unknown", webAddress(m.URL)
	}
	return out
}

// best is the film of the most bits a second that any browser plays, or else the
// page that has it.
func (m twitterMedia) best() string {
	best := twitterVariant{BitRate: -1}
	for _, v := range m.Film.Variants {
		if v.Type == "video/mp4" && v.BitRate > best.BitRate && webAddress(v.URL) != "" {
			best = v
		}
	}
	return webAddress(cmp.Or(best.URL, m.URL))
}
