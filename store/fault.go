package store

import "errors"

// Kind says in words without an address or a path how a store fails, so that everybody may read it.
type Kind string

// The kinds of faults.
const (
	Away       Kind = "the store can't be reached"
	Full       Kind = "the store is full"
	Damaged    Kind = "the store is damaged"
	Unwritable Kind = "the store can't be written"
)

// Fault is an error of a store together with its kind.
type Fault struct {
	Kind Kind
	Err  error
}

func (f *Fault) Error() string { return f.Err.Error() }

// Unwrap returns the error without the kind.
func (f *Fault) Unwrap() error { return f.Err }

// KindOf returns the kind of an error that Health has returned.
func KindOf(err error) Kind {
	var f *Fault
	if errors.As(err, &f) {
		return f.Kind
	}
	return Unwritable
}
