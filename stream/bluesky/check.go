package bluesky

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
)

// checkedFor is how long Check reads messages.
const checkedFor = time.Second

// Check returns nil as soon as one host accepts a connection and sends nothing unreadable on it;
// otherwise it reports why the first does not.
func (b *Source) Check(ctx context.Context) error {
	if err := b.valid(); err != nil {
		return err
	}
	var all []error
	for _, host := range b.hosts() {
		conn, err := b.dial(ctx, host, 0)
		if err == nil {
			err = b.tryRead(conn)
			conn.Close()
		}
		if err == nil {
			return nil
		}
		all = append(all, fmt.Errorf("%s: %w", host, err))
		if ctx.Err() != nil {
			break
		}
	}
	return fmt.Errorf("no Bluesky server can be reached: %w", all[0])
}

// tryRead reads the first messages of a connection, and returns an error if there are some and
// none can be read.
func (b *Source) tryRead(conn *websocket.Conn) error {
	late := time.AfterFunc(checkedFor, func() { conn.Close() })
	defer late.Stop()
	r := newReader(conn, b.narrow())
	var unreadable error
	for range 10 {
		n, ok := r.next()
		switch {
		case n.err != nil:
			return unreadable
		case !ok || n.anomaly == nil:
			return nil
		}
		unreadable = stream.WithFault(stream.FaultUnreadable, fmt.Errorf("connected, but its messages can't be read: %w", n.anomaly))
	}
	return unreadable
}

// valid returns an error if a setting is wrong.
func (b *Source) valid() error {
	if len(b.DIDs) > mostDIDs {
		return fmt.Errorf("bluesky: %d authors are too many, %d is the most", len(b.DIDs), mostDIDs)
	}
	if i := slices.IndexFunc(b.DIDs, func(did string) bool { return !isDID(did) }); i >= 0 {
		return fmt.Errorf("bluesky: %q is no DID; an author's looks like did:plc:ewvi7nxzyoun6zhxrhs64oiz", b.DIDs[i])
	}
	for i, host := range b.Hosts {
		if _, err := serverURL(host); err != nil {
			return fmt.Errorf("bluesky: number %d of the hosts: %w", i+1, err)
		}
	}
	if !(b.Sample >= 0 && b.Sample <= 1) {
		return fmt.Errorf("bluesky: a sample of %v is not a share, want more than 0 and at most 1", b.Sample)
	}
	return nil
}
