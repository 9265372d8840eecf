package web_test

import (
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"nagare/stream"
)

// Settings of the look

// letters sets the browser's font size, in percent of the default.
func letters(percent int64) setting {
	return func(b *tab) {
		sizes := &page.FontSizes{Standard: 16 * percent / 100, Fixed: 13 * percent / 100}
		command(b, page.SetFontSizes, page.SetFontSizesParams{FontSizes: sizes})
	}
}

// withZone sets the reader's time zone.
func withZone(name string) setting {
	return func(b *tab) {
		command(b, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: name})
	}
}

func forcedDark(b *tab) { medias(b, "forced-colors", "active", "prefers-color-scheme", "dark") }

func moreContrastDark(b *tab) { medias(b, "prefers-contrast", "more", "prefers-color-scheme", "dark") }

func printed(b *tab) {
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: "print"})
}

func medias(b *tab, pairs ...string) {
	var features []*emulation.MediaFeature
	for i := 0; i < len(pairs); i += 2 {
		features = append(features, &emulation.MediaFeature{Name: pairs[i], Value: pairs[i+1]})
	}
	command(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: features})
}

// unrollTo makes the window as tall as the page, but no taller than most pixels.
func (b *tab) unrollTo(most int64) {
	b.t.Helper()
	size := eval[[]int64](b, `[innerWidth, document.documentElement.scrollHeight]`)
	b.do(chromedp.EmulateViewport(size[0], min(size[1], most)))
	b.wait(`[...document.images].every(image => image.complete || !image.checkVisibility() || image.getBoundingClientRect().top > innerHeight)`)
	b.settle()
}

// odd returns one post of every kind, the newest last.
func odd() []*stream.Post {
	quoted := madeUp(900)
	quoted.Author = stream.Author{Handle: "a.very.long.handle.that.never.ends.example.com", Name: "The Society for the Preservation of the Old Bridge of Hinose"}
	quoted.Text = said("Quoted in one line.")
	posts := []*stream.Post{
		oddPost("one line", func(p *stream.Post) { p.Text = said("The soup was punctual.") }),
		oddPost("two lines", func(p *stream.Post) {
			p.Text = said("Line 7 departs. No drums, no ducks, one bicycle that misses home and will be told so.")
		}),
		oddPost("long", func(p *stream.Post) {
			p.Text = said(strings.Repeat("The ferry is late again and nobody minds, for the lanterns are being lit. ", 40))
		}),
		oddPost("tags", func(p *stream.Post) {
			p.Text = said("Lanterns are up along the whole quay. ")
			for _, tag := range strings.Fields("#rivercup #lanterns #hinose #festival #川まつり #quay #evening #photography #boats #summer") {
				p.Text = append(p.Text, stream.Segment{Kind: stream.Hashtag, Text: tag, Href: "https://example.com/tags"}, stream.Segment{Text: " "})
			}
		}),
		oddPost("korean", func(p *stream.Post) {
			p.Lang, p.Text = "ko", said("강가의 등불이 하나둘씩 켜지고 사람들이 다리 위에 모여들어 조용히 물소리를 듣고 있습니다. 오늘도 마지막 배는 늦습니다.")
		}),
		oddPost("no language", func(p *stream.Post) { p.Lang, p.Text = "", said("骨 直 — a text in a language that nobody named.") }),
		oddPost("broken", func(p *stream.Post) {
			p.Media = []stream.Media{picture("video", "gone", "A ferry that turns round in the middle of the river while three ducks watch.", 1200, 800)}
		}),
		oddPost("video", func(p *stream.Post) {
			p.Media = []stream.Media{picture("video", "fireworks", "Fireworks over the river.", 800, 1100)}
		}),
		oddPost("portrait", func(p *stream.Post) { p.Media = []stream.Media{picture("image", "leaves", "Leaves.", 800, 1000)} }),
		oddPost("tall", func(p *stream.Post) { p.Media = []stream.Media{picture("image", "leaves", "Leaves.", 200, 1000)} }),
		oddPost("many", func(p *stream.Post) {
			for _, name := range []string{"cat", "bridge", "gone", "heron", "map", "rain"} {
				p.Media = append(p.Media, picture("image", name, "Number "+name, 1200, 900))
			}
		}),
		oddPost("gif", func(p *stream.Post) { p.Media = []stream.Media{picture("gif", "cat", "", 1200, 800)} }),
		oddPost("quote", func(p *stream.Post) { p.Quote = &stream.Quote{URL: "https://example.com/q", Post: quoted} }),
		oddPost("preview", func(p *stream.Post) {
			p.Preview = &stream.LinkPreview{URL: "https://news.example.com/a", Image: "/static/demo/river.svg",
				Title:       "An uncommonly long headline about the river, the ferry, the lanterns, the weather and everything else that the town council talked about on Tuesday night",
				Description: "The council met for nine hours. Nobody remembers why."}
		}),
		oddPost("poll", func(p *stream.Post) {
			a, b := 61, 9
			p.Poll = &stream.Poll{Options: []stream.PollOption{{Title: "Ferry", Votes: &a}, {Title: "Bridge, but slowly", Votes: &b}}, EndsAt: p.CreatedAt.AddDate(0, 0, 6)}
		}),
		oddPost("facts", func(p *stream.Post) {
			p.EditedAt, p.WithheldIn = p.CreatedAt.AddDate(-2, 0, 0), []string{"DE", "FR"}
			p.ReplyTo = &stream.Reply{Handle: p.Author.Handle}
			p.CreatedAt = p.CreatedAt.AddDate(-3, 0, 0)
		}),
		oddPost("reply", func(p *stream.Post) { p.ReplyTo = &stream.Reply{Handle: "oldbridge", URL: "https://example.com/"} }),
		oddPost("covered", func(p *stream.Post) { p.Warning = "The end of the film" }),
		oddPost("sound", func(p *stream.Post) {
			p.Media = []stream.Media{{Kind: "audio", URL: "https://example.com/a.mp3", Alt: "The harbour horn"}}
		}),
	}
	return posts
}

// picture is a medium with a picture of the demo. The picture called gone doesn't exist.
func picture(kind, name, alt string, width, height int) stream.Media {
	return stream.Media{Kind: kind, Preview: "/static/demo/" + name + ".svg", URL: "https://example.com/" + name, Alt: alt, Width: width, Height: height}
}

func oddPost(name string, change func(*stream.Post)) *stream.Post {
	p := madeUp(1)
	p.ID, p.URL, p.Text = "bluesky:"+name, "https://example.com/post", said("This is the post with: "+name+".")
	p.Source, p.Author = "bluesky", stream.Author{Handle: "reader.example.com", Name: "A Reader of Rivers", URL: "https://example.com/reader"}
	change(p)
	return p
}
