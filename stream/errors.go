package stream

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Permanent marks err as an error that waiting can't resolve, so that [Run] ends instead of
// reopening the source.
func Permanent(err error) error { return &permanentError{err} }

type permanentError struct{ error }

func (e *permanentError) Unwrap() error { return e.error }

// IsPermanent reports whether err, or an error inside, was marked by [Permanent].
func IsPermanent(err error) bool {
	var p *permanentError
	return errors.As(err, &p)
}

const EnhanceYourCalm = 420 // an HTTP status of Twitter that means the same as 429

// StatusError is an HTTP response with an unexpected status.
type StatusError struct {
	Code    int
	Text    string        // from the server, truncated
	Wait    time.Duration // how long the server asks us to wait; 0 if it doesn't say
	Foreign bool          // the response is not the API's own, but for example a page of a proxy
}

// Error returns the status and the text of the server.
func (e *StatusError) Error() string {
	said := strings.TrimSpace(fmt.Sprintf("%d %s", e.Code, http.StatusText(e.Code)))
	if e.Text != "" {
		said += ": " + e.Text
	}
	return said
}

// IsRefusal reports whether the status says that the same request would fail again.
func (e *StatusError) IsRefusal() bool {
	switch e.Code {
	case http.StatusTooManyRequests, EnhanceYourCalm, http.StatusRequestTimeout:
		return false
	}
	return e.Code >= 400 && e.Code < 500
}

// Refused reports whether err says that a network does not accept our credentials.
func Refused(err error) bool {
	status, ok := errors.AsType[*StatusError](err)
	return ok && !status.Foreign && (status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden)
}
