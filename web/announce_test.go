package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"nagare/stream/moderation"
	"nagare/web"
)

func TestAdmin_AnAnnouncementIsShownAlthoughPostsWait(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before)
	d.post(byAuthor(1, "mio", "apple words"))
	m := logIn(t, s, "Aiko")
	if status := m.send("announce", url.Values{"text": {"The gates open at noon."}}, nil).StatusCode; status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	if page := s.body("/", nil); !strings.Contains(page, "The gates open at noon.") || strings.Contains(page, "apple words") {
		t.Error("want the announcement by the site, and no post that waits")
	}
}

func TestAdmin_AnAnnouncementLooksLikeTheSiteAndStaysOnTop(t *testing.T) {
	s, d := newModeratedSite(t, moderation.Before, func(c *web.Config) {
		c.Site, c.Brand = "River Days 2026", web.Brand{Logo: []byte("<svg/>"), LogoType: "image/svg+xml"}
	})
	m := logIn(t, s, "Aiko")
	if !strings.Contains(m.body("/admin/screens"), `name="pin" value="1" checked`) {
		t.Error("the form doesn't offer to keep the announcement on top")
	}
	m.send("announce", url.Values{"text": {"Lunch! See (https://example.com/menu). #Lunch #2 a#b"}, "pin": {"1"}}, nil)
	m.send("announce", url.Values{"text": {"The gates open at noon."}}, nil)
	page := s.body("/", nil)
	for _, want := range []string{">River Days 2026<", `src="/brand/avatar"`, `href="https://example.com/menu"`, `href="/tag/Lunch"`} {
		if !strings.Contains(page, want) {
			t.Errorf("the card has no %s:\n%s", want, page)
		}
	}
	for _, wrong := range []string{"@River", `href="/tag/2"`, `href="/tag/b"`, "/menu)"} {
		if strings.Contains(page, wrong) {
			t.Errorf("the card has %s", wrong)
		}
	}
	if avatar := s.get("/brand/avatar", nil); avatar.StatusCode != http.StatusOK || avatar.Header.Get("Content-Type") != "image/svg+xml" {
		t.Errorf("the avatar: %s", avatar.Status)
	}
	settings := d.Settings()
	if len(settings.Announced) != 2 || len(settings.Pins) != 1 || settings.Pins[0] != settings.Announced[1] {
		t.Fatalf("announcements %v, pins %v, want two and the first", settings.Announced, settings.Pins)
	}
	if screens := m.body("/admin/screens"); strings.Count(screens, `<li class="item"`) != 2 || !strings.Contains(screens, "Lunch!") {
		t.Errorf("want both announcements once:\n%s", screens)
	}
	m.send("hide", url.Values{"id": {settings.Pins[0]}}, nil)
	if settings := d.Settings(); len(settings.Announced) != 1 || len(settings.Pins) != 0 {
		t.Errorf("after one was hidden: announcements %v, pins %v", settings.Announced, settings.Pins)
	}
}

func TestScreensPage_ShowsWhatAnActionHasChangedAndKeepsTheText(t *testing.T) {
	s, _ := newModeratedSite(t, moderation.After)
	b := openDesk(t, s, "Aiko")
	b.visit(s.url + "/admin/screens")
	b.run(`document.querySelector("[name=text]").value = "The gates open at noon."; document.querySelector("[name=text]").form.requestSubmit()`)
	b.waitDocument(`document.querySelector("#announced .item[data-pinned]") !== null`)
	if eval[bool](b, `document.querySelector("#announced .act--block").checkVisibility()`) {
		t.Error("the site can be blocked")
	}
	b.run(`document.querySelector("[name=text]").value = "unfinished"; document.querySelector("#announced .act--unpin").click()`)
	b.wait(`document.querySelector("#announced .item:not([data-pinned])")`)
	b.run(`document.querySelector("#announced .act--hide").click()`)
	b.wait(`!document.querySelector("#announced .item")`)
	b.press("f")
	b.wait(`document.getElementById("screens-title").textContent.includes("frozen")`)
	if got := eval[string](b, `document.querySelector("[name=text]").value`); got != "unfinished" {
		t.Errorf("the text is %q", got)
	}
}

// The number of a form is no id of a post that a program has published.
func TestAdmin_AnAnnouncementShowsNoOtherPost(t *testing.T) {
	s, d := newModeratedSite(t, moderation.After)
	hidden := byAuthor(1, "mio", "apple words")
	hidden.ID, hidden.Source = "post:abc", "post"
	d.post(hidden)
	m := logIn(t, s, "Aiko")
	m.send("hide", url.Values{"id": {"post:abc"}}, nil)
	if status := m.send("announce", url.Values{"text": {"The gates open at noon."}, "once": {"abc"}}, nil).StatusCode; status != http.StatusSeeOther {
		t.Fatalf("status %d", status)
	}
	if page := s.body("/", nil); strings.Contains(page, "apple words") || !strings.Contains(page, "The gates open at noon.") {
		t.Error("want the announcement, and not the hidden post")
	}
}
