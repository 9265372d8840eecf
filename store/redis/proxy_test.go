package redis_test

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// faults are what a proxy does to its connections.
type faults struct {
	refuse    bool          // close all connections, and accept no new one
	stall     bool          // forward nothing, and close nothing
	delay     time.Duration // before each piece of data
	bandwidth int           // bytes a second; 0: not limited
}

// proxy forwards connections to an address, with faults.
type proxy struct {
	target   string
	listener net.Listener
	work     sync.WaitGroup

	mu      sync.Mutex
	faults  faults
	changed chan struct{} // closed when faults change
	conns   map[net.Conn]bool
}

func startProxy(t testing.TB, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{target: target, listener: l, changed: make(chan struct{}), conns: map[net.Conn]bool{}}
	p.work.Go(p.accept)
	t.Cleanup(func() {
		l.Close()
		p.set(faults{refuse: true})
		p.work.Wait()
	})
	return p
}

func (p *proxy) addr() string { return p.listener.Addr().String() }

func (p *proxy) set(f faults) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = f
	close(p.changed)
	p.changed = make(chan struct{})
	if f.refuse {
		for c := range p.conns {
			c.Close()
		}
	}
}

func (p *proxy) state() (faults, <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.faults, p.changed
}

func (p *proxy) accept() {
	for {
		near, err := p.listener.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", p.target)
		if err != nil || !p.keep(near, far) {
			near.Close()
			if far != nil {
				far.Close()
			}
			continue
		}
		p.work.Go(func() { p.forward(near, far) })
		p.work.Go(func() { p.forward(far, near) })
	}
}

// keep notes two connections, unless connections are refused.
func (p *proxy) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range conns {
		p.conns[c] = true
	}
	return !p.faults.refuse
}

func (p *proxy) forward(to, from net.Conn) {
	defer func() {
		to.Close()
		from.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.conns, from)
	}()
	buffer := make([]byte, 4<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil || !p.hold(n) {
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil && err != io.ErrShortWrite {
			return
		}
	}
}

// hold waits as long as the faults hold up n bytes. It returns false if connections are closed.
func (p *proxy) hold(n int) bool {
	for {
		f, changed := p.state()
		wait := f.delay
		if f.bandwidth > 0 {
			wait += time.Duration(n) * time.Second / time.Duration(f.bandwidth)
		}
		switch {
		case f.refuse:
			return false
		case f.stall:
			<-changed
			continue
		case wait > 0:
			select {
			case <-time.After(wait):
			case <-changed:
				continue
			}
		}
		return true
	}
}
