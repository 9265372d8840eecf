package stream

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// Permanent marks err as one that waiting can't mend: [Run] gives up at it.
func Permanent(err error) error { return &permanentError{err} }

type permanentError struct{ error }

func (e *permanentError) Unwrap() error { return e.error }

func IsPermanent(err error) bool {
	var p *permanentError
	return errors.As(err, &p)
}

const EnhanceYourCalm = 420 // what Twitter says for 429

// statusError is an answer that is not what was asked for.
type StatusError struct {
	Code int
	Text string        // the server's words, cut
	Wait time.Duration // that the server asks for; 0 if it doesn't say
}

func (e *StatusError) Error() string {
	said := strings.TrimSpace(fmt.Sprintf("%d %s", e.Code, http.StatusText(e.Code)))
	if e.Text != "" {
		said += ": " + e.Text
	}
	return said
}

// Refused reports whether err is a server's word that our credentials won't do.
func Refused(err error) bool {
	status, ok := errors.AsType[*StatusError](err)
	return ok && (status.Code == http.StatusUnauthorized || status.Code == http.StatusForbidden)
}
