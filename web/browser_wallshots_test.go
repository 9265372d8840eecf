package web_test

import (
	"path/filepath"
	"testing"
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
}

func TestWall_Screenshots(t *testing.T) {
	notShort(t, "runs Chromium")
	dir := shots(t)
	for _, sc := range wallScenes {
		t.Run(sc.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 0)
			s.demo()
			if sc.arrange != nil {
				sc.arrange(s, nil)
			}
			b := openLive(t, s, "/wall"+sc.path, sc.settings...)
			b.settle()
			b.shoot(filepath.Join(dir, sc.name+".png"))
			b.checkShape()
		})
	}
}
