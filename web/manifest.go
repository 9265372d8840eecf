package web

import (
	"encoding/json"
	"net/http"

	"nagare/static"
)

// manifest is a Web Application Manifest (W3C), from which a browser can install the site as an
// app.
type manifest struct {
	Name       string         `json:"name"`
	ShortName  string         `json:"short_name"`
	StartURL   string         `json:"start_url"`
	Scope      string         `json:"scope"`
	Display    string         `json:"display"`
	Background string         `json:"background_color"`
	Theme      string         `json:"theme_color"`
	Icons      []manifestIcon `json:"icons"`
}

type manifestIcon struct {
	Src     string `json:"src"`
	Sizes   string `json:"sizes"`
	Type    string `json:"type"`
	Purpose string `json:"purpose"`
}

// manifestOf serves the manifest of the site with that name.
func manifestOf(site string) http.Handler {
	icon := func(name, sizes, purpose string) manifestIcon {
		return manifestIcon{static.URL(name), sizes, "image/png", purpose}
	}
	body, _ := json.Marshal(manifest{ // marshalling strings can't fail
		Name: site, ShortName: site, StartURL: homePath, Scope: homePath, Display: "minimal-ui", Background: "#FAF7F0", Theme: "#FAF7F0",
		Icons: []manifestIcon{
			icon("icon-192.png", "192x192", "any"), icon("icon-512.png", "512x512", "any"), icon("icon-maskable.png", "512x512", "maskable"),
		},
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/manifest+json")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		w.Write(body)
	})
}
