package x

import (
	"net/http"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestX_ConnectsTenTimesAMinuteAtMost(t *testing.T) {
	streamtest.Hammer(t, func(client *http.Client) stream.Source {
		return &Source{Token: token, Rules: []string{"ferry"}, Budget: 1000, Base: "http://x.test", Client: client, Log: streamtest.Quiet}
	}, false)
}
