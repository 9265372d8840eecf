package stream

import (
	_ "embed"
	"io"
	"strings"
	"time"
)

//go:embed demo.ndjson
var demo string

// demoLead is worth some seventy posts, so that a page is full at once; the
// rest of the recording, a little over two minutes, then arrives live.
const demoLead = 30 * time.Second

// Demo plays the built-in recording for ever: an evening in the river town of
// Hinose, where nobody is real and everybody posts.
func Demo() *Replay {
	return &Replay{
		Name:  "demo",
		Open:  func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(demo)), nil },
		Speed: 1,
		Loop:  true,
		Lead:  demoLead,
	}
}
