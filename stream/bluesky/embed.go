package bluesky

import (
	"cmp"
	"errors"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// bskyEmbed is what a post brings besides its text: one of several types, all held
// by one struct, since no two of them mean different things by a name.
type embed struct {
	Type   string      `json:"$type"`
	Images []image     `json:"images"`
	Items  []image     `json:"items"` // of a gallery
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

// bskyEmbedRecord is what is quoted. Beside media it is wrapped once more.
type embedRecord struct {
	URI    string    `json:"uri"`
	Record reference `json:"record"`
}

type aspectRatio struct {
	Width  int `json:"width"`
	Height int `json:"height"`
}

// sides are the ratio's, or 0 where it is none.
func (r aspectRatio) sides() (width, height int) {
	const longest = 100_000
	if r.Width <= 0 || r.Height <= 0 || r.Width > longest || r.Height > longest {
		return 0, 0
	}
	return r.Width, r.Height
}

// mostPictures is how many a gallery may have.
const mostPictures = 20

var errEmbed = errors.New("an attachment of an unknown kind")

// show puts the attachment where it belongs in the post of did. An error says that
// something is left out.
func (m *embed) show(t *stream.Post, did string) error {
	switch m.Type {
	case "app.bsky.embed.images":
		return showImages(t, did, m.Images)
	case "app.bsky.embed.gallery":
		return showImages(t, did, m.Items)
	case "app.bsky.embed.video":
		return m.showVideo(t, did)
	case "app.bsky.embed.external":
		return m.showCard(t, did)
	case "app.bsky.embed.record":
		return showQuote(t, m.Record.URI)
	case "app.bsky.embed.recordWithMedia":
		if m.Media == nil || m.Media.Type == m.Type { // a doll in a doll has no end
			return cmp.Or(showQuote(t, m.Record.Record.URI), errEmbed)
		}
		return errors.Join(m.Media.show(t, did), showQuote(t, m.Record.Record.URI))
	}
	return errEmbed
}

func showImages(t *stream.Post, did string, images []image) (err error) {
	for i, image := range images {
		known := image.Type == "" || image.Type == "app.bsky.embed.images#image" || image.Type == "app.bsky.embed.gallery#image"
		if i >= mostPictures || !known || image.Image.name() == "" {
			err = errEmbed
			continue
		}
		width, height := image.AspectRatio.sides()
		t.Media = append(t.Media, stream.Media{
			Kind: "image", Alt: image.Alt, Width: width, Height: height,
			Preview: image.Image.image(did, "feed_thumbnail"), URL: image.Image.image(did, "feed_fullsize"),
		})
	}
	return err
}

// showVideo shows the still picture: the video itself needs a player, so the
// picture leads to the post.
func (m *embed) showVideo(t *stream.Post, did string) error {
	if m.Video.name() == "" {
		return errEmbed
	}
	kind := "video"
	if m.Presentation == "gif" {
		kind = "gif"
	}
	width, height := m.AspectRatio.sides()
	t.Media = append(t.Media, stream.Media{
		Kind: kind, Alt: m.Alt, Width: width, Height: height, Preview: m.Video.still(did), URL: t.URL,
	})
	return nil
}

func (m *embed) showCard(t *stream.Post, did string) error {
	address := text.WebAddress(m.External.URI)
	if address == "" {
		return errors.New("a card that leads nowhere")
	}
	t.Preview = &stream.LinkPreview{
		URL: address, Title: cmp.Or(m.External.Title, address), Description: m.External.Description,
		Image: m.External.Thumb.image(did, "feed_thumbnail"),
	}
	return nil
}

// showQuote names what is quoted and where it is: the event doesn't hold it.
func showQuote(t *stream.Post, address string) error {
	uri, ok := parseATURI(address)
	if !ok || uri.page() == "" {
		return errEmbed
	}
	t.Quote = &stream.Quote{ID: "bluesky:" + address, URL: uri.page()}
	return nil
}
