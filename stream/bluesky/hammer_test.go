package bluesky

import (
	"net/http"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestBluesky_ConnectsTenTimesAMinuteAtMost(t *testing.T) {
	streamtest.Hammer(t, func(client *http.Client) stream.Source {
		return &Source{Hosts: []string{"ws://bluesky.test"}, Profiles: "http://bluesky.test", Client: client, Log: streamtest.Quiet}
	}, true)
}
