package stream

import (
	"context"
	"errors"
	"net/http"
)

// Checker is a source that can be tried without being streamed.
type Checker interface {
	// Check says in one line what keeps the feed from being opened, if anything does.
	Check(ctx context.Context) error
}

// Check tries src, if it is a [Checker] or stands in front of one.
func Check(ctx context.Context, src Source) error {
	switch src := src.(type) {
	case decorated:
		return Check(ctx, src.src)
	case Checker:
		return src.Check(ctx)
	}
	return nil
}

// IsDID reports whether s has the form of what [Bluesky] calls an author by: a name
// that he keeps for ever, like did:plc:ewvi7nxzyoun6zhxrhs64oiz.
func IsDID(s string) bool { return isDID(s) }

// IsTimeline reports whether s has the form of a Timeline of [Mastodon].
func IsTimeline(s string) bool {
	_, err := parseTimeline(s)
	return err == nil
}

// Refused reports whether err is a server's word that our credentials won't do.
func Refused(err error) bool {
	status, ok := errors.AsType[*statusError](err)
	return ok && (status.code == http.StatusUnauthorized || status.code == http.StatusForbidden)
}
