package hub

import (
	"cmp"
	"time"
)

// Limits bounds what clients may take. A field that is 0 has its default.
type Limits struct {
	Connections int // open at once; 20,000, or what four fifths of the file limit leave
	PerClient   int // of one address, for IPv6 of one /64; 50

	Handshakes          int // a second, burst the same; 2,000
	HandshakesPerClient int // a second, burst 2.5 times that; 20

	Message  int           // bytes of one message from a client; 4 KiB
	Messages int           // a second, and as many control frames, burst twice that; 10
	Fragment time.Duration // from the first to the last byte of a message; 10 s
	Strikes  int           // malformed messages in a minute; 10
	Channels int           // followed by one connection; 16
	Replay   int           // events that a recovery may bring; 500
	Last     int           // events that a first subscription may ask for; 100

	Ping   time.Duration // between pings, give or take a tenth; 20 s
	Silent time.Duration // after which a connection is dead; 60 s
	Write  time.Duration // in which a full socket takes nothing, or less than 80 KiB where the poller can't watch it; then it is dropped; 10 s
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
