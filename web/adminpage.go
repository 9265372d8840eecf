package web

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"slices"

	"nagare/hub"
	"nagare/stream/moderation"
	"nagare/templates"
)

// adminPage makes a page of the moderators. p is what it has in common with the others.
type adminPage func(r *http.Request, p *templates.Admin) (component, error)

// component is a page that is ready to be rendered.
type component interface {
	Render(ctx context.Context, to io.Writer) error
}

// page makes the handler of a page.
func (a *admin) page(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if savePreferences(w, r) {
			http.Redirect(w, r, adminAddress(name), http.StatusSeeOther)
			return
		}
		by, ok := a.sessions.of(r)
		switch {
		case !ok && name == "":
			a.showLogin(w, r, http.StatusOK, "")
		case !ok:
			http.Redirect(w, r, adminPath, http.StatusSeeOther)
		default:
			a.show(w, r, by, name, http.StatusOK, a.notice(r))
		}
	})
}

// show sends a page with a notice.
func (a *admin) show(w http.ResponseWriter, r *http.Request, by session, name string, status int, notice templates.AdminNotice) {
	p := a.frame(r, by, name)
	p.Notice = notice
	body, err := a.pages[name](r, &p)
	if err != nil {
		a.log.Warn("page of the moderators not rendered", "page", name, "err", err)
		a.fail.show(w, r, http.StatusServiceUnavailable)
		return
	}
	a.send(w, r, status, body)
}

// send renders a page. It is not compressed: its size would reveal the token in its forms to a page of
// another site that can make its content.
func (a *admin) send(w http.ResponseWriter, r *http.Request, status int, body component) {
	var html bytes.Buffer
	if err := body.Render(r.Context(), &html); err != nil {
		panic(err) // a bug, as for all pages. The middleware recovered logs it
	}
	setServerTime(w.Header())
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	html.WriteTo(w) // an error means that the client has disconnected
}

// frame is what a page has in common with the others of its session.
func (a *admin) frame(r *http.Request, by session, name string) templates.Admin {
	p, chosen, settings := a.blank, preferencesOf(r), a.moderation.Settings()
	p.Lang, p.Theme, p.Page = chosen.lang, chosen.theme, name
	p.Name, p.Form, p.Once = by.Name, by.form, rand.Text()
	p.Mode, p.Delay, p.Screen = string(settings.Mode), settings.Delay, string(settings.Screen)
	p.Durable = a.config.Durable
	return p
}

// notice says what the form before has done, if it is an action of the audit.
func (a *admin) notice(r *http.Request) templates.AdminNotice {
	id := r.URL.Query().Get("done")
	if id == "" {
		return templates.AdminNotice{}
	}
	entries, _, err := a.moderation.Audit(r.Context(), hub.Position{}, adminEntries)
	i := slices.IndexFunc(entries, func(e moderation.Entry) bool { return e.Entry == id })
	if err != nil || i < 0 {
		return templates.AdminNotice{}
	}
	return templates.AdminNotice{Done: string(entries[i].Do), Undo: undo(entries[i])}
}
