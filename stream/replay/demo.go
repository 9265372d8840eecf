package replay

import (
	_ "embed"
	"io"
	"strings"
	"time"
)

//go:embed demo.ndjson
var demo string

// demoLead is worth some thirty posts, so that a page is full at once. The rest of the
// recording, ten minutes, then arrives live.
const demoLead = 79 * time.Second

// Demo plays the built-in recording for ever: an evening in an invented river town.
// demo.txt is its source.
func Demo() *Replay {
	return &Replay{
		Name:  "demo",
		Open:  func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(demo)), nil },
		Speed: 1,
		Loop:  true,
		Lead:  demoLead,
	}
}
