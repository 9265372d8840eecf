package bluesky

import (
	"net/url"
	"strconv"
	"strings"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// altPrefixes precede the description of a GIF in its preview: one that the author wrote, and
// the default of the GIF service.
var altPrefixes = []string{"Alt: ", "ALT: "}

// showGIF adds the preview of a linked page as a GIF, if the page is one. A client attaches a GIF
// of a service, such as Tenor, in the form of a link: the address of the file has the size, and
// the description begins with a prefix.
func (m *embed) showGIF(p *stream.Post, did string) bool {
	address, err := url.Parse(text.WebAddress(m.External.URI))
	still := m.External.Thumb.image(did, "feed_fullsize")
	if err != nil || still == "" || !strings.HasSuffix(strings.ToLower(address.Path), ".gif") {
		return false
	}
	alt, described := m.External.Description, false
	for _, prefix := range altPrefixes {
		if rest, ok := strings.CutPrefix(alt, prefix); ok {
			alt, described = rest, true
			break
		}
	}
	if !described && address.Host != "media.tenor.com" {
		return false
	}
	size := aspectRatio{Width: number(address.Query().Get("ww")), Height: number(address.Query().Get("hh"))}
	width, height := size.sides()
	p.Media = append(p.Media, stream.Media{
		Kind: "gif", Alt: strings.TrimSpace(alt), Width: width, Height: height, Preview: still, URL: address.String(),
	})
	return true
}

// number is the value of a decimal number, or 0.
func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}
