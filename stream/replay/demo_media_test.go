package replay

import (
	"encoding/xml"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"nagare/stream"
)

func TestDemo_NamesAllAuthorsAndDescribesAllMedia(t *testing.T) {
	faces := map[string]string{} // by avatar: the key of its author
	for _, op := range demoOps(t) {
		for _, a := range op.Authors() {
			if of := faces[a.Avatar]; a.Avatar != "" && of != "" && of != a.Key {
				t.Errorf("%s has the avatar of %s", a.Key, of)
			}
			faces[a.Avatar] = a.Key
			if !strings.HasPrefix(a.Key, "replay:") || a.Handle == "" || a.Name == "" {
				t.Errorf("%s: an author is %+v", op.ID, *a)
			}
		}
		if op.Post == nil {
			continue
		}
		if q := op.Post.Quoted(); q != nil && (q.ID == "" || op.Post.Quote.ID != q.ID) {
			t.Errorf("%s quotes %q, a post with the id %q", op.ID, op.Post.Quote.ID, q.ID)
		}
		for _, m := range op.Post.Media {
			if utf8.RuneCountInString(m.Alt) < 6 {
				t.Errorf("%s: %s is described as %q", op.ID, m.Preview, m.Alt)
			}
		}
	}
}

func TestDemo_LinksOnlyToExampleDomains(t *testing.T) {
	for _, p := range demoPosts(t) {
		for _, address := range addresses(p) {
			if u, err := url.Parse(address); err != nil || u.Scheme != "https" || u.Host != "example.com" {
				t.Errorf("%s links to %q", p.ID, address)
			}
		}
		if !utf8.ValidString(plain(p)) || strings.ContainsRune(plain(p), utf8.RuneError) {
			t.Errorf("%s is not UTF-8", p.ID)
		}
	}
}

func addresses(p *stream.Post) []string {
	all := []string{p.URL, p.Author.URL}
	for _, s := range p.Text {
		all = append(all, s.Href)
	}
	if p.Preview != nil {
		all = append(all, p.Preview.URL)
	}
	if p.Quote != nil {
		all = append(all, p.Quote.URL)
	}
	if p.ReplyTo != nil {
		all = append(all, p.ReplyTo.URL)
	}
	return slices.DeleteFunc(all, func(address string) bool { return address == "" })
}

func TestDemo_GivesTheSizeOfEachPicture(t *testing.T) {
	for _, p := range demoPosts(t) {
		for _, m := range p.Media {
			if m.Preview == "" {
				continue
			}
			if w, h := sizeOf(t, m.Preview); m.Width != w || m.Height != h {
				t.Errorf("%s: %s is %d×%d, not %d×%d", p.ID, m.Preview, w, h, m.Width, m.Height)
			}
		}
		for _, address := range smallPictures(p) {
			sizeOf(t, address)
		}
	}
}

// smallPictures returns the addresses of the avatars, emoji and previews of a post. The post
// gives no width and height for them.
func smallPictures(p *stream.Post) (all []string) {
	for _, s := range p.Text {
		all = append(all, s.Src)
	}
	for _, e := range p.Author.Emoji {
		all = append(all, e.Src)
	}
	if p.Preview != nil {
		all = append(all, p.Preview.Image)
	}
	all = append(all, p.Author.Avatar)
	return slices.DeleteFunc(all, func(address string) bool { return address == "" })
}

func sizeOf(t *testing.T, address string) (width, height int) {
	t.Helper()
	file, err := os.ReadFile(filepath.Join("..", "..", address))
	if err != nil {
		t.Fatal(err)
	}
	var svg struct {
		Width  int `xml:"width,attr"`
		Height int `xml:"height,attr"`
	}
	if err := xml.Unmarshal(file, &svg); err != nil {
		t.Fatalf("%s: %v", address, err)
	}
	return svg.Width, svg.Height
}

// The page's content security policy blocks scripts and styles in pictures, so a picture that
// contains one would look broken.
func TestDemo_PicturesAreSmallAndHaveNoScriptsOrStyles(t *testing.T) {
	files, err := filepath.Glob("../../static/demo/*.svg")
	if err != nil || len(files) < 28 {
		t.Fatalf("%d pictures, want 28 or more; %v", len(files), err)
	}
	total := 0
	for _, path := range files {
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if total += len(file); len(file) > 4<<10 {
			t.Errorf("%s has %d bytes, want 4 KiB or less", path, len(file))
		}
		for _, bad := range []string{"<script", "<style", "style=", "<image", "<foreignObject", `href="h`, "onload"} {
			if strings.Contains(string(file), bad) {
				t.Errorf("%s has a %s in it", path, bad)
			}
		}
	}
	if total > 120<<10 {
		t.Errorf("the pictures have %d bytes together, want 120 KiB or less", total)
	}
}
