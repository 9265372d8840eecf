package mastodon

import (
	"net/http"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestMastodon_ConnectsTenTimesAMinuteAtMost(t *testing.T) {
	streamtest.Hammer(t, func(client *http.Client) stream.Source {
		return &Source{Server: "http://mastodon.test", Token: token, Client: client, Log: streamtest.Quiet}
	}, false)
}
