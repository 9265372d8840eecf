package web_test

import (
	"testing"

	"nagare/stream"
	"nagare/web"
)

// wallScenes are the walls of which a person inspects screenshots.
var wallScenes = []scene{
	{name: "wall-1080p", settings: []setting{window(1920, 1080)}},
	{name: "wall-1080p-1", path: "?columns=1", settings: []setting{window(1920, 1080)}},
	{name: "wall-1080p-dark-4", path: "?columns=4&theme=dark", settings: []setting{window(1920, 1080)}},
	{name: "wall-1080p-spotlight", path: "?spotlight=1", settings: []setting{window(1920, 1080)}},
	{name: "wall-4k", settings: []setting{window(3840, 2160)}},
	{name: "wall-4k-1", path: "?columns=1", settings: []setting{window(3840, 2160)}},
	{name: "wall-4k-spotlight", path: "?spotlight=1&theme=dark", settings: []setting{window(3840, 2160)}},
	{name: "wall-japanese", path: "?lang=ja&q=lang:ja", settings: []setting{window(1920, 1080)}},
	{name: "wall-portrait", settings: []setting{window(1080, 1920)}},
	{name: "wall-odd", settings: []setting{window(1920, 1080)}, arrange: func(s *site, _ *tab) {
		for _, post := range odd() {
			s.emit(created(post))
		}
	}},
	{name: "wall-pictures", settings: []setting{window(1920, 1080)}, arrange: withPictures},
	{name: "wall-pictures-spotlight", path: "?spotlight=1", settings: []setting{window(1920, 1080)}, arrange: withPictures},
}

// withPictures adds posts with four pictures, one picture, and a text from right to left.
func withPictures(s *site, _ *tab) {
	river := picture("image", "river", "The river", 1200, 800)
	for name, change := range map[string]func(*stream.Post){
		"one": func(p *stream.Post) { p.Media = []stream.Media{river} },
		"arabic": func(p *stream.Post) {
			p.Lang, p.Text = "ar", said("وصلت العبّارة الأخيرة إلى المرسى، والفوانيس كلها مضاءة.")
		},
		"four": func(p *stream.Post) { p.Media = []stream.Media{river, river, river, river} },
	} {
		s.emit(created(oddPost(name, change)))
	}
}

func TestWall_Screenshots(t *testing.T) {
	notShort(t, "runs Chromium")
	for _, sc := range wallScenes {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 0, func(c *web.Config) { c.Origins = web.Origins{"https://posts.example"} })
			s.demo()
			if sc.arrange != nil {
				sc.arrange(s, nil)
			}
			b := openLive(t, s, "/wall"+sc.path, sc.settings...)
			b.wait(`document.getAnimations().every(animation => animation.playState === "finished")`) // posts fade in
			b.settle()
			b.shoot(sc.name)
			b.checkShape()
		})
	}
}
