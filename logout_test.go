package main

import (
	"net/http"
	"path/filepath"
	"testing"
	"time"
)

// loggedOut returns a copy of the cookie of a moderator that has logged out at the site.
func loggedOut(t *testing.T, p *process) *http.Cookie {
	t.Helper()
	m, err := logIn(p.url)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	request, err := http.NewRequest(http.MethodGet, p.url+"/admin", nil)
	if err != nil {
		t.Fatal(err)
	}
	copied := m.http.Jar.Cookies(request.URL)[0]
	if !p.admits(copied) {
		t.Fatal("the copy of a cookie is not valid")
	}
	if _, err := m.send("logout", nil); err != nil {
		t.Fatal(err)
	}
	if p.admits(copied) {
		t.Error("the copy is valid after the logout")
	}
	return copied
}

// admits reports whether the pages of moderators open with a cookie.
func (p *process) admits(cookie *http.Cookie) bool {
	p.t.Helper()
	request, err := http.NewRequest(http.MethodGet, p.url+"/admin/rules", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	request.AddCookie(cookie)
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		p.t.Fatal(err)
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

func TestLogout_LastsOverARestart(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	settings := []string{"SOURCE=none", "ADMIN_TOKEN=" + adminSecret, "STORE=" + filepath.Join(t.TempDir(), "nagare.db")}
	p := start(t, settings...)
	copied := loggedOut(t, p)
	p.end()
	p = start(t, settings...)
	if p.admits(copied) {
		t.Error("the copy of the cookie is valid again")
	}
	p.end()
}

func TestLogout_HoldsInAllProcesses(t *testing.T) {
	defer http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	settings := []string{"SOURCE=none", "ADMIN_TOKEN=" + adminSecret, "REDIS_URL=redis://" + startRedis(t)}
	a, b := start(t, settings...), start(t, settings...)
	first, second := loggedOut(t, a), loggedOut(t, b)
	for begun := time.Now(); b.admits(first) || a.admits(second); time.Sleep(10 * time.Millisecond) { // until the next look at the log
		if time.Since(begun) > 5*time.Second {
			t.Fatal("the copy of the cookie is valid in the other process")
		}
	}
	a.end()
	b.end()
}
