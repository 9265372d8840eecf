package hub_test

import (
	"math/rand/v2"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// badNetwork is a TCP proxy that at random forwards in small pieces, stalls, and cuts
// connections at any byte of either direction. What happens to the nth connection depends only
// on the flag -seed and on n.
type badNetwork struct {
	net.Listener
	to   string
	life int         // a connection is cut after so many bytes at most
	calm atomic.Bool // if set, new connections are not cut

	cuts, stalls atomic.Int64 // so far

	running sync.WaitGroup
}

// badNetworkTo listens until the test ends.
func badNetworkTo(t tester, to string, life int) *badNetwork {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	p := &badNetwork{Listener: ln, to: to, life: life}
	p.running.Go(p.accept)
	t.Cleanup(func() {
		ln.Close()
		p.running.Wait()
	})
	return p
}

// calmIf makes the proxy stop cutting new connections if enough is true, and returns enough.
func (p *badNetwork) calmIf(enough bool) bool {
	p.calm.Store(enough)
	return enough
}

func (p *badNetwork) accept() {
	for n := uint64(0); ; n++ {
		near, err := p.Accept()
		if err != nil {
			return
		}
		p.running.Go(func() { p.carry(near.(*net.TCPConn), rand.New(rand.NewPCG(*seed, n))) })
	}
}

// carry forwards between both sides until one of them closes, or the connection is cut.
func (p *badNetwork) carry(near *net.TCPConn, random *rand.Rand) {
	conn, err := net.Dial("tcp", p.to)
	if err != nil {
		near.Close()
		return
	}
	far := conn.(*net.TCPConn)
	l := &link{proxy: p, up: -1, down: -1}
	if !p.calm.Load() {
		l.down = random.IntN(p.life)
		switch kind := random.IntN(8); {
		case kind == 0:
			l.up = random.IntN(200) // within the request
		case kind < 3:
			l.down = random.IntN(800) // within the answer
		}
	}
	up := rand.New(rand.NewPCG(random.Uint64(), 0)) // each direction has its own random numbers
	var both sync.WaitGroup
	both.Go(func() { l.pass(far, near, up, l.up) })
	both.Go(func() { l.pass(near, far, random, l.down) })
	both.Wait()
}

// link is one connection through the proxy. It is cut after up or down bytes in that
// direction; -1 means never.
type link struct {
	proxy    *badNetwork
	up, down int
	over     atomic.Bool
}

// pass forwards one direction.
func (l *link) pass(to, from *net.TCPConn, random *rand.Rand, left int) {
	buf := make([]byte, 2048)
	for left != 0 {
		if left > 0 {
			buf = buf[:min(left, len(buf))]
		}
		n, err := from.Read(buf)
		if err != nil || !l.proxy.trickle(to, buf[:n], random) {
			l.end(to, from, false)
			return
		}
		if left > 0 {
			left -= n
		}
	}
	l.end(to, from, true)
}

// end closes or resets both sides, without a closing handshake.
func (l *link) end(to, from *net.TCPConn, cut bool) {
	if !l.over.CompareAndSwap(false, true) {
		return
	}
	if cut {
		l.proxy.cuts.Add(1)
		to.SetLinger(0)
		from.SetLinger(0)
	}
	to.Close()
	from.Close()
}

// trickle writes data at once, or first some slices of 1 to 3 bytes with a stall now and then.
func (p *badNetwork) trickle(to *net.TCPConn, data []byte, random *rand.Rand) bool {
	if random.IntN(30) == 0 {
		p.stalls.Add(1)
		after(time.Duration(random.IntN(30)) * time.Millisecond)
	}
	for slices := 30 * random.IntN(2); len(data) > 0; slices-- {
		n := len(data)
		if slices > 0 {
			n = min(n, 1+random.IntN(3))
		}
		if _, err := to.Write(data[:n]); err != nil {
			return false
		}
		data = data[n:]
	}
	return true
}
