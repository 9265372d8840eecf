package web

import (
	"cmp"
	"net/http"
	"slices"

	"nagare/templates"
)

// preferences are a reader's choices about the look of the page.
type preferences struct{ lang, theme, density string }

// preferenceValues are the valid values of "?lang=", "?theme=" and "?density=". The value is kept
// in a cookie of the same name, so that preferences also work without script.
var preferenceValues = map[string][]string{
	"lang":    {"en", "ja"},
	"theme":   {"auto", "light", "dark"},
	"density": {"comfortable", "compact"},
}

const aYear = 365 * 24 * 60 * 60 // seconds

// preferencesOf reads the preferences from cookies. If no cookie sets the language, it uses
// Accept-Language.
func preferencesOf(r *http.Request) preferences {
	return preferences{
		lang:    cmp.Or(storedPreference(r, "lang"), templates.Language(r.Header.Get("Accept-Language"))),
		theme:   cmp.Or(storedPreference(r, "theme"), "auto"),
		density: cmp.Or(storedPreference(r, "density"), "comfortable"),
	}
}

// storedPreference returns the value of a preference's cookie, or "" if the cookie is missing or
// its value is invalid.
func storedPreference(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil || !slices.Contains(preferenceValues[name], cookie.Value) {
		return ""
	}
	return cookie.Value
}

// savePreferences sets a cookie for each valid preference in the query. It reports whether the
// query names any preference, valid or not.
func savePreferences(w http.ResponseWriter, r *http.Request) bool {
	found := false
	query := r.URL.Query()
	for name, values := range preferenceValues {
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
	return found
}
