package web

import (
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"golang.org/x/time/rate"

	"nagare/stream/moderation"
	"nagare/templates"
)

// The limits of the actions of all moderators together.
const (
	actionsASecond = 20
	actionsAtOnce  = 60
)

// admin serves the pages of the moderators. Only the cookie of a session authorizes a request. A
// form needs the token of its session besides, and must be sent by a page of the site.
type admin struct {
	// Set by newAdmin, never changed.
	config     Config
	fail       errorPages
	ingest     *ingest
	sameOrigin func(*http.Request) bool // also logs a refusal
	moderation Moderation
	timeline   *Timeline // of the public posts
	desk       *Timeline // of the posts that are held
	sessions   *Sessions
	log        *slog.Logger
	limit      *rate.Limiter
	blank      templates.Admin      // what all pages have in common
	pages      map[string]adminPage // by the rest of their paths

	// Each has a lock of its own.
	failures *failures // of logins
	done     *replays
}

func newAdmin(c Config, fail errorPages, in *ingest) *admin {
	a := &admin{
		config: c, fail: fail, ingest: in, sameOrigin: c.Origins.Reported(c.Log), moderation: c.Moderation,
		timeline: c.Timeline, desk: c.Desk, sessions: c.Sessions, log: c.Log,
		limit: rate.NewLimiter(actionsASecond, actionsAtOnce), failures: newFailures(), done: newReplays(),
		blank: templates.Admin{
			Site: c.Site, Version: c.Version, Assets: fail.assets, Home: homePath, Root: adminPath, Marks: c.Timeline.publisher.networks.labels(),
			Socket: adminPath + socketPath, Events: adminPath + "/{channel}/events", Lines: adminPath + "/{channel}.ndjson",
			Channel: c.Timeline.name, Desk: c.Desk.name,
		},
	}
	a.pages = map[string]adminPage{"": a.posts, "screens": a.screens, "rules": a.rules, "sources": a.sources, "log": a.audit}
	return a
}

// adminRoutes returns the routes of the moderators. Without tokens, they don't exist.
func adminRoutes(c Config, fail errorPages, in *ingest) (all []route) {
	if c.Moderation == nil || c.Sessions == nil || len(c.Sessions.keys) == 0 {
		return nil
	}
	a := newAdmin(c, fail, in)
	add := func(path, methods string, h http.Handler) {
		all = append(all, route{adminPath + path, methods, private(h)})
	}
	for name := range a.pages {
		add(strings.TrimSuffix("/"+name, "/"), get, a.page(name))
	}
	for _, do := range actions {
		add("/"+string(do), http.MethodPost, a.form(func(r *http.Request, by session) (effect, error) {
			return a.act(r, do, by)
		}))
	}
	add("/login", http.MethodPost, http.HandlerFunc(a.login))
	add("/logout", http.MethodPost, http.HandlerFunc(a.logout))
	add("/announce", http.MethodPost, a.form(a.announce))
	add("/claim", http.MethodPost, a.form(a.claim))
	add("/audit.ndjson", get, a.guarded(a.download))
	add(socketPath, http.MethodGet, c.Hub)
	for _, t := range []*Timeline{c.Timeline, c.Desk} {
		add(eventsPath(t.name), http.MethodGet, http.HandlerFunc(t.channel.ServeEvents))
		add(linesPath(t.name), http.MethodGet, http.HandlerFunc(t.channel.ServeLines))
	}
	return all
}

// actions are the actions that have an address.
var actions = []moderation.Do{
	moderation.Approve, moderation.Hide, moderation.Undo, moderation.Block, moderation.Unblock, moderation.Pin, moderation.Unpin,
	moderation.AddRule, moderation.DeleteRule, moderation.Allow, moderation.Disallow, moderation.SetMode, moderation.SetDelay,
	moderation.SetLimit, moderation.SetDuplicates, moderation.Freeze, moderation.Empty, moderation.Resume,
}

// private keeps the pages of moderators out of caches and search engines. Forms need the
// Referrer-Policy: with "no-referrer", browsers would send "null" as their Origin.
func private(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Cache-Control", "no-store, no-transform")
		header.Set("Referrer-Policy", "same-origin")
		header.Set(robotsTag, "noindex, nofollow")
		next.ServeHTTP(w, r)
	})
}

// guarded passes on requests of moderators, and leads all others to the login.
func (a *admin) guarded(next func(http.ResponseWriter, *http.Request, session)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		by, ok := a.sessions.of(r)
		if !ok {
			http.Redirect(w, r, adminPath, http.StatusSeeOther)
			return
		}
		next(w, r, by)
	})
}

// sentBySite reports whether a page of the site sent the request. Browsers send at least one of the two
// headers with each form.
func (a *admin) sentBySite(r *http.Request) bool {
	site := r.Header.Get("Sec-Fetch-Site")
	return (r.Header.Get("Origin") != "" || site != "") && slices.Contains([]string{"", "same-origin"}, site) && a.sameOrigin(r)
}

// wantsJSON reports whether the script of a page sent the request.
func wantsJSON(r *http.Request) bool { return r.Header.Get("Accept") == "application/json" }
