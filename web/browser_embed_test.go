package web_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nagare/web/oembed"
)

// A site can show a quotation in a frame of the size that the response declares.
func TestOEmbed_AQuotationFitsIntoItsSizeInTheBrowser(t *testing.T) {
	t.Parallel()
	texts := map[string]string{
		"short": "hello", "English": strings.Repeat("The ferry is late again, and the pier is full of people. ", 15),
		"Japanese": strings.Repeat("船はまた遅れて、桟橋は人でいっぱいです。", 14), "Arabic": strings.Repeat("العبّارة متأخرة مرة أخرى والرصيف مزدحم. ", 12),
		"long words": strings.Repeat("Donaudampfschifffahrtsgesellschaft ", 20), "lines": strings.Repeat("line\n", 30), "emoji": strings.Repeat("🚢⛴️", 60), "capitals": strings.Repeat("THE FERRY IS LATE AGAIN. ", 20),
	}
	s := newSite(t, 0)
	var shown string
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, shown)
	}))
	defer other.Close()
	b := open(t, s, "/healthz")
	for name, text := range texts {
		for _, wide := range []int{550, 300} {
			link := oembed.Link("", "Nagare", "https://site.example/")
			got := link.Quoted(oembed.Post{URL: "https://site.example/post/1", Author: "Somebody of the harbour", Text: text, Published: time.Unix(1, 0)}, oembed.Bounds{Width: wide})
			shown = `<!DOCTYPE html><body style="margin:0"><iframe style="border:0" width="` + fmt.Sprint(got.Width) + `" height="9" srcdoc="` + strings.NewReplacer("&", "&amp;", `"`, "&quot;").Replace("<body style='margin:0'>"+got.HTML) + `"></iframe>`
			b.visit(other.URL)
			b.wait(`document.querySelector("iframe").contentDocument?.querySelector("footer")`)
			high := eval[int](b, `document.querySelector("iframe").contentDocument.querySelector("blockquote").scrollHeight + 32`) // with its margins
			if high > got.Height || high < got.Height/3 {
				t.Errorf("%s, %d wide: it is %d high, and declared to be %d", name, wide, high, got.Height)
			}
		}
	}
}
