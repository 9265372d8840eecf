package replay

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"nagare/stream"
	"nagare/stream/reconcile"
	"nagare/stream/recording"
	"nagare/stream/streamtest"
)

// demoOps is the recording as it stands in the file.
func demoOps(t *testing.T) (ops []stream.Op) {
	t.Helper()
	for line := range strings.Lines(demo) {
		op, err := recording.Decode([]byte(line))
		if err != nil {
			t.Fatalf("%v in %s", err, line)
		}
		ops = append(ops, op)
	}
	return ops
}

// demoPosts are all posts of the demo, as created and as edited.
func demoPosts(t *testing.T) (posts []*stream.Post) {
	t.Helper()
	for _, op := range demoOps(t) {
		if op.Post != nil {
			posts = append(posts, op.Post)
		}
	}
	return posts
}

// demoRounds plays the demo twice through a ledger, and returns what a page is told.
func demoRounds(t *testing.T) (told []heard) {
	t.Helper()
	replay, rounds := Demo(), 0
	open := replay.Open
	replay.Open = func() (io.ReadCloser, error) {
		if rounds++; rounds > 2 {
			return nil, streamtest.ErrEnough
		}
		return open()
	}
	ledger := reconcile.New(func(op stream.Op) error {
		told = append(told, heard{op, time.Now()})
		return nil
	}, nil)
	if err := replay.Stream(t.Context(), ledger.Emit); !errors.Is(err, streamtest.ErrEnough) {
		t.Fatal(err)
	}
	return told
}

func TestDemo_ShowsNoPostTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		shown, addresses := map[string]bool{}, map[string]int{}
		for _, op := range demoRounds(t) {
			if op.Kind != stream.Create {
				continue
			}
			if shown[op.ID] {
				t.Errorf("%s is created twice", op.ID)
			}
			shown[op.ID] = true
			if addresses[op.Post.URL]++; addresses[op.Post.URL] > 2 {
				t.Errorf("%s: %q is on more than one card of a round", op.ID, op.Post.URL)
			}
		}
		for address, cards := range addresses {
			if cards != 2 {
				t.Errorf("%q is on %d cards in two rounds", address, cards)
			}
		}
	})
}

func TestDemo_RepostsJoinTheCardOfTheirPost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		created, reposts := map[string]time.Time{}, map[string]int{}
		for _, op := range demoRounds(t) {
			switch {
			case op.Kind == stream.Create && op.Post.RepostedBy != nil:
				t.Errorf("%s appears as a repost", op.ID)
			case op.Kind == stream.Create:
				created[op.ID] = op.when
			case op.Kind == stream.Update && op.Post.Reposts > reposts[op.ID]:
				reposts[op.ID] = op.Post.Reposts
				if late := op.when.Sub(created[op.ID]); late > demoInView {
					t.Errorf("%s is reposted after %v, when it is out of view", op.ID, late)
				}
			}
		}
		several := 0
		for _, n := range reposts {
			if n >= 3 {
				several++
			}
		}
		if len(reposts) < 2*15 || several < 2*6 {
			t.Errorf("%d cards in two rounds are reposted, %d by three or more people", len(reposts), several)
		}
	})
}

// demoInView is how long a post can be expected to be in view, with room for some ten
// shorter ones above it.
const demoInView = 20 * time.Second

func TestDemo_FillsAPageAtOnceAndKeepsAPaceForReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		var live []time.Time
		atOnce := 0
		for _, op := range demoRounds(t) {
			switch {
			case op.Kind == stream.Create && op.when.Equal(began):
				if atOnce++; op.At.After(began) || began.Sub(op.At) > demoLead {
					t.Errorf("%s is dated %v", op.ID, op.At)
				}
			case op.Kind == stream.Create:
				live = append(live, op.when)
			}
		}
		if atOnce < 28 || atOnce > 34 {
			t.Errorf("%d posts at once, want about 30", atOnce)
		}
		live = live[:(len(live)-atOnce)/2] // the first round
		if round := live[len(live)-1].Sub(began).Round(time.Second); round < 9*time.Minute || round > 12*time.Minute {
			t.Errorf("a round takes %v, want about ten minutes", round)
		}
		if gap := median(gaps(live, 1)); gap < 1900*time.Millisecond || gap > 3*time.Second {
			t.Errorf("the median time between two posts is %v, want two to three seconds", gap)
		}
		if view := median(gaps(live, 7)); view < 8*time.Second {
			t.Errorf("a card is among the first seven for a median of %v, want 8s or more", view)
		}
		if n := bursts(live); n < 4 {
			t.Errorf("%d bursts, want 4 or more", n)
		}
	})
}

