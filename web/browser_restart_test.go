package web_test

import (
	"context"
	"path/filepath"
	"slices"
	"testing"

	"nagare/hub"
	"nagare/store/sqlite"
)

// A new version is deployed while a page is open: the program stops, posts are published by its
// successor, and the page goes on from its position.
func TestPage_ARestartWithAStoreIsNoBreak(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "nagare.db")
	open := func() *sqlite.Store {
		kept, err := sqlite.Open(context.Background(), file, sqlite.Options{})
		if err != nil {
			t.Fatal(err)
		}
		return kept
	}
	kept := open()
	s := newSiteWith(t, hub.Options{Store: kept})
	s.publish(5)
	b := openLive(t, s, "/")
	s.stop()
	b.waitState("reconnecting")
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}

	kept = open()
	s.options.Store = kept
	s.start()
	if err := s.channel.Loaded(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.emit(destroyed(madeUp(2)))
	s.publish(2)
	b.click("now")
	b.wait(`document.querySelector("#feed > article").innerText.includes("Post number 7.")`)
	b.waitState("live")
	texts := eval[[]string](b, `[...document.querySelectorAll("#feed > article")].map(row => /Post number \d+|missing/.exec(row.innerText)?.[0] ?? "")`)
	want := []string{"Post number 7", "Post number 6", "Post number 5", "Post number 4", "Post number 3", "", "Post number 1"} // a note is in the place of 2
	if !slices.Equal(texts, want) {
		t.Errorf("the list is %q, want %q", texts, want)
	}
	if n := eval[int](b, `document.querySelectorAll("#feed > .gap").length`); n > 0 {
		t.Error("the page says that posts are missing")
	}
	s.stop()
	kept.Close()
}
