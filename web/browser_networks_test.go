package web_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/replay"
)

// networkPage is a made-up recording of the messages of a network, together with what a page must
// show of them.
type networkPage struct {
	name    string
	cards   int
	learned []stream.Op         // ops with the data that the source would look up
	shows   map[string][]string // expressions that must be true, by a description of what they check
}

// finders defines functions with which an expression finds a card by its words, and parts of the
// card.
const finders = `
	const own = card => card.querySelector(".tweet__text:not(.quote *)").textContent
	const card = words => [...document.querySelectorAll("#feed > article")].find(card => own(card).includes(words))
	const part = (words, selector) => card(words).querySelector(selector)
	const parts = (words, selector) => [...card(words).querySelectorAll(selector)]
	const said = words => part(words, ".tweet__text").innerText
	const direction = words => getComputedStyle(part(words, ".tweet__text")).direction
	const painted = (words, selector) => parts(words, selector).filter(image => image.naturalWidth > 0).length
`

func learned(did, handle, name, picture string) stream.Op {
	key := "bluesky:did:plc:" + (did + strings.Repeat("madeup", 4))[:24]
	author := stream.Author{Key: key, Handle: handle, Name: name, Avatar: "/static/demo/avatar-" + picture + ".svg", URL: "https://bsky.app/profile/" + handle}
	return stream.Op{Kind: stream.AuthorUpdate, Author: &author}
}

