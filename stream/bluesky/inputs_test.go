package bluesky

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
	"nagare/stream/streamtest"
)

// input returns the message of an input file, an example of a rare kind of post.
func input(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv("NAGARE_INPUTS")
	if dir == "" {
		t.Skip("NAGARE_INPUTS doesn't name a directory of examples")
	}
	data, err := os.ReadFile(filepath.Join(dir, "bluesky-"+name+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSpace(data))
}

// example is the post of an input file.
func example(t *testing.T, name string) *stream.Post {
	t.Helper()
	return streamtest.Decoded(t, Decoder{}, input(t, name))[0].Post
}

func TestBluesky_AGalleryKeepsAllOfItsTenPictures(t *testing.T) {
	p := example(t, "gallery-of-ten")
	for i, m := range p.Media {
		if m.Kind != "image" || m.Alt != "picture "+strconv.Itoa(i+1) {
			t.Errorf("picture %d: %+v", i+1, m)
		}
	}
	if len(p.Media) != 10 || p.Unsupported {
		t.Errorf("got %d pictures, unsupported %v", len(p.Media), p.Unsupported)
	}
}

func TestBluesky_AGIFOfTenorIsAGIF(t *testing.T) {
	p := example(t, "gif-of-tenor")
	want := []stream.Media{{
		Kind: "gif", Alt: "a cat jumps", Width: 498, Height: 498, URL: "https://media.tenor.com/abcdAAAAC/cat-jump.gif?hh=498&ww=498",
		Preview: "https://cdn.bsky.app/img/feed_fullsize/plain/did:plc:aaaaaaaaaaaaaaaaaaaaaaaa/bafkreit@jpeg",
	}}
	if d := cmp.Diff(want, p.Media); d != "" || p.Preview != nil {
		t.Errorf("link preview %+v, media (-want +got):\n%s", p.Preview, d)
	}
}

func TestBluesky_ALongAddressIsShortened(t *testing.T) {
	const address = "https://example.com/a/very/long/path/to/somewhere?with=query&and=more"
	want := []stream.Segment{{Text: "see "}, {Kind: stream.Link, Text: "example.com/a/very/long/…", Href: address, Title: address}}
	if d := cmp.Diff(want, example(t, "long-address").Text); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestBluesky_SpacesAndIndentsAreKept(t *testing.T) {
	want := `func main() {¶    go f()¶        // deep¶}¶ /\_/\¶( o.o )   <3`
	if got := streamtest.Flat(example(t, "spaces-and-indents").Text); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
