package web_test

import (
	"net/http"
	"sync/atomic"
)

// proxy stands before a site and lets requests for one path not through, as some
// in offices do with WebSockets, until it is opened.
type proxy struct {
	next   http.Handler
	path   string
	status atomic.Int64 // of its answer; 0: it lets the request through
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if status := p.status.Load(); status != 0 && r.URL.Path == p.path {
		http.Error(w, "not through here", int(status))
		return
	}
	p.next.ServeHTTP(w, r)
}

func (p *proxy) open() { p.status.Store(0) }

// behindProxy puts a proxy before what the site is now.
func (s *site) behindProxy(path string, status int64) *proxy {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := &proxy{next: s.handler, path: path}
	p.status.Store(status)
	s.handler = p
	return p
}
