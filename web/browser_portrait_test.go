package web_test

import (
	"math"
	"testing"

	"nagare/stream"
)

// The box of a picture has the width of the picture, whether or not the picture is a link.
func TestPage_APortraitPictureFillsItsBox(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	for n, url := range []string{"", "https://pictures.example/1"} {
		post := madeUp(n + 1)
		post.Media = []stream.Media{{Kind: "image", Preview: "/static/demo/heron.svg", URL: url, Width: 1000, Height: 2300}}
		s.emit(created(post))
	}
	for _, px := range []int64{320, 390, 1280} {
		b := openLive(t, s, "/", width(px))
		for _, widths := range eval[[][]float64](b, `[...document.querySelectorAll(".media__item")].map(item => [item, item.querySelector("img")].map(part => part.getBoundingClientRect().width))`) {
			if math.Abs(widths[0]-widths[1]) > 1 || widths[1] < 100 {
				t.Errorf("%d px: the box is %.0f px wide, and the picture %.0f", px, widths[0], widths[1])
			}
		}
	}
}

// A name in a right-to-left script begins at the left, beside the avatar, as other names do.
func TestPage_AHebrewNameIsBesideItsAvatar(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	post := madeUp(1)
	post.Author.Name = "נועה לוי"
	s.emit(created(post))
	b := openLive(t, s, "/", width(390))
	gap := eval[float64](b, `(() => { const name = document.createRange(); name.selectNodeContents(document.querySelector(".tweet__name"))
		return name.getBoundingClientRect().left - document.querySelector(".tweet__avatar").getBoundingClientRect().right })()`)
	if gap < 0 || gap > 24 {
		t.Errorf("the name begins %.0f px after the avatar", gap)
	}
}

func TestPage_AFailedAvatarIsReplacedByTheInitialThatTheServerChose(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	for n, avatar := range []string{"", "/static/demo/missing.svg"} {
		post := madeUp(n + 1)
		post.Author.Name, post.Author.Avatar = "\u200b🇯🇵 e\u0301va", avatar
		s.emit(created(post))
	}
	b := openLive(t, s, "/")
	b.wait(`document.querySelectorAll("span.tweet__avatar").length === 2`)
	for _, got := range eval[[]string](b, `[...document.querySelectorAll(".tweet__avatar")].map(tile => tile.textContent)`) {
		if got != "E\u0301" {
			t.Errorf("the tile says %q, want %q", got, "E\u0301")
		}
	}
}

func TestPage_WithLargeLettersTheButtonOfADescriptionCoversNoPicture(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.emit(created(sixPictures(1)))
	b := openLive(t, s, "/?lang=ja", window(320, 800), letters(200))
	const shares = `[...document.querySelectorAll(".media__item:not([hidden])")].map(item => {
		const [label, picture] = [item.querySelector(".media__label"), item].map(part => part.getBoundingClientRect())
		return label.width * label.height / (picture.width * picture.height)
	})`
	all := eval[[]float64](b, shares)
	if len(all) != 4 {
		t.Errorf("%d pictures", len(all))
	}
	for _, share := range all {
		if share > .2 {
			t.Errorf("a button covers %.2f of its picture", share)
		}
	}
}
