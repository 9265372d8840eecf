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

// Fault is a class of errors of sources. Visitors are told only the class. The error itself
// contains names of hosts, addresses and texts of servers, and is for the operator's log only.
type Fault string

// The classes of faults.
const (
	FaultRefused     Fault = "refused"     // the network does not accept our credentials
	FaultLimited     Fault = "limited"     // the network limits our rate
	FaultUnreachable Fault = "unreachable" // the client can't connect, or a gateway reports that the server is down
	FaultUnreadable  Fault = "unreadable"  // the data that the network sends is malformed
	FaultGone        Fault = "gone"        // the network does not have this stream
	FaultClosed      Fault = "closed"      // the network has switched this stream off
	FaultQuiet       Fault = "quiet"       // the connection is silent
	FaultSpent       Fault = "budget"      // the day's budget is used up
	FaultBroken      Fault = "error"       // anything else
)

// known returns f, or FaultBroken if f is not among the classes above.
func (f Fault) known() Fault {
	switch f {
	case FaultRefused, FaultLimited, FaultUnreachable, FaultUnreadable, FaultGone, FaultClosed, FaultQuiet, FaultSpent:
		return f
	}
	return FaultBroken
}

// faultError is an error whose class was set by [WithFault].
type faultError struct {
	error
	fault Fault
}

func (e *faultError) Unwrap() error { return e.error }

// WithFault sets the class of err, if [FaultOf] can't derive it from the type of err.
func WithFault(fault Fault, err error) error { return &faultError{err, fault} }

// FaultOf returns the class of err. It looks at the types of err and of the errors inside,
// never at their texts.
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

// fault returns the class of the HTTP status. A refusal that is not the API's own means that
// something else answers in its place.
func (e *StatusError) fault() Fault {
	if e.Foreign && e.IsRefusal() && e.Code != http.StatusProxyAuthRequired {
		return FaultUnreachable
	}
	switch e.Code {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		return FaultRefused
	case http.StatusTooManyRequests, EnhanceYourCalm:
		return FaultLimited
	case http.StatusPaymentRequired:
		return FaultSpent
	case http.StatusNotFound, http.StatusGone, http.StatusMovedPermanently, http.StatusPermanentRedirect:
		return FaultGone
	case http.StatusRequestTimeout, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout,
		http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect: // to a login page, for example
		return FaultUnreachable
	}
	return FaultBroken
}

// isUnreadable reports whether err says that the data is malformed or that the file can't be
// read.
func isUnreadable(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	_, typed := errors.AsType[*json.UnmarshalTypeError](err)
	return syntax || typed || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) ||
		errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EISDIR)
}

// isUnreachable reports whether err says that the connection failed or ended: by its host
// name, its route, its certificate, a timeout or its end.
func isUnreachable(err error) bool {
	_, network := errors.AsType[net.Error](err) // includes unknown host names and timeouts
	_, certificate := errors.AsType[*tls.CertificateVerificationError](err)
	_, notTLS := errors.AsType[tls.RecordHeaderError](err)
	return network || certificate || notTLS || errors.Is(err, net.ErrClosed) || errors.Is(err, http.ErrSchemeMismatch) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}
