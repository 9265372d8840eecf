package stream

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Permanent marks err as one that no wait can mend: [Run] ends.
func Permanent(err error) error { return &permanentError{err} }

type permanentError struct{ error }

func (e *permanentError) Unwrap() error { return e.error }

func IsPermanent(err error) bool {
	var p *permanentError
	return errors.As(err, &p)
}

const EnhanceYourCalm = 420 // Twitter's status for 429

// StatusError is an HTTP response with an unexpected status.
type StatusError struct {
	Code int
	Text string        // from the server, truncated
	Wait time.Duration // that the server asks for; 0 if it doesn't
}

func (e *StatusError) Error() string {
	said := strings.TrimSpace(fmt.Sprintf("%d %s", e.Code, http.StatusText(e.Code)))
	if e.Text != "" {
		said += ": " + e.Text
	}
	return said
}

// Refused reports whether a server does not accept our credentials.
func Refused(err error) bool {
	status, ok := errors.AsType[*StatusError](err)
	return ok && (status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden)
}
