// Package hub carries events to browsers, each once and in order.
//
// A [Channel] is an append-only log: a ring of the newest events, each with the
// WebSocket frame that carries it, made once. A connection owns no queue; it is a
// position in each log that it follows. First load, live, recovery and a slow reader
// are one loop: write what comes after the position, move the position.
//
//	Trigger ─▶ log ─┬─ shard ─▶ conn (position 41) ─▶ write
//	                │        ─▶ conn (position 42) ─▶ write
//	                └─ shard ─▶ conn (position 17)    the socket is full
//	                               ▲     ▲
//	               it takes more ──┤     └── the client has said something
//	                               └─ poller
//
// Each shard is one goroutine that goes round its connections when something was
// appended, and once a second to ping, and to try those whose sockets are full. It
// writes without waiting; what one call takes is all that is pending, up to 64 KiB. The
// poller is one goroutine, too: it reads and answers what clients say, and goes on where
// a socket has room again. So a connection has no goroutine, no queue and no timer,
// whether it is idle or slow, and no buffer but for the rest of a frame. It costs its
// position and what limits it, about 0.6 KiB, and its descriptor, which is taken over from
// Go's runtime.
//
// All this is for plain TCP on Linux. Any other connection, above all one over TLS,
// has a goroutine that waits for something to read, and another one while something
// is written, about 4 KiB at once: where many come, a proxy in front should speak TLS.
//
// The wire is that of websocket-rails, so that its client of 2013 works as it is,
// and adds to each event its offset and the log's epoch, by which a client that
// was away asks for what it missed. gorilla/websocket shakes hands; the frames of
// RFC 6455 are read and written here, as its connection waits for a message, and
// keeps a kilobyte to do so. Frames are not compressed: it takes a third off their
// size, and no processor time off the server. Who can't have a WebSocket may have
// the same log as Server-Sent Events or as lines of JSON: a connection of another
// form, in the same shard.
//
// A [Broker] may give the events their positions, so that several hubs have one log.
//
// The hub owns the connections, the logs and the limits on clients. It leaves to
// others what the events mean, who may publish, from where pages may connect, and
// the HTTP server.
//
// It promises:
//   - events of a channel arrive in order, none twice, and a missing one is
//     announced: TestModel_EveryEventArrivesOnceInOrderOrIsAnnounced
//   - a client that comes back with its position gets all of it or is told that it
//     can't: TestRecovery_DecisionTable
//   - a client writes to nobody: TestWire_ClientPublishReachesNobody
//   - a stream is the same log, from the same positions:
//     TestServeEvents_ContinuesWhereTheClientLeftOff
//   - nothing that has been erased is sent again: TestErase_NoReplayShipsWhatWasErased
//   - hubs with one broker show the same log: TestBroker_AllHubsShowTheSameLog
//   - no client takes more than its limits: TestGate_HoldsAsManyOfOneClientAsTheLimitSays,
//     TestLimits_TwentyMessagesAtOnceAndNoMore, TestLimits_AFloodIsCutShort
//   - a reader that stands still holds up nobody, and costs up to 64 KiB, of the answers
//     it asked for and the rest of a frame, and what the system's socket holds, until
//     it is dropped: TestLoad_TheOthersDontNoticeWhoReadsNothing, TestSlowReader_LeavesNoOrphan
//   - one that takes a little all the time stays, over TLS if it is 80 KiB in the time
//     of Limits.Write: TestSlowReader_WhoTakesTenKilobytesASecondStays,
//     TestSlowReader_OverTLSStaysAsLongAsItTakesSomething
//   - where the network cuts what a client says makes no difference:
//     TestReader_HearsTheSameHoweverItIsCut
//   - where memory is short, those who are there stay: TestGate_LetsNobodyInWhereMemoryIsShort
//   - a panic while a client is heard ends that connection only: TestReader_APanicEndsOneConnection
//   - an idle connection has no goroutine: TestLoad_ACrowdTakesAPlaceEachAndNoGoroutine
//   - who comes and goes leaves nothing behind: TestLoad_ComingAndGoingLeavesNothingBehind
//   - Run ends with every connection closed and no goroutine left: TestMain
package hub

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Options may be left zero.
type Options struct {
	// CheckOrigin reports whether the page that a request comes from may connect.
	// If nil, it must be of the host that the request was sent to.
	CheckOrigin func(*http.Request) bool

	Ring      int // events kept for each channel; 1,000 if 0
	RingBytes int // bytes kept for each channel; 8 MiB if 0

	Limits Limits // of what clients may take

	// Tick, if not 0, is how long events are collected before they are written,
	// which takes less CPU where they come fast, and makes them later by up to as much.
	Tick time.Duration

	// Drain is the time over which connections are closed when Run ends, so that
	// they do not all come back at once; as long as there are fewer than 300 for
	// each second of it, it takes less. 15 s if 0.
	Drain time.Duration

	// Broker, if not nil, gives the events their positions, so that several hubs
	// have the same log. This one has what the broker tells it while Run runs.
	Broker Broker

	Log *slog.Logger // slog.Default() if nil
}

