package web_test

import (
	"net/http"
	"sync/atomic"
)

// proxy stands in front of a site and refuses requests for one path until it is opened, as some
// proxies in offices refuse WebSockets.
type proxy struct {
	path   string
	status atomic.Int64 // status of the response; 0: requests pass
}

func (p *proxy) refuses(w http.ResponseWriter, r *http.Request) bool {
	status := p.status.Load()
	if status == 0 || r.URL.Path != p.path {
		return false
	}
	http.Error(w, "not through here", int(status))
	return true
}

func (p *proxy) open() { p.status.Store(0) }

// behindProxy puts a proxy in front of the site, which stays there when the site restarts.
func (s *site) behindProxy(path string, status int64) *proxy {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &proxy{path: path}
	p.status.Store(status)
	s.proxies = append(s.proxies, p)
	return p
}
