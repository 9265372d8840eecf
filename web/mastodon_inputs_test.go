package web

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"nagare/stream"
	"nagare/stream/mastodon"
	player "nagare/stream/replay"
)

// A card has room for four pictures. It must say that there are more.
func TestPage_AnnouncesThePicturesThatACardLeavesOut(t *testing.T) {
	dir := os.Getenv("NAGARE_INPUTS")
	if dir == "" {
		t.Skip("NAGARE_INPUTS doesn't name a directory of examples")
	}
	file := player.File(filepath.Join(dir, "mastodon-six-pictures.ndjson"))
	file.Decoders = func() []stream.Decoder { return []stream.Decoder{new(mastodon.Decoder)} }
	f := newFixture(t)
	if err := file.Stream(t.Context(), func(op stream.Op) error { f.emit(op); return nil }); err != nil {
		t.Fatal(err)
	}
	for lang, words := range map[string]string{"en": "more pictures", "ja": "枚"} {
		page := f.get("/", "Accept-Language", lang).Body.String()
		if all, hidden := strings.Count(page, `class="media__image"`), strings.Count(page, ` hidden><a class="media__link"`); all != 6 || hidden != 2 {
			t.Errorf("%s: %d pictures, %d of them hidden, want 6 and 2", lang, all, hidden)
		}
		_, more, _ := strings.Cut(page, `class="media__more"`)
		more, _, _ = strings.Cut(more, "</span></span>")
		if !strings.Contains(more, "+2") || !strings.Contains(more, words) {
			t.Errorf("%s: the last picture says %q", lang, more)
		}
	}
}
