package hub

import (
	"cmp"
	"time"
)

// Limits bounds what clients can use. A field that is 0 has the default with which its
// comment ends.
type Limits struct {
	// Admission, by the gate.
	Connections         int // at once; 20,000, or if it is less, four fifths of the limit on open files, minus 200
	PerClient           int // at once from one IPv4 address or IPv6 /64, and ten times as many long polls; 50
	Handshakes          int // a second, and the same as a burst; 2,000
	HandshakesPerClient int // a second, and 2.5 times that as a burst, and ten times as many long polls; 20
	Private             int // at once of clients that may follow a private channel: they count apart from all others; 100

	// What one client sends.
	Message  int           // bytes of one message; 4 KiB
	Messages int           // a second, and twice that as a burst; the same for control frames, counted apart; 10
	Fragment time.Duration // from the first to the last byte of a message; 10 s
	Strikes  int           // malformed messages in a minute before the connection is closed; 10

	// What one client asks for.
	Channels int // subscriptions of one connection; 16
	Replay   int // most events of a recovery; 500
	Last     int // most of the newest events that a subscription can ask for; 100
	Filters  int // different filters of all clients at once, of which one address can introduce an eighth; 256

	// Time.
	Ping   time.Duration // between pings, with a jitter of a tenth more or less; 20 s
	Silent time.Duration // without a frame from the client before its connection is closed; 60 s

	// Write is how long a slow consumer is kept. It is dropped if its full socket takes no
	// byte in this time. If the poller can't watch the socket, as with TLS, the client is
	// dropped if it takes less than 80 KiB in this time; 10 s.
	Write time.Duration
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Connections:         cmp.Or(l.Connections, min(20_000, fileLimit()*4/5-200)),
		PerClient:           cmp.Or(l.PerClient, 50),
		Handshakes:          cmp.Or(l.Handshakes, 2000),
		HandshakesPerClient: cmp.Or(l.HandshakesPerClient, 20),
		Private:             cmp.Or(l.Private, 100),
		Message:             cmp.Or(l.Message, 4<<10),
		Messages:            cmp.Or(l.Messages, 10),
		Fragment:            cmp.Or(l.Fragment, 10*time.Second),
		Strikes:             cmp.Or(l.Strikes, 10),
		Channels:            cmp.Or(l.Channels, 16),
		Replay:              cmp.Or(l.Replay, 500),
		Last:                cmp.Or(l.Last, 100),
		Filters:             cmp.Or(l.Filters, 256),
		Ping:                cmp.Or(l.Ping, 20*time.Second),
		Silent:              cmp.Or(l.Silent, time.Minute),
		Write:               cmp.Or(l.Write, 10*time.Second),
	}
}
