package web

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"nagare/templates"
)

// mostName is the longest name of a moderator, in characters.
const mostName = 40

// login opens a session. Wrong tokens from one address are limited, as those of POST /streaming are.
func (a *admin) login(w http.ResponseWriter, r *http.Request) {
	if err := a.parse(w, r); err != nil {
		a.answer(w, r, session{}, effect{}, err)
		return
	}
	name := visible(oneLine(r.PostFormValue("name")))
	if name == "" || utf8.RuneCountInString(name) > mostName || !utf8.ValidString(name) {
		a.showLogin(w, r, http.StatusBadRequest, "login-name")
		return
	}
	cookie, ok := a.sessions.open(name, strings.TrimSpace(r.PostFormValue("token")))
	switch {
	case ok:
		setSession(w, r, cookie, int(sessionFor.Seconds()))
		http.Redirect(w, r, adminPath, http.StatusSeeOther)
	case a.failures.allow(peerOf(r)):
		a.showLogin(w, r, http.StatusForbidden, "login-wrong")
	default:
		w.Header().Set("Retry-After", "60")
		a.showLogin(w, r, http.StatusTooManyRequests, "login-often")
	}
}

func (a *admin) logout(w http.ResponseWriter, r *http.Request) {
	by, err := a.admit(w, r)
	if err == nil {
		setSession(w, r, "", -1)
		err = a.sessions.ended.add(by)
	}
	a.answer(w, r, by, effect{}, err)
}

// setSession sets the cookie. Browsers send it only to the pages of moderators, which therefore have a
// WebSocket of their own.
func setSession(w http.ResponseWriter, r *http.Request, value string, age int) {
	http.SetCookie(w, &http.Cookie{
		Name: sessionCookie, Value: value, Path: adminPath, MaxAge: age,
		HttpOnly: true, Secure: Scheme(r) == "https", SameSite: http.SameSiteStrictMode,
	})
}

// showLogin sends the form of the login, with what is wrong as a key of the words.
func (a *admin) showLogin(w http.ResponseWriter, r *http.Request, status int, wrong string) {
	p := a.frame(r, session{}, "")
	p.Notice.Wrong, p.Notice.Text = wrong, ""
	a.send(w, r, status, templates.AdminLogin(p, mostName))
}
