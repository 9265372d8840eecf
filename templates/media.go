package templates

import (
	"cmp"
	"math"
	"strconv"
	"strings"
)

// shapes are the classes for pictures, each with a ratio of width to height. A picture gets the
// class of the nearest ratio. If the picture is the only one of its post, the class limits its
// width so that the height fits into the window.
var shapes = []struct {
	class string
	value float64
}{
	{"media__item--9x16", 9. / 16}, {"media__item--2x3", 2. / 3}, {"media__item--4x5", 4. / 5}, {"media__item--1x1", 1},
	{"media__item--4x3", 4. / 3}, {"", 16. / 9},
}

func (m Media) shape() string {
	if m.Width <= 0 || m.Height <= 0 {
		return "media__item--unknown"
	}
	wanted, best := math.Log(float64(m.Width)/float64(m.Height)), shapes[0]
	for _, s := range shapes {
		if math.Abs(math.Log(s.value)-wanted) < math.Abs(math.Log(best.value)-wanted) {
			best = s
		}
	}
	return best.class
}

// plays reports whether a picture is the preview of a video, an animation or a sound.
func (m Media) plays() bool { return m.Kind == "video" || m.Kind == "gif" || m.Kind == "audio" }

// size returns the width and height, in pixels, that the markup declares. An unknown size is
// declared as 1600 by 900.
func (m Media) size() (width, height string) {
	if m.Width <= 0 || m.Height <= 0 {
		return "1600", "900"
	}
	return strconv.Itoa(m.Width), strconv.Itoa(m.Height)
}

func (m Media) width() string  { w, _ := m.size(); return w }
func (m Media) height() string { _, h := m.size(); return h }

// address returns the address that the picture links to.
func (m Media) address() string {
	if m.Kind == "image" {
		return cmp.Or(m.URL, m.Preview)
	}
	return m.URL
}

// hasFull reports whether the picture links to itself in full size, at an address from which pages
// may load pictures.
func (m Media) hasFull() bool {
	return m.Kind == "image" && !strings.HasPrefix(m.URL, "http:")
}

// mostShown is the number of pictures for which a card has room.
const mostShown = 4

// shown returns the number of pictures that the card shows.
func (p Post) shown() int { return min(mostShown, len(p.Media)) }

// beyond returns the number of pictures that the card doesn't show, which is written on the last
// picture shown. If i isn't the index of that picture, beyond returns 0.
func (p Post) beyond(i int) int {
	if i != p.shown()-1 {
		return 0
	}
	return max(len(p.Media), p.Pictures) - p.shown()
}

// hasAttached reports whether the post has media, files or a preview.
func (p Post) hasAttached() bool { return len(p.Media)+len(p.Files) > 0 || p.Preview != nil }

func (p Post) grid() string {
	return "media media--" + strconv.Itoa(p.shown())
}