var networkPages = []networkPage{
	{name: "twitter", cards: 12, shows: map[string][]string{
		"right to left": {`direction("مساء الخير") === "rtl"`, `said("مساء الخير").includes("8:30 — شكرًا @boatman_ryu على الصبر")`},
		"emoji whole":   {`said("The whole crew").includes("👩🏽‍🚀 👨‍👩‍👧‍👦 🧑🏿‍🤝‍🧑🏻 🏳️‍🌈 ❤️‍🔥 from 🇯🇵🇧🇷🇵🇹 and 🏴󠁧󠁢󠁳󠁣󠁴󠁿, meet at gate 4️⃣ #rivercup")`},
		"Japanese":      {`said("今年の川まつり").endsWith("帰りの舟は九時半が最終です。 #川まつり")`},
		"four pictures": {`painted("Four corners", ".media--4 .media__image") === 4`, `said("Four corners") === "Four corners of the market this morning"`},
		"a film":        {`part("Watch the lanterns", ".media__link").href.endsWith("1280.mp4")`},
		"a quote":       {`part("bring a chair", ".quote").innerText.includes("& on the door of every bus")`, `said("bring a chair") === "Agreed, and bring a chair"`},
		"a poll":        {`parts("Who wins", ".poll__option").length === 3`, `parts("Who wins", ".poll__bar").length === 0`},
		"covered":       {`!part("Butcher", ".cover").open`, `!part("Butcher", ".media__image").checkVisibility()`},
		"a reply":       {`part("the last ferry wait", ".tweet__replied").innerText === "@bus_line_4"`, `said("the last ferry wait").startsWith("does")`},
		"a repost":      {`part("サギが三羽", ".tweet__reposter").innerText === "Ryu at the ferry"`, `part("サギが三羽", ".tweet__name").innerText === "川辺あいこ 🌾"`},
		"no deleted":    {`!card("I should not have")`},
		"what was lost": {`document.getElementById("sources").innerText === "Twitter has come to its end · Posts left out: 42"`},
	}},
	{name: "x", cards: 14, shows: map[string][]string{
		"right to left": {`direction("ערב טוב") === "rtl"`},
		"emoji whole":   {`said("Relay team").includes("🏃🏽‍♀️🏃🏿‍♂️👩‍👩‍👧🧑‍🦽🏳️‍⚧️ representing 🇰🇪🇯🇵🇪🇺 and 🏴󠁧󠁢󠁷󠁬󠁳󠁿 ❤️‍🩹 go! #relay")`},
		"Japanese":      {`said("朝の四時").endsWith("#新そば soba.example/menu")`},
		"four pictures": {`painted("Race day", ".media--4 .media__image") === 4`},
		"a quote":       {`part("Saturday reading", ".quote").innerText.includes("Bring a coat & a friend.")`},
		"a poll":        {`parts("Hot or cold", ".poll__share").map(share => share.innerText).join() === "65 %,31 %,5 %,0 %"`, `part("Hot or cold", ".poll__end").innerText === "Poll closed"`},
		"covered":       {`!part("Knee after", ".cover").open`},
		"a preview":     {`part("walks”", ".preview__host").innerText === "library.example"`, `painted("walks”", ".preview__image") === 1`},
		"a repost":      {`part("はじめました", ".tweet__reposter").innerText === "River Town"`},
		"an edit":       {`said("The last ferry leaves") === "The last ferry leaves at 23:30, not at 22:30."`, `part("The last ferry leaves", ".tweet__edited")`},
		"nobody":        {`part("nothing but a number", ".tweet__name").innerText === "Unknown author"`, `!card("nothing but a number").innerText.includes("@")`},
	}},
	{name: "bluesky", cards: 13,
		learned: []stream.Op{
			learned("sora", "sora.example", "そら", "rain"), learned("hana", "hana.example", "Hana 🌷", "maple"),
			learned("omid", "omid.example", "امید", "painter"), learned("wren", "wren.example", "", "heron"),
		},
		shows: map[string][]string{
			"right to left": {`direction("امشب") === "rtl"`},
			"emoji whole":   {`said("Neighbours").includes("👩‍🍳👨🏿‍🌾👩🏻‍❤️‍💋‍👩🏽👨‍👩‍👦‍👦🏴‍☠️ Guests from 🇺🇦🇯🇵🇲🇽🏴󠁧󠁢󠁥󠁮󠁧󠁿, 7️⃣ tables, one 🐻‍❄️ #breakfast")`},
			"Japanese":      {`said("川沿いの道").endsWith("写真は撮らなかった。")`},
			"four pictures": {`painted("Four from", ".media--4 .media__image") === 4`},
			"a film":        {`part("Fireworks", ".media__kind").innerText === "Video"`},
			"a quote":       {`part("来週", ".quote a").href.includes("/post/3m2river")`},
			"covered":       {`!part("Sketches", ".cover").open`},
			"a preview":     {`part("keeps a river clean", ".preview__title").innerText === "Four people, one boat"`},
			"an edit":       {`said("Mill race") === "Mill race opens on Wednesday"`, `part("Mill race", ".tweet__edited")`},
			"no deleted":    {`!card("wrong account")`},
			"no handle yet": {`!card("Low water").innerText.includes("@")`},
			"no name":       {`part("Neighbours", ".tweet__name").innerText === "wren.example"`},
		}},
	{name: "mastodon", cards: 17, shows: map[string][]string{
		"right to left":   {`direction("صباح الخير") === "rtl"`, `said("صباح الخير").includes("@mira@town.example")`},
		"emoji whole":     {`said("Staff meeting").includes("🐈‍⬛🐕‍🦺👩🏾‍⚕️👨‍👨‍👧‍👧🧑🏼‍🎄🏳️‍🌈")`},
		"Japanese":        {`said("町の古い地図").split("\n\n").length === 3`},
		"four pictures":   {`painted("Quay cats", ".media--4 .media__image") === 4`},
		"a quote":         {`part("ジャム", ".quote").innerText.includes("Bring a jar")`, `!said("ジャム").includes("RE:")`},
		"a poll":          {`parts("harbour horn play", ".poll__bar").map(bar => bar.value).join() === "61,29,10"`, `painted("harbour horn play", ".poll .tweet__emoji") === 1`},
		"covered":         {`!part("ferryman", ".cover").open`, `!part("ferryman", ".tweet__text").checkVisibility()`, `painted("ferryman", ".cover__words .tweet__emoji") === 1`},
		"a repost":        {`painted("Fig jam", ".tweet__reposter .tweet__emoji") === 1`},
		"a reply":         {`part("only on Sundays", ".tweet__replied").innerText === "@radio@town.example"`},
		"a preview":       {`part("on the dredger", ".preview__host").innerText === "riverradio.example"`},
		"a sound":         {`part("as it sounds", ".file a").innerText === "Audio"`},
		"emoji in a name": {`painted("thousand lanterns", ".tweet__name .tweet__emoji") === 1`},
		"an edit":         {`said("Swimming") === "Swimming is allowed again from Monday."`},
		"no deleted":      {`!card("never mind")`},
		"no pictures":     {`said("missing here") === "All that is missing here :gone: is missing on purpose"`, `part("missing here", ".media__image").alt.startsWith("A picture that")`, `!part("plain.example", ".preview__image")`, `part("Sundays", ".tweet__avatar").innerText === "J"`},
		"a list":          {`said("持ちもの").includes("お茶")`},
	}},
}

