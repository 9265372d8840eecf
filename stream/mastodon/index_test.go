package mastodon

import (
	"strconv"
	"testing"
	"time"

	"nagare/stream"
)

func TestStatusIndex_FindsThePostOfADelete(t *testing.T) {
	x := newStatusIndex(10)
	if gone := x.add("1", "one", ""); gone != "" {
		t.Error("a new post is deleted")
	}
	if key, known := x.delete("1", stream.ByAuthor); !known || key != "one" {
		t.Errorf("got %q, %v", key, known)
	}
	if gone := x.add("1", "one", ""); gone != stream.ByAuthor {
		t.Error("a deleted post is shown again")
	}
	if _, known := x.delete("2", stream.Unavailable); known {
		t.Error("an unknown post is known")
	}
	if gone := x.add("2", "two", ""); gone != stream.Unavailable {
		t.Error("a delete that came first is forgotten")
	}
}

func TestStatusIndex_DropsTheOldestPostsOverItsLimit(t *testing.T) {
	x := newStatusIndex(3)
	for i := range 3 {
		x.add(statusID(strconv.Itoa(i)), "post "+strconv.Itoa(i), "")
	}
	x.add("0", "post 0", "")
	x.add("3", "post 3", "")
	x.delete("2", stream.ByAuthor)
	if got := x.newest(9); len(got) != 2 || got[0].key != "post 3" || got[1].key != "post 0" {
		t.Errorf("got %+v, want the posts that are not deleted, the latest first", got)
	}
	if got := x.newest(1); len(got) != 1 {
		t.Errorf("got %+v, want one", got)
	}
	if _, known := x.delete("1", stream.ByAuthor); known {
		t.Error("the oldest post is still there")
	}
	if n := x.entries.Len(); n != 3 {
		t.Errorf("holds %d, want 3", n)
	}
}

func TestStatusIndex_IsSavedAndRestored(t *testing.T) {
	x := newStatusIndex(10)
	x.add("1", "mastodon:https://a.example/1 2", "2026-11-23T10:00:00.000Z")
	x.add("2", "two", "")
	x.add("3", "three", "")
	x.add("4", "line\nbreak", "")
	x.delete("3", stream.ByAuthor)
	x.delete("5", stream.ByAuthor)
	again := newStatusIndex(10)
	again.unmarshal(x.marshal(nil) + "6\n \n7 \n 8\n")
	if got := again.newest(9); len(got) != 2 || got[0] != (indexEntry{local: "2", key: "two"}) || got[1] != (indexEntry{local: "1", key: "mastodon:https://a.example/1 2", edited: "2026-11-23T10:00:00.000Z"}) {
		t.Errorf("got %+v from %q", got, x.marshal(nil))
	}
}

func TestStatusID_IsOrderedByLengthAndThenByText(t *testing.T) {
	for _, pair := range [][2]statusID{{"", "1"}, {"9", "10"}, {"106692867363994015", "117024248092393661"}, {"Al30Y6dIQNzsEKhR5s", "Al30Y6dIQNzsEKhR5t"}} {
		if !pair[0].before(pair[1]) || pair[1].before(pair[0]) || pair[0].before(pair[0]) {
			t.Errorf("%q and %q are in the wrong order", pair[0], pair[1])
		}
	}
}

func TestCursor_IsSavedAndRestored(t *testing.T) {
	want := cursor{"117024248092393661", time.Unix(1795435200, 0).UTC()}
	if got, err := parseCursor(want.String()); err != nil || got != want {
		t.Errorf("got %v, %v", got, err)
	}
	for _, bad := range []string{"1", "1 x", "1 2 3", string(make([]byte, 100)) + " 1"} {
		if got, err := parseCursor(bad); err == nil {
			t.Errorf("%q: got %v", bad, got)
		}
	}
	if got, err := parseCursor(" \n"); err != nil || got != (cursor{}) {
		t.Errorf("nothing: got %v, %v", got, err)
	}
}

func TestMastodon_FindsTheAddressOfATimeline(t *testing.T) {
	for name, want := range map[string][4]string{
		"":              {"public", "", "public", ""},
		"public":        {"public", "", "public", ""},
		"public:local":  {"public/local", "", "public", "local=true"},
		"public:remote": {"public/remote", "", "public", "remote=true"},
		"user":          {"user", "", "home", ""},
		"#流れ":           {"hashtag", "tag=%E6%B5%81%E3%82%8C", "tag/%E6%B5%81%E3%82%8C", ""},
		"list:7":        {"list", "list=7", "list/7", ""},
	} {
		got, err := parseTimeline(name)
		if err != nil || got.stream != want[0] || got.query.Encode() != want[1] || got.pages != want[2] || got.pageQuery.Encode() != want[3] {
			t.Errorf("%q: got %+v, %v", name, got, err)
		}
	}
}

func TestMastodon_NeverReplacesASecureAddressByOneWithoutTLS(t *testing.T) {
	for _, test := range []struct{ server, streaming, want string }{
		{"https://a.example", "wss://streaming.a.example", "https://streaming.a.example/"},
		{"https://a.example", "https://streaming.a.example/x", "https://streaming.a.example/"},
		{"https://a.example", "ws://a.example", "https://a.example/"},
		{"https://a.example", "http://b.example", "https://a.example/"},
		{"https://a.example", "gopher://b.example", "https://a.example/"},
		{"https://a.example", "", "https://a.example/"},
		{"https://a.example", "wss://", "https://a.example/"},
		{"http://localhost:3000", "ws://localhost:4000", "http://localhost:4000/"},
		{"http://localhost:3000", "wss://a.example", "https://a.example/"},
	} {
		api, err := (&Source{Server: test.server}).api()
		if err != nil {
			t.Fatal(err)
		}
		if got := api.streamingAt(test.streaming).String(); got != test.want {
			t.Errorf("%s reports %q: got %s, want %s", test.server, test.streaming, got, test.want)
		}
	}
}
