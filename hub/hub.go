package hub

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Options configures a hub. Each field can be left zero.
type Options struct {
	// CheckOrigin reports whether a page of the request's origin can connect. If nil,
	// the origin's host must be the one that the request was sent to.
	CheckOrigin func(*http.Request) bool

	Ring      int // events held for each channel; 1,000 if 0
	RingBytes int // bytes held for each channel; 8 MiB if 0

	Limits Limits // bounds on what clients use

	// Settings maps fields of Limits to the settings by which the operator changes them, as in
	// {"PerClient": "--max-per-client"}. When a limit is reached, the log names the setting.
	Settings map[string]string

	// Tick, if not 0, is how long events are collected before they are written together. It
	// saves CPU time if events are frequent, and delays each of them by up to Tick.
	Tick time.Duration

	// Drain is the time over which connections are closed when Run ends, so that the clients
	// don't all reconnect at once. If 300 a second is fast enough to close them in less time,
	// they are closed at that rate. 15 s if 0.
	Drain time.Duration

	// Store, if not nil, gives events their positions and keeps them. The hub follows it while
	// Run runs, until Detach.
	Store Store

	// MayFollow reports whether the client that made the request, a WebSocket handshake or one for
	// a stream, may follow the private channel of that name: see Hub.Private. It is asked about each
	// private channel when the client connects and when it subscribes, with the same request. If it
	// was true for a channel, it is asked about that again every second. Once it is false, the
	// connection is closed, so that a login can end or be revoked. It must not block. If nil, nobody may.
	MayFollow func(r *http.Request, channel string) bool

	// Filter, if not nil, reads the text of a filter with which clients follow the channel of
	// that name. The canonical form is the same for all texts of the same meaning: clients are
	// sent it, and share what is compiled. It is "" if all events match. The text of err is for
	// the client, of whose text Filter must bound the length and the cost.
	//
	// match is called at most once at a time, with events named "create" that have the Name, Key, Data
	// and Index of their newest state; of the Index, what queries match, or nil. match must not change
	// them, and must not use the hub.
	Filter func(channel, text string) (canonical string, match func(Event) bool, err error)

	Log *slog.Logger // slog.Default() if nil
}

// Hub is a set of channels and of connections that follow them.
type Hub struct {
	// Set by New, never changed.
	opts     Options
	limits   Limits
	gate     *gate
	reserved *gate  // for clients that may follow a private channel
	secret   string // from which tokens are derived
	upgrader websocket.Upgrader
	shards   []*shard
	poller   *poller
	storage  storage
	filters  *filters

	// Safe for concurrent use.
	serial atomic.Uint64 // of the newest connection
	stats  counters
	open   sync.WaitGroup // one for each connection
	work   sync.WaitGroup // one for each goroutine, except those of the shards and of storage

	mu sync.RWMutex

	// Guarded by mu.
	channels  map[string]*Channel
	private   []*Channel
	draining  bool
	detached  bool           // Detach was called
	onChannel func(*Channel) // makes a new channel follow the store; nil without a store, before Run and after Detach
}

const handshakeTimeout = 5 * time.Second

// New makes a hub. It accepts connections at once, and writes to them while Run runs.
func New(o Options) *Hub {
	o = o.withDefaults()
	h := &Hub{
		opts:     o,
		limits:   o.Limits,
		gate:     newGate(o.Limits),
		reserved: newPrivateGate(o.Limits),
		secret:   newToken(16),
		channels: map[string]*Channel{},
	}
	h.poller, h.filters = newPoller(&h.work), newFilters(h)
	h.storage.ctx, h.storage.stop = context.WithCancel(context.Background())
	h.stats.total.Closed, h.stats.total.Refused = map[int]uint64{}, map[int]uint64{}
	h.upgrader = websocket.Upgrader{
		HandshakeTimeout: handshakeTimeout,
		CheckOrigin:      func(*http.Request) bool { return true }, // admitRequest has checked it
		Error:            refuseUpgrade,
	}
	for range runtime.GOMAXPROCS(0) {
		h.shards = append(h.shards, &shard{tick: o.Tick, appended: make(chan struct{}, 1), filtered: map[*filter]*group{}})
	}
	return h
}

func (o Options) withDefaults() Options {
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
	return o
}

// Channel returns the channel of that name, and makes it if there is none. A name is 1 to 64
// of a-z 0-9 _ . - and begins with a letter. Channel panics on any other name, because only a
// mistake in the program can cause it.
func (h *Hub) Channel(name string) *Channel {
	h.mu.Lock()
	defer h.mu.Unlock()
	if ch := h.channels[name]; ch != nil {
		return ch
	}
	if err := checkName("channel", name); err != nil {
		panic(err)
	}
	ch := newChannel(h, name)
	ch.outbox.closed = h.detached
	h.channels[name] = ch
	if h.onChannel != nil {
		h.onChannel(ch)
	}
	return ch
}

// lookup returns the channel of that name, or nil.
func (h *Hub) lookup(name string) *Channel {
	h.mu.RLock()
	defer h.mu.RUnlock()
	return h.channels[name]
}
