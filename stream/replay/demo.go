package replay

import (
	_ "embed"
	"io"
	"strings"
	"time"
)

//go:embed demo.ndjson
var demo string

// demoLead is the length of the part of the recording that is emitted at once: some thirty
// posts, which fill a page. The other ten minutes are then played live.
const demoLead = 79 * time.Second

// Demo makes a replay that plays the built-in recording for ever: an evening in an invented
// river town. The recording is made from demo.txt.
func Demo() *Replay {
	return &Replay{
		Name:  "demo",
		Open:  func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(demo)), nil },
		Speed: 1,
		Loop:  true,
		Lead:  demoLead,
	}
}