// gaps are the times from each post to the n-th after it.
func gaps(posts []time.Time, n int) (all []time.Duration) {
	for i := range len(posts) - n {
		all = append(all, posts[i+n].Sub(posts[i]))
	}
	return all
}

func median(all []time.Duration) time.Duration {
	return slices.Sorted(slices.Values(all))[len(all)/2]
}

// bursts counts the times at which 12 posts or more came within 3 seconds.
func bursts(posts []time.Time) (n int) {
	for i := 0; i+11 < len(posts); i++ {
		if posts[i+11].Sub(posts[i]) <= 3*time.Second {
			n++
			i += 20 // no burst has more
		}
	}
	return n
}

func TestDemo_ShowsEverythingThatACardCanShow(t *testing.T) {
	seen := map[string]int{}
	for _, op := range demoOps(t) {
		switch {
		case op.Kind == stream.Create && op.ID != op.Post.ID:
			seen["repost"]++
		case op.Kind == stream.Create:
			for _, feature := range features(op.Post) {
				seen[feature]++
			}
			fallthrough
		default:
			seen[string(op.Kind)]++
		}
	}
	for feature, atLeast := range map[string]int{
		"create": 300, "update": 15, "destroy": 3, "author_update": 2, "repost": 30,
		"en": 100, "ja": 90, "ar": 8, "ko": 8, "fr": 4, "es": 4, "de": 4, "hi": 4, "th": 3, "he": 6,
		"quote": 5, "lost quote": 1, "reply": 40, "thread": 3, "warning": 3, "sensitive": 2, "face": 200, "no face": 60,
		"1 pictures": 12, "2 pictures": 2, "3 pictures": 1, "4 pictures": 1, "6 pictures": 1,
		"4:5": 1, "1:1": 2, "4:3": 2, "3:2": 2, "16:9": 1, "2:1": 1, "very tall": 1, "very wide": 1,
		"video": 1, "gif": 1, "audio": 1, "preview": 1, "poll": 3,
		"link": 2, "mention": 3, "hashtag": 6, "hashtags at the end": 1, "emoji": 4, "emoji in a name": 1, "break": 15,
		"family": 2, "rainbow": 2, "flag": 1, "long": 5, "many lines": 2, "long word": 2, "both directions": 4, "combining": 1,
	} {
		if seen[feature] < atLeast {
			t.Errorf("%s: %d times, want %d or more", feature, seen[feature], atLeast)
		}
	}
}

// features names what a post shows.
func features(p *stream.Post) (found []string) {
	text := plain(p)
	for feature, there := range map[string]bool{
		p.Lang:                p.Lang != "",
		"quote":               p.Quoted() != nil,
		"lost quote":          p.Quote != nil && p.Quoted() == nil,
		"reply":               p.ReplyTo != nil && p.ReplyTo.Handle != p.Author.Handle,
		"thread":              p.ReplyTo != nil && p.ReplyTo.Handle == p.Author.Handle,
		"warning":             p.Warning != "",
		"sensitive":           p.Sensitive,
		"face":                p.Author.Avatar != "",
		"no face":             p.Author.Avatar == "",
		"emoji in a name":     len(p.Author.Emoji) > 0,
		"preview":             p.Preview != nil && p.Preview.Image != "",
		"poll":                p.Poll != nil,
		"hashtags at the end": hashtagsAtEnd(p) >= 5,
		"family":              strings.Contains(text, "👩‍👩‍👧‍👦"),
		"rainbow":             strings.Contains(text, "🏳️‍🌈"),
		"flag":                strings.Contains(text, "🇯🇵"),
		"long":                utf8.RuneCountInString(text) > 200,
		"many lines":          strings.Count(text, "\n") > 7 && len(text) > 300,
		"long word":           longestWord(text) > 60,
		"both directions":     strings.ContainsAny(text, "אבגדהابتةل") && strings.ContainsAny(text, "aeiou"),
		"combining":           strings.ContainsAny(text, "\u0334\u0335\u0336"),
	} {
		if there {
			found = append(found, feature)
		}
	}
	for _, s := range p.Text {
		found = append(found, string(s.Kind))
	}
	return append(found, mediaFeatures(p.Media)...)
}

