package stream

import (
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"syscall"
)

// Fault is a class of what makes a source fail. It is all that visitors are told: the
// error itself names hosts and addresses and quotes what a server said, and is for the
// operator's log.
type Fault string

// The classes of faults.
const (
	FaultRefused     Fault = "refused"     // the network does not accept our credentials
	FaultLimited     Fault = "limited"     // it asks us to wait
	FaultUnreachable Fault = "unreachable" // there is no connection, or the server behind it is down
	FaultUnreadable  Fault = "unreadable"  // what it sends can't be read
	FaultGone        Fault = "gone"        // it does not have the feed
	FaultQuiet       Fault = "quiet"       // it is connected, and sends nothing
	FaultSpent       Fault = "budget"      // what may be read today is used up
	FaultBroken      Fault = "error"       // anything else
)

// known is f, or FaultBroken if f is none of the classes.
func (f Fault) known() Fault {
	switch f {
	case FaultRefused, FaultLimited, FaultUnreachable, FaultUnreadable, FaultGone, FaultQuiet, FaultSpent:
		return f
	}
	return FaultBroken
}

// faultError is an error whose class its type does not tell.
type faultError struct {
	error
	fault Fault
}

func (e *faultError) Unwrap() error { return e.error }

// WithFault is err with its class, for errors whose type does not tell it.
func WithFault(fault Fault, err error) error { return &faultError{err, fault} }

// FaultOf is the class of err. It goes by types alone, never by the text.
func FaultOf(err error) Fault {
	if err == nil {
		return ""
	}
	if marked, ok := errors.AsType[*faultError](err); ok {
		return marked.fault.known()
	}
	if status, ok := errors.AsType[*StatusError](err); ok {
		return status.fault()
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return FaultGone
	case isUnreadable(err):
		return FaultUnreadable
	case isUnreachable(err):
		return FaultUnreachable
	}
	return FaultBroken
}

// fault is the class of an answer that is not what was asked for.
func (e *StatusError) fault() Fault {
	switch e.Code {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return FaultRefused
	case http.StatusTooManyRequests, EnhanceYourCalm:
		return FaultLimited
	case http.StatusPaymentRequired:
		return FaultSpent
	case http.StatusNotFound, http.StatusGone, http.StatusMovedPermanently, http.StatusPermanentRedirect:
		return FaultGone
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return FaultUnreachable
	}
	return FaultBroken
}

// isUnreadable reports whether err is about the form of what was read.
func isUnreadable(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, typed := errors.AsType[*json.UnmarshalTypeError](err)
	return syntax || typed || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EISDIR)
}

// isUnreachable reports whether err is about the connection: the name, the route, the
// certificate, or its end.
func isUnreachable(err error) bool {
	_, network := errors.AsType[net.Error](err) // a name that is not found, too, and all that took too long
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, notTLS := errors.AsType[tls.RecordHeaderError](err)
	return network || certificate || notTLS || errors.Is(err, net.ErrClosed) || errors.Is(err, http.ErrSchemeMismatch) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
