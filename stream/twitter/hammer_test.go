package twitter

import (
	"net/http"
	"testing"

	"nagare/stream"
	"nagare/stream/streamtest"
)

func TestTwitter_ConnectsTenTimesAMinuteAtMost(t *testing.T) {
	streamtest.Hammer(t, func(client *http.Client) stream.Source {
		return source("http://gateway.test", client)
	}, false)
}
