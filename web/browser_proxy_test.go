package web_test

import (
	"net/http"
	"sync/atomic"
)

// proxy stands before a site and lets requests for one path not through, as some
// in offices do with WebSockets, until it is opened.
type proxy struct {
	path   string
	status atomic.Int64 // of its answer; 0: it lets the request through
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

// behindProxy puts a proxy before the site, also when that starts anew.
func (s *site) behindProxy(path string, status int64) *proxy {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &proxy{path: path}
	p.status.Store(status)
	s.proxies = append(s.proxies, p)
	return p
}
