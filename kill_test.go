package main

import (
	"bufio"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"nagare/stream"
)

var scale = flag.Int("scale", 1, "how many times as many rounds the long tests have")

// asProgram is the variable that makes the test binary run as the program.
const asProgram = "NAGARE_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Unsetenv(asProgram)
		main()
	}
	os.Exit(m.Run())
}

// spawn runs the program as a process of its own, and returns its address once it serves.
func spawn(t *testing.T, args []string, environ ...string) (process *exec.Cmd, url string) {
	t.Helper()
	process = exec.Command(os.Args[0], args...)
	process.Env = append(environ, asProgram+"=1", "HOST=127.0.0.1", "PORT=0", "MAX_PER_CLIENT=1000")
	stdout, err := process.StdoutPipe()
	if err == nil {
		err = process.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() {
		t.Fatalf("no address: %v", process.Wait())
	}
	url = lines.Text()
	go func() {
		for lines.Scan() { // the log
		}
	}()
	return process, url
}

// numberedPosts writes a recording of so many posts, 200 a second, and returns its path.
func numberedPosts(t *testing.T, posts int) string {
	return record(t, posts, func(int) string { return "mio" })
}

// record is numberedPosts with authors.
func record(t *testing.T, posts int, author func(n int) string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "posts.ndjson")
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	out, at := json.NewEncoder(file), time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	for n := range posts {
		at = at.Add(5 * time.Millisecond)
		post := &stream.Post{
			ID: fmt.Sprint("replay:", n), Source: "replay", CreatedAt: at, Author: stream.Author{Key: "replay:" + author(n), Handle: author(n)},
			Text: []stream.Segment{{Text: fmt.Sprint("post number ", n)}},
		}
		if err := out.Encode(stream.Op{Kind: stream.Create, At: at, ID: post.ID, Post: post}); err != nil {
			t.Fatal(err)
		}
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// delivered is what all viewers together have been sent.
type delivered struct {
	mu     sync.Mutex
	epoch  string
	events map[uint64]string // by offset: the name and the id
	ids    map[string]uint64 // the offset at which each post was created
	faults []string
}

// add notes an event that a viewer was sent.
func (d *delivered) add(epoch string, offset uint64, name, id string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	what := name + " " + id
	if d.epoch == "" {
		d.epoch = epoch
	}
	if before, known := d.events[offset]; epoch != d.epoch || known && before != what {
		d.fault("%s:%d is %s, and was %s:%d %s", epoch, offset, what, d.epoch, offset, before)
	}
	d.events[offset] = what
	if name == "create" {
		if at, known := d.ids[id]; known && at != offset {
			d.fault("%s is at %d and at %d", id, at, offset)
		}
		d.ids[id] = offset
	}
}

// awaitPosts waits until so many posts were delivered, or for half a minute, so that each run of
// the program delivers some, however slow the machine is.
func (d *delivered) awaitPosts(n int) {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		d.mu.Lock()
		enough := len(d.ids) >= n || len(d.faults) > 0
		d.mu.Unlock()
		if enough {
			return
		}
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fault("only %d posts were delivered, want %d", len(d.ids), n)
}

func (d *delivered) fault(format string, args ...any) {
	d.faults = append(d.faults, fmt.Sprintf(format, args...))
}

// follower is a viewer that keeps its position over all restarts.
type follower struct {
	all   *delivered
	epoch string
	at    uint64
}

// watch follows the site at an address until the connection breaks.
func (v *follower) watch(url string) {
	ws, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(url, "http")+"/websocket", nil)
	if err != nil {
		return // killed already
	}
	defer ws.Close()
	data := `{"channel":"streaming","last":0}`
	if v.epoch != "" {
		data = fmt.Sprintf(`{"channel":"streaming","epoch":%q,"since":%d}`, v.epoch, v.at)
	}
	ws.WriteMessage(websocket.TextMessage, []byte(`["websocket_rails.subscribe",{"id":1,"data":`+data+`}]`))
	for {
		_, text, err := ws.ReadMessage()
		if err != nil {
			return
		}
		v.receive(text)
	}
}

// receive handles a message: the reply to the subscription, or an event.
func (v *follower) receive(text []byte) {
	var message [1][2]json.RawMessage
	var name string
	var ev struct {
		Offset uint64
		Epoch  string
		Data   struct {
			ID        string
			Epoch     string
			Offset    uint64
			Recovered *bool
		}
	}
	json.Unmarshal(text, &message)
	json.Unmarshal(message[0][0], &name)
	json.Unmarshal(message[0][1], &ev)
	switch {
	case name == "websocket_rails.subscribe":
		if r := ev.Data.Recovered; v.epoch != "" && (r == nil || !*r) {
			v.all.mu.Lock()
			v.all.fault("a viewer at %s:%d was not recovered: %s", v.epoch, v.at, text)
			v.all.mu.Unlock()
		}
		v.epoch, v.at = ev.Data.Epoch, ev.Data.Offset
	case ev.Epoch != "":
		if v.all.add(ev.Epoch, ev.Offset, name, ev.Data.ID); ev.Offset != v.at+1 {
			v.all.mu.Lock()
			v.all.fault("%s:%d came after %d", ev.Epoch, ev.Offset, v.at)
			v.all.mu.Unlock()
		}
		v.epoch, v.at = ev.Epoch, ev.Offset
	}
}

// The program is killed at random moments, under 200 posts a second, with 50 viewers. Each run
// repeats the posts of the last half second.
func TestKill_NoDeliveredEventIsLostOrTwice(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	rounds := 5 * *scale
	recording, store := numberedPosts(t, 200*(rounds+30)), filepath.Join(t.TempDir(), "nagare.db")
	all := &delivered{events: map[uint64]string{}, ids: map[string]uint64{}}
	viewers := make([]*follower, 50)
	for i := range viewers {
		viewers[i] = &follower{all: all}
	}
	next := 0
	for round := range rounds {
		from := time.Duration(max(0, next-100)) * 5 * time.Millisecond
		process, url := spawn(t, []string{"replay", recording, "--rate", "200", "--start", from.String()}, "STORE="+store)
		var watching sync.WaitGroup
		for _, v := range viewers {
			watching.Go(func() { v.watch(url) })
		}
		all.awaitPosts(next + 20)
		time.Sleep(rand.N(900 * time.Millisecond)) // a random moment is what the test is about
		process.Process.Kill()
		process.Wait()
		watching.Wait()
		all.mu.Lock()
		next = len(all.ids)
		if len(all.faults) > 0 {
			t.Fatalf("round %d: %q", round, all.faults[:min(5, len(all.faults))])
		}
		all.mu.Unlock()
	}
	t.Logf("%d posts, %d events, %d kills", len(all.ids), len(all.events), rounds)
	checkIntegrity(t, store)
}

func checkIntegrity(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var result string
	if err := db.QueryRow("PRAGMA integrity_check").Scan(&result); err != nil || result != "ok" {
		t.Errorf("integrity_check: %s, %v", result, err)
	}
	if _, err := db.Exec("INSERT INTO words(words, rank) VALUES ('integrity-check', 1)"); err != nil {
		t.Errorf("the full-text index doesn't have exactly the words of the records: %v", err)
	}
}
