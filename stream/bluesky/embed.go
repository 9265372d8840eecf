package bluesky

import (
	"cmp"
	"errors"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// embed is the attachment of a post. It has the fields of all types of attachments, which is
// possible because a name means the same in each type.
type embed struct {
	Type   string      `json:"$type"`
	Images []image     `json:"images"`
	Items  []image     `json:"items"` // the pictures of a gallery
	Record embedRecord `json:"record"`
	Media  *embed      `json:"media"`

	Video        blob        `json:"video"`
	Alt          string      `json:"alt"`
	AspectRatio  aspectRatio `json:"aspectRatio"`
	Presentation string      `json:"presentation"`

	External struct {
		URI         string `json:"uri"`
		Title       string `json:"title"`
		Description string `json:"description"`
		Thumb       blob   `json:"thumb"`
	} `json:"external"`
}

type image struct {
	Type        string      `json:"$type"`
	Alt         string      `json:"alt"`
	Image       blob        `json:"image"`
	AspectRatio aspectRatio `json:"aspectRatio"`
}

// embedRecord names the quoted post by URI. If the post has media too, the URI is one level
// deeper, in Record.
type embedRecord struct {
	URI    string    `json:"uri"`
	Record reference `json:"record"`
}

type aspectRatio struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// sides returns the two numbers of the ratio, or 0 for both if the ratio is invalid.
func (r aspectRatio) sides() (width, height int) {
	const longest = 100_000
	if r.Width <= 0 || r.Height <= 0 || r.Width > longest || r.Height > longest {
		return 0, 0
	}
	return r.Width, r.Height
}

// mostPictures is how many pictures of a gallery are shown.
const mostPictures = 20

var errEmbed = errors.New("an attachment of an unknown kind")

// show adds the attachment to p, a post by did. An error means that a part of the attachment is
// missing.
func (m *embed) show(p *stream.Post, did string) error {
	switch m.Type {
	case "app.bsky.embed.images":
		return showImages(p, did, m.Images)
	case "app.bsky.embed.gallery":
		return showImages(p, did, m.Items)
	case "app.bsky.embed.video":
		return m.showVideo(p, did)
	case "app.bsky.embed.external":
		if m.showGIF(p, did) {
			return nil
		}
		return m.showCard(p, did)
	case "app.bsky.embed.record":
		return showQuote(p, m.Record.URI)
	case "app.bsky.embed.recordWithMedia":
		if m.Media == nil || m.Media.Type == m.Type { // each could contain the next, without end
			return cmp.Or(showQuote(p, m.Record.Record.URI), errEmbed)
		}
		return errors.Join(m.Media.show(p, did), showQuote(p, m.Record.Record.URI))
	}
	return errEmbed
}

func showImages(p *stream.Post, did string, images []image) (err error) {
	for i, image := range images {
		known := image.Type == "" || image.Type == "app.bsky.embed.images#image" || image.Type == "app.bsky.embed.gallery#image"
		if i >= mostPictures || !known || image.Image.name() == "" {
			err = errEmbed
			continue
		}
		width, height := image.AspectRatio.sides()
		p.Media = append(p.Media, stream.Media{
			Kind: "image", Alt: image.Alt, Width: width, Height: height,
			Preview: image.Image.image(did, "feed_thumbnail"), URL: image.Image.image(did, "feed_fullsize"),
		})
	}
	return err
}

// showVideo adds the still picture of a video. The picture links to the post, because the video
// itself needs a player.
func (m *embed) showVideo(p *stream.Post, did string) error {
	if m.Video.name() == "" {
		return errEmbed
	}
	kind := "video"
	if m.Presentation == "gif" {
		kind = "gif"
	}
	width, height := m.AspectRatio.sides()
	p.Media = append(p.Media, stream.Media{
		Kind: kind, Alt: m.Alt, Width: width, Height: height, Preview: m.Video.still(did), URL: p.URL,
	})
	return nil
}

func (m *embed) showCard(p *stream.Post, did string) error {
	address := text.WebAddress(m.External.URI)
	if address == "" {
		return errors.New("a card that leads nowhere")
	}
	p.Preview = &stream.LinkPreview{
		URL: address, Title: cmp.Or(m.External.Title, address), Description: m.External.Description,
		Image: m.External.Thumb.image(did, "feed_thumbnail"),
	}
	return nil
}

// showQuote adds the id and the address of the quoted post, which the event does not contain.
func showQuote(p *stream.Post, address string) error {
	uri, ok := parseATURI(address)
	if !ok || uri.page() == "" {
		return errEmbed
	}
	p.Quote = &stream.Quote{ID: "bluesky:" + address, URL: uri.page()}
	return nil
}
