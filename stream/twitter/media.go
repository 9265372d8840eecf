package twitter

import (
	"cmp"

	"nagare/stream"
	"nagare/stream/internal/text"
	"nagare/stream/x"
)

// mediaEntity is a picture or a video, with the range of the text that has its address.
type mediaEntity struct {
	entity
	Type  string          `json:"type"`
	Still string          `json:"media_url_https"` // the picture, or a frame of the video
	Alt   string          `json:"ext_alt_text"`
	Size  size            `json:"original_info"`
	Sizes map[string]size `json:"sizes"`
	Video struct {
		Variants []x.Variant `json:"variants"`
	} `json:"video_info"`
}

// size is in pixels. The API has two names for each side.
type size struct {
	Width  int `json:"width"`
	Height int `json:"height"`
	W      int `json:"w"`
	H      int `json:"h"`
}

// attachedMedia returns the media of the post. Missing reports whether the post has media that
// can't be shown.
func (b *statusText) attachedMedia() (media []stream.Media, missing bool) {
	all := b.Media.All
	if len(all) == 0 {
		all = b.Entities.Media
	}
	for _, m := range all {
		if converted := m.media(); converted.Preview != "" {
			media = append(media, converted)
		} else {
			missing = true
		}
	}
	return media, missing
}

func (m mediaEntity) media() stream.Media {
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
		out.Kind, out.URL = "video", m.videoAddress()
	case "animated_gif":
		out.Kind, out.URL = "gif", m.videoAddress()
	default:
		out.Kind, out.URL = "unknown", text.WebAddress(m.URL)
	}
	return out
}

// videoAddress is the address of the video's file; without one, it is the address of the page
// that shows the video.
func (m mediaEntity) videoAddress() string {
	return cmp.Or(x.BestVideo(m.Video.Variants), text.WebAddress(m.URL))
}
