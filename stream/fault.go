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

// Fault is a class of errors of sources. Visitors are told only the class: the error itself
// names hosts and addresses and quotes servers, and is for the operator's log.
type Fault string

// The classes of faults.
const (
	FaultRefused     Fault = "refused"     // the network does not accept our credentials
	FaultLimited     Fault = "limited"     // the network limits our rate
	FaultUnreachable Fault = "unreachable" // there is no connection, or the server behind it is down
	FaultUnreadable  Fault = "unreadable"  // what the network sends can't be read
	FaultGone        Fault = "gone"        // the network does not have this stream
	FaultQuiet       Fault = "quiet"       // the connection is silent
	FaultSpent       Fault = "budget"      // the day's budget is used up
	FaultBroken      Fault = "error"       // anything else
)

// known is f, or FaultBroken if f is unknown.
func (f Fault) known() Fault {
	switch f {
	case FaultRefused, FaultLimited, FaultUnreachable, FaultUnreadable, FaultGone, FaultQuiet, FaultSpent:
		return f
	}
	return FaultBroken
}

// faultError is an error with a class that its type does not tell.
type faultError struct {
	error
	fault Fault
}

func (e *faultError) Unwrap() error { return e.error }

// WithFault gives err a class that its type does not tell.
func WithFault(fault Fault, err error) error { return &faultError{err, fault} }

// FaultOf is the class of err. It depends on types only, never on the text.
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

// fault is the class of the status.
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

// isUnreadable reports whether err is about the form of the data.
func isUnreadable(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, typed := errors.AsType[*json.UnmarshalTypeError](err)
	return syntax || typed || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EISDIR)
}

// isUnreachable reports whether err is about the connection: name, route, certificate, or
// its end.
func isUnreachable(err error) bool {
	_, network := errors.AsType[net.Error](err) // also a name that is not found, and timeouts
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, notTLS := errors.AsType[tls.RecordHeaderError](err)
	return network || certificate || notTLS || errors.Is(err, net.ErrClosed) || errors.Is(err, http.ErrSchemeMismatch) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