func TestPage_ShowsThePostsOfEachNetwork(t *testing.T) {
	t.Parallel()
	for _, n := range networkPages {
		t.Run(n.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, 0)
			s.replay(n)
			for look, settings := range map[string][]setting{
				"":            {width(1280)},
				"-phone-dark": {width(390), media("prefers-color-scheme", "dark")},
			} {
				b := openLive(t, s, "/", append(settings, preload(finders))...)
				b.checkNetwork(n)
				b.checkShape()
				if os.Getenv("AXE") != "" {
					b.run(loadAxe(t))
					b.audit(n.name)
				}
				b.shoot(n.name + look)
			}
		})
	}
}

func (b *tab) checkNetwork(n networkPage) {
	b.t.Helper()
	b.unroll()
	if got := eval[int](b, `document.querySelectorAll("#feed > article").length`); got != n.cards {
		b.t.Errorf("%d cards, want %d", got, n.cards)
	}
	for what, conditions := range n.shows {
		for _, condition := range conditions {
			if held, err := try[bool](b, "Boolean("+condition+")"); err != nil || !held {
				b.t.Errorf("%s: not so, %v: %s", what, err, condition)
			}
		}
	}
	if held := eval[bool](b, `[...document.querySelectorAll("article a")].every(a => a.innerText.trim() !== "@" && a.href.startsWith("http"))`); !held {
		b.t.Error("a link leads nowhere or says nothing")
	}
	if held := eval[bool](b, `[...document.images].every(({ src }) => new URL(src).origin === origin || new URL(src).hostname.endsWith(".example"))`); !held {
		b.t.Error("a picture is asked for from somebody's server")
	}
}

// unroll makes the window as tall as the page, and waits until the pictures in it are loaded.
func (b *tab) unroll() {
	b.t.Helper()
	size := eval[[]int64](b, `[innerWidth, document.documentElement.scrollHeight]`)
	b.do(chromedp.EmulateViewport(size[0], size[1]))
	b.wait(`[...document.images].every(image => image.complete || !image.checkVisibility())`)
	b.settle()
}

// called is a source under another name.
type called struct {
	stream.Source
	name string
}

func (c called) String() string { return c.name }

// replay plays the recorded messages of a network at once, through the same steps as in the
// program.
func (s *site) replay(n networkPage) {
	s.t.Helper()
	log := slog.New(slog.DiscardHandler)
	recorded := replay.File(filepath.Join("testdata", "networks", n.name+".ndjson"))
	recorded.Lead, recorded.Log = 10*time.Minute, log // longer than the recording, so that nothing waits
	recorded.Decoders = networkDecoders
	pictures := pictured(s.t)
	reconciler := reconcile.New(s.pass, nil)
	err := stream.Run(context.Background(), log, called{recorded, n.name}, func(op stream.Op) error { return reconciler.Emit(pictures(op)) })
	if err != nil || recorded.Skipped() > 0 {
		s.t.Fatalf("%v, %d lines skipped", err, recorded.Skipped())
	}
	for _, op := range n.learned {
		if err := reconciler.Emit(op); err != nil {
			s.t.Fatal(err)
		}
	}
}

// pictured returns a function that replaces the picture addresses in an op, because no network
// serves those pictures. An address that contains the name of a picture of the demo becomes that
// picture. The others stay missing on purpose.
func pictured(t testing.TB) func(stream.Op) stream.Op {
	files, err := filepath.Glob("../static/demo/*.svg")
	if err != nil || len(files) == 0 {
		t.Fatal("no pictures", err)
	}
	var names []string
	for _, file := range files {
		names = append(names, regexp.QuoteMeta(strings.TrimSuffix(filepath.Base(file), ".svg")))
	}
	address := regexp.MustCompile(`"(avatar|src|preview|image)":"https://[^"]*?(` + strings.Join(names, "|") + `)[^"]*"`)
	return func(op stream.Op) (shown stream.Op) {
		line, err := json.Marshal(op)
		if err == nil {
			err = json.Unmarshal(address.ReplaceAll(line, []byte(`"$1":"/static/demo/$2.svg"`)), &shown)
		}
		if err != nil {
			t.Error(err)
		}
		return shown
	}
}