// Hub is a set of channels and of connections that follow them.
type Hub struct {
	opts     Options
	limits   Limits
	gate     *gate
	secret   string // of which tokens are made
	upgrader websocket.Upgrader
	shards   []*shard
	serial   atomic.Uint64 // of the newest connection
	stats    counters
	poller   *poller
	open     sync.WaitGroup // one for each connection
	work     sync.WaitGroup // the goroutines that are no shard's

	mu       sync.RWMutex
	channels map[string]*Channel
	draining bool
	made     func(*Channel) // has a new channel followed while Run runs; nil without a broker
}

const (
	handshakeWait = 5 * time.Second
	drainRate     = 300 // connections a second
)

// New makes a hub. It accepts connections at once and writes to them while Run runs.
func New(o Options) *Hub {
	o.Ring = cmp.Or(o.Ring, 1000)
	o.RingBytes = cmp.Or(o.RingBytes, 8<<20)
	o.Limits = o.Limits.withDefaults()
	o.Drain = cmp.Or(o.Drain, 15*time.Second)
	if o.CheckOrigin == nil {
		o.CheckOrigin = sameHost
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	h := &Hub{opts: o, limits: o.Limits, gate: newGate(o.Limits), secret: newToken(16), channels: map[string]*Channel{}}
	h.poller = newPoller(&h.work)
	h.stats.total.Closed, h.stats.total.Refused = map[int]uint64{}, map[int]uint64{}
	h.upgrader = websocket.Upgrader{
		HandshakeTimeout: handshakeWait,
		CheckOrigin:      func(*http.Request) bool { return true }, // enter has asked already
	}
	for range runtime.GOMAXPROCS(0) {
		h.shards = append(h.shards, &shard{tick: o.Tick, appended: make(chan struct{}, 1)})
	}
	return h
}

// Channel returns the channel of that name, which exists from then on. A name is
// 1 to 64 of a-z 0-9 _ . - and begins with a letter; it panics on any other, as
// on a bad regular expression in the code.
func (h *Hub) Channel(name string) *Channel {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ch := h.channels[name]; ch != nil {
		return ch
	}
	if err := checkName("channel", name); err != nil {
		panic(err)
	}
	ch := &Channel{hub: h, name: name}
	ch.log.Store(&log{channel: ch, epoch: newEpoch()})
	h.channels[name] = ch
	if h.made != nil {
		h.made(ch)
	}
	return ch
}

// lookup returns the channel of that name if there is one.
func (h *Hub) lookup(name string) *Channel {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.channels[name]
}

// wake tells every shard that something was appended.
func (h *Hub) wake() {
	for _, s := range h.shards {
		s.wake()
	}
}

// Run writes to the connections until ctx ends. Then it tells them to come back,
// closes them, and returns when the last one is gone.
func (h *Hub) Run(ctx context.Context) error {
	stop := make(chan struct{})
	var shards sync.WaitGroup
	for _, s := range h.shards {
		shards.Go(func() { s.run(stop) })
	}
	following, end := context.WithCancel(context.WithoutCancel(ctx))
	h.followAll(following)
	<-ctx.Done()
	h.drain() // with what is published meanwhile
	end()
	close(stop)
	shards.Wait()
	h.work.Wait()
	return nil
}

// drain tells all connections that they will have to come back, each after a
// while of its own, closes them one after the other, and waits until they are gone:
// closeWait at most, as ever.
func (h *Hub) drain() {
	h.mu.Lock()
	h.draining, h.made = true, nil
	h.mu.Unlock()
	conns := h.all()
	spread := min(h.opts.Drain, time.Duration(len(conns))*time.Second/drainRate)
	for _, c := range conns {
		c.sayDraining(rand.N(spread + time.Second))
	}
	begun := time.Now()
	for i, c := range conns {
		time.Sleep(time.Until(begun.Add(spread * time.Duration(i) / time.Duration(len(conns)))))
		c.close(websocket.CloseServiceRestart, "restart")
	}
	h.open.Wait()
	h.poller.stop()
}

// all returns the connections there are now.
func (h *Hub) all() (conns []*conn) {
	for _, s := range h.shards {
		conns = s.all(conns)
	}
	return conns
}