// mediaFeatures names the kinds, the number and, of a single picture, the ratio.
func mediaFeatures(media []stream.Media) (found []string) {
	pictures := 0
	for _, m := range media {
		if found = append(found, m.Kind); m.Preview != "" {
			pictures++
		}
	}
	found = append(found, strconv.Itoa(pictures)+" pictures")
	if pictures != 1 || media[0].Height == 0 {
		return found
	}
	ratio := float64(media[0].Width) / float64(media[0].Height)
	for name, of := range map[string]float64{"4:5": 4. / 5, "1:1": 1, "4:3": 4. / 3, "3:2": 3. / 2, "16:9": 16. / 9, "2:1": 2} {
		if math.Abs(ratio-of) < 0.01 {
			found = append(found, name)
		}
	}
	switch {
	case ratio < 0.5:
		found = append(found, "very tall")
	case ratio > 2.9:
		found = append(found, "very wide")
	}
	return found
}

// hashtagsAtEnd is how many hashtags end a post, with nothing but spaces between.
func hashtagsAtEnd(p *stream.Post) (n int) {
	for _, s := range slices.Backward(p.Text) {
		switch {
		case s.Kind == stream.Hashtag:
			n++
		case strings.TrimSpace(s.Text) != "":
			return n
		}
	}
	return n
}

func plain(p *stream.Post) string {
	var text strings.Builder
	for _, s := range p.Text {
		text.WriteString(s.Text)
	}
	return text.String()
}

func longestWord(text string) (longest int) {
	for word := range strings.FieldsSeq(text) {
		if ascii := len(word) == utf8.RuneCountInString(word); ascii {
			longest = max(longest, len(word))
		}
	}
	return longest
}

func TestDemo_ChangesWhatIsInView(t *testing.T) {
	created, last := map[string]time.Time{}, time.Time{}
	for _, op := range demoOps(t) {
		if op.At.Before(last) {
			t.Errorf("%s goes back in time", op.ID)
		}
		last = op.At
		at, known := created[op.ID]
		switch {
		case op.Kind == stream.AuthorUpdate:
		case op.Kind == stream.Create && known:
			t.Errorf("%s is created twice", op.ID)
		case op.Kind == stream.Create:
			created[op.ID] = op.At
		case !known:
			t.Errorf("%s of %s, which was never created", op.Kind, op.ID)
		case op.At.Sub(at) > demoInView:
			t.Errorf("%s of %s comes after %v, when it is out of view", op.Kind, op.ID, op.At.Sub(at))
		}
	}
}

func TestDemo_ItsPollsFillAndCloseWhileTheyAreInView(t *testing.T) {
	began, versions, closed := map[string]time.Time{}, map[string]int{}, map[string]bool{}
	for _, op := range demoOps(t) {
		if op.Post == nil || op.Post.Poll == nil || op.ID != op.Post.ID {
			continue
		}
		if versions[op.ID]++; op.Kind == stream.Create {
			began[op.ID] = op.At
		}
		if !op.Post.Poll.Closed {
			continue
		}
		closed[op.ID] = true
		if late := op.At.Sub(op.Post.Poll.EndsAt).Abs(); late > 2*time.Second || op.At.Sub(began[op.ID]) > demoInView {
			t.Errorf("%s closes %v beside its time, %v after it began", op.ID, late, op.At.Sub(began[op.ID]))
		}
	}
	for id, n := range versions {
		if !closed[id] || n < 4 {
			t.Errorf("%s: closed %v after %d updates", id, closed[id], n-1)
		}
	}
}

func TestDemo_NamesAllAuthorsAndDescribesAllMedia(t *testing.T) {
	faces := map[string]string{} // the key of the author that has an avatar
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

func TestDemo_LinksToExamplesOnly(t *testing.T) {
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

func TestDemo_KnowsTheSizesOfItsPictures(t *testing.T) {
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

// smallPictures are those of a post whose size it doesn't say.
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

// TestPictures_AreSmallAndInert holds what the page's content security policy
// would otherwise hide: a picture with a script or a style in it looks broken.
func TestPictures_AreSmallAndInert(t *testing.T) {
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
