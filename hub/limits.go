package hub

import (
	"cmp"
	"time"
)

// Limits bounds what clients may use. A field that is 0 has its default.
type Limits struct {
	// Admission, by the gate.
	Connections         int // at once; 20,000, or what four fifths of the file limit allow
	PerClient           int // at once from one address, or one /64 of IPv6, and ten times as many long polls; 50
	Handshakes          int // a second, and the same as a burst; 2,000
	HandshakesPerClient int // a second, and 2.5 times that as a burst, and ten times as many long polls; 20

	// What one client sends.
	Message  int           // bytes of one message; 4 KiB
	Messages int           // a second, and as many control frames, twice that as a burst; 10
	Fragment time.Duration // from the first to the last byte of a message; 10 s
	Strikes  int           // malformed messages in a minute; 10

	// What one client asks for.
	Channels int // subscriptions of one connection; 16
	Replay   int // events that a recovery may bring; 500
	Last     int // events that a first subscription may ask for; 100

	// Time.
	Ping   time.Duration // between pings, with a jitter of a tenth; 20 s
	Silent time.Duration // without a byte from the client before its connection is closed; 60 s

	// Write is how long a slow consumer is kept: the time in which a full socket takes
	// no byte, or under 80 KiB where the poller can't watch it; 10 s.
	Write time.Duration
}

func (l Limits) withDefaults() Limits {
	return Limits{
		Connections:         cmp.Or(l.Connections, min(20_000, fileLimit()*4/5-200)),
		PerClient:           cmp.Or(l.PerClient, 50),
		Handshakes:          cmp.Or(l.Handshakes, 2000),
		HandshakesPerClient: cmp.Or(l.HandshakesPerClient, 20),
		Message:             cmp.Or(l.Message, 4<<10),
		Messages:            cmp.Or(l.Messages, 10),
		Fragment:            cmp.Or(l.Fragment, 10*time.Second),
		Strikes:             cmp.Or(l.Strikes, 10),
		Channels:            cmp.Or(l.Channels, 16),
		Replay:              cmp.Or(l.Replay, 500),
		Last:                cmp.Or(l.Last, 100),
		Ping:                cmp.Or(l.Ping, 20*time.Second),
		Silent:              cmp.Or(l.Silent, time.Minute),
		Write:               cmp.Or(l.Write, 10*time.Second),
	}
}
