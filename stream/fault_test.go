package stream

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
)

// failing is a source that returns its errors, one at each opening, and then nil.
type failing []error

func (f *failing) Stream(context.Context, func(Op) error) error {
	if len(*f) == 0 {
		return nil
	}
	err := (*f)[0]
	*f = (*f)[1:]
	return err
}

func (*failing) Network() string { return "mastodon" }

func TestRun_ReportsTheClassOfAnErrorBesideItsText(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		src := &failing{&net.DNSError{Err: "no such host", Name: "nowhere.example"}, WithFault(FaultQuiet, errors.New("silent for too long")), Permanent(&StatusError{Code: 401, Text: "bad token"})}
		var got []string
		Run(t.Context(), quiet, Buffered(Bounded(src)), func(op Op) error {
			n := op.Notice
			got = append(got, fmt.Sprintf("%s %s %s: %s", n.Network, n.State, n.Fault, n.Reason))
			return nil
		})
		want := []string{
			"mastodon connecting : ", "mastodon waiting unreachable: lookup nowhere.example: no such host",
			"mastodon connecting : ", "mastodon waiting quiet: silent for too long",
			"mastodon connecting : ", "mastodon stopped refused: 401 Unauthorized: bad token",
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Error(d)
		}
	})
}
