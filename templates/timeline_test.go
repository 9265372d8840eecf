package templates

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

func TestWords_AreCompleteInBothLanguages(t *testing.T) {
	blank := regexp.MustCompile(`{\w+}`)
	for _, w := range slices.Concat(words, pageWords, adminWords) {
		if w.en == "" || w.ja == "" {
			t.Errorf("%s: en %q, ja %q", w.key, w.en, w.ja)
		}
		en, ja := blank.FindAllString(w.en, -1), blank.FindAllString(w.ja, -1)
		slices.Sort(en)
		slices.Sort(ja)
		if !slices.Equal(en, ja) {
			t.Errorf("%s: %q and %q have different blanks", w.key, w.en, w.ja)
		}
	}
	if len(byKey) != len(words)+len(pageWords)+len(adminWords) {
		t.Error("a key stands twice")
	}
}

// The script looks up its texts by key, and shows nothing for a key that is missing.
func TestWords_HaveEveryKeyThatTheScriptUses(t *testing.T) {
	said := regexp.MustCompile(`(say|pair|count)\("([a-z-]+)"`)
	known := map[string]bool{}
	for _, w := range slices.Concat(words, adminWords) { // a page of moderators has both
		known[w.key] = true
	}
	scripts, _ := filepath.Glob("../static/*.js")
	for _, name := range scripts {
		source, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range said.FindAllStringSubmatch(string(source), -1) {
			switch {
			case m[1] == "count" && !(known[m[2]+"-one"] && known[m[2]+"-other"]):
				t.Errorf("%s counts %q", name, m[2])
			case m[1] != "count" && !known[m[2]]:
				t.Errorf("%s says %q", name, m[2])
			}
		}
	}
	if len(scripts) == 0 {
		t.Error("found no script")
	}
}

func TestTranslate_LeavesNoEnglishWord(t *testing.T) {
	p := fullPost("a:1", "投稿")
	p.Warning = []Segment{{Text: "注意"}}
	card := render(t, Card(p))
	p.Quote, p.Poll.Closed = &Quote{}, true
	for _, n := range elements(t, Translate("ja", card+render(t, Card(p)))) {
		key := attr(n, "data-t")
		if key == "" {
			continue
		}
		if got, want := content(n), byKey[key].ja; got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
}

func content(n *html.Node) string {
	var all strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			all.WriteString(d.Data)
		}
	}
	return all.String()
}

func TestTranslate_ToEnglishChangesNothing(t *testing.T) {
	card := render(t, Card(fullPost("a:1", "x")))
	if got := Translate("en", card); got != card {
		t.Error("English changed on its way to English")
	}
}

func TestLanguage_PicksThePreferredOfEnglishAndJapanese(t *testing.T) {
	for accept, want := range map[string]string{
		"": "en", "ja": "ja", "ja-JP": "ja", "JA": "ja", "en-GB,en;q=0.9,ja;q=0.8": "en", "fr,ja;q=0.9,en;q=0.8": "ja",
		"de": "en", "ja;q=0, en;q=0.1": "en", "ja;q=x": "en", "*": "en", "jam": "en", " ja ; q=1 ": "ja",
	} {
		if got := Language(accept); got != want {
			t.Errorf("%q: got %s, want %s", accept, got, want)
		}
	}
}

func TestTimeline_HasTheFeedRoleOnlyWithPosts(t *testing.T) {
	full, empty := render(t, Timeline(fullPage(t, "en"))), render(t, Timeline(Page{Site: "Nagare", Lang: "en"}))
	if !strings.Contains(full, `role="feed"`) || strings.Contains(empty, `role="feed"`) {
		t.Error("a feed without articles is no feed")
	}
}

func TestTimeline_GivesTheScriptItsPositionAndAddresses(t *testing.T) {
	page := render(t, Timeline(Page{Channel: "streaming", Epoch: "lz4k2", Offset: 42, Socket: "/websocket"}))
	want := `data-channel="streaming" data-epoch="lz4k2" data-offset="42" data-socket="/websocket"`
	if !strings.Contains(page, want) {
		t.Errorf("no %s in the page", want)
	}
}

func TestTimeline_GivesTheScriptWordsAndNumbers(t *testing.T) {
	page := render(t, Timeline(fullPage(t, "ja")))
	for _, w := range words {
		if !strings.Contains(page, ` data-`+w.key+`="`+html.EscapeString(w.ja)+`"`) {
			t.Errorf("the script would not know %s", w.key)
		}
	}
	if !strings.Contains(page, ` data-recent="`+strconv.Itoa(Initial)+`"`) {
		t.Error("the script would not know how many posts to request")
	}
}

func TestTimeline_StaysWithinItsSizeBudget(t *testing.T) {
	const budget = 16 << 10
	var size counter
	w := gzip.NewWriter(&size)
	io.WriteString(w, render(t, Timeline(fullPage(t, "ja"))))
	w.Close()
	if size > budget {
		t.Errorf("a page of %d posts is %d bytes compressed, want at most %d", Initial, size, budget)
	}
}

type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

func TestErrorPage_SaysWhatWentWrong(t *testing.T) {
	for status, want := range map[int]string{404: "error-404", 503: "error-503", 418: "error"} {
		for _, lang := range []string{"en", "ja"} {
			got := render(t, ErrorPage(Problem{Site: "Nagare", Lang: lang, Status: status, RequestID: "r1"}))
			if !strings.Contains(got, html.EscapeString(phrase(lang, want))) || !strings.Contains(got, "r1") {
				t.Errorf("%d in %s does not say %q", status, lang, phrase(lang, want))
			}
		}
	}
}
