package web

import (
	"cmp"
	"net/http"
	"slices"

	"nagare/hub"
	"nagare/templates"
)

// look is how a visitor wants the page.
type look struct{ lang, theme, density string }

// choices are the values of "?lang=", "?theme=" and "?density=". A cookie of the same
// name keeps the choice, so that the first paint is right without script.
var choices = map[string][]string{
	"lang":    {"en", "ja"},
	"theme":   {"auto", "light", "dark"},
	"density": {"comfortable", "compact"},
}

const aYear = 365 * 24 * 60 * 60 // seconds

// lookOf reads the cookies and, for the language, what the browser prefers.
func lookOf(r *http.Request) look {
	return look{
		lang:    cmp.Or(kept(r, "lang"), templates.Language(r.Header.Get("Accept-Language"))),
		theme:   cmp.Or(kept(r, "theme"), "auto"),
		density: cmp.Or(kept(r, "density"), "comfortable"),
	}
}

// kept returns a former choice, or "" if there is none that we would offer.
func kept(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil || !slices.Contains(choices[name], cookie.Value) {
		return ""
	}
	return cookie.Value
}

// chosen keeps what the address of the request chooses, if it does, and leads
// back to the page, at the place where it was.
func chosen(w http.ResponseWriter, r *http.Request) bool {
	found := false
	query := r.URL.Query()
	for name, values := range choices {
		if !query.Has(name) {
			continue
		}
		found = true
		if value := query.Get(name); slices.Contains(values, value) {
			http.SetCookie(w, &http.Cookie{
				Name: name, Value: value, Path: "/", MaxAge: aYear,
				HttpOnly: true, Secure: Scheme(r) == "https", SameSite: http.SameSiteLaxMode,
			})
		}
	}
	if found {
		w.Header().Set("Cache-Control", "no-store")
		http.Redirect(w, r, back(query.Get("before")), http.StatusSeeOther)
	}
	return found
}

// back is where the page is that ends before a place; the newest if that is none.
func back(before string) string {
	if _, err := hub.ParsePosition(before); err != nil {
		return "/"
	}
	return "/?before=" + before
}
