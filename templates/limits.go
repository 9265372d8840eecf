package templates

// Initial is how many posts the first HTML holds.
const Initial = 30

// limits are the numbers the script works by. It reads them from the page, so
// that they stand here and nowhere else.
var limits = []struct {
	name  string
	value int
}{
	{"cap", 200},            // cards in the list
	{"pending", 500},        // waiting posts kept; more become a gap
	{"top", 24},             // pixels from the top that still count as the top
	{"batch-ms", 500},       // between two batches of new cards
	{"batch-max", 8},        // cards in one batch; more are folded into a row
	{"hold-ms", 600},        // after the pointer is gone
	{"glide-ms", 280},       // the way up to the new cards
	{"wash-ms", 2400},       // a card looks new
	{"announce-ms", 15_000}, // between two announcements of new posts
	{"recovered-ms", 4_000}, // "Back." is shown
	{"fast", 10},            // posts a second that are too many to show all …
	{"fast-s", 5},           // … for so many seconds
	{"dead-ms", 45_000},     // without a frame: the connection is dead
	{"hello-ms", 5_000},     // for a connection to open
	{"probe-ms", 5_000},     // for an answer after waking, and between two resubscriptions
	{"first-ms", 500},       // the first wait before connecting again …
	{"longest-ms", 30_000},  // … doubles up to this
	{"steady-ms", 30_000},   // connected: the waits begin anew
	{"restart-ms", 5_000},   // the longest wait after the server said that it restarts
	{"upgrade-ms", 300_000}, // without a WebSocket: until we try one again
	{"destroyed", 1000},     // ids of deleted posts remembered
	{"recent", Initial},     // posts asked for when too many were missed
}
