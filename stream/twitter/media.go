package twitter

import (
	"cmp"

	"nagare/stream"
	"nagare/stream/internal/text"
	"nagare/stream/x"
)

// twitterMedia is a picture or a film, and the part of the text that is its address.
type mediaEntity struct {
	entity
	Type  string          `json:"type"`
	Still string          `json:"media_url_https"`
	Alt   string          `json:"ext_alt_text"`
	Size  size            `json:"original_info"`
	Sizes map[string]size `json:"sizes"`
	Film  struct {
		Variants []x.Variant `json:"variants"`
	} `json:"video_info"`
}

// twitterSize is in pixels; each of the two places of it has its own names.
type size struct {
	Width  int `json:"width"`
	Height int `json:"height"`
	W      int `json:"w"`
	H      int `json:"h"`
}

// pictures are all that can be shown. Missing reports whether there is more.
func (b *statusText) pictures() (media []stream.Media, missing bool) {
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

func (m mediaEntity) shown() stream.Media {
	large := m.Sizes["large"]
	still := text.WebAddress(m.Still)
	out := stream.Media{
		Preview: still,
		Alt:     m.Alt,
		Width:   max(cmp.Or(m.Size.Width, large.W), 0),
		Height:  max(cmp.Or(m.Size.Height, large.H), 0),
	}
	switch m.Type {
	case "photo":
		out.Kind, out.URL = "image", still
	case "video":
		out.Kind, out.URL = "video", m.film()
	case "animated_gif":
		out.Kind, out.URL = "gif", m.film()
	default:
		out.Kind, out.URL = "unknown", text.WebAddress(m.URL)
	}
	return out
}

// film is where the film is, or else the page that has it.
func (m mediaEntity) film() string {
	return cmp.Or(x.BestFilm(m.Film.Variants), text.WebAddress(m.URL))
}
