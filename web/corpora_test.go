package web

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"nagare/stream"
	"nagare/stream/networks"
	"nagare/stream/reconcile"
)

// corpus returns the lines of all recorded messages in a directory that a variable names.
func corpus(t *testing.T, variable string) map[string][][]byte {
	t.Helper()
	dir := os.Getenv(variable)
	if dir == "" {
		t.Skip(variable + " names no directory of messages")
	}
	files := map[string][][]byte{}
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".ndjson" {
			return err
		}
		data, err := os.ReadFile(path)
		in := bufio.NewScanner(bytes.NewReader(data))
		in.Buffer(nil, len(data)+1)
		for in.Scan() {
			files[filepath.Base(path)] = append(files[filepath.Base(path)], slices.Clone(in.Bytes()))
		}
		return errors.Join(err, in.Err())
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	return files
}

// decodeAll returns the op of a message, or an error if no network knows it.
func decodeAll(decoders []stream.Decoder, line []byte) (stream.Op, error) {
	fields, err := stream.ParseFields(line)
	if err != nil {
		return stream.Op{}, err
	}
	for _, d := range decoders {
		if m := (stream.Message{Line: line, Fields: fields}); d.Owns(m) {
			return d.Decode(m)
		}
	}
	return stream.Op{}, stream.ErrNoOp
}

// hostileParts are inserted into messages.
var hostileParts = []string{
	`<script>alert(1)</script>`, `\"><img src=x onerror=alert(1)>`, `javascript:alert(1)`, "\u202e\u2066", "\xff\xfe", `\u0000`, `'`, `"`, `\`, `]`, `}`, `{`,
	`-1`, `1e999`, `999999999999999999999`, `null`, "𝔸\u0301", `&lt;b&gt;`, strings.Repeat(`[`, 500), strings.Repeat("字", 3000),
}

// mutated changes a message in one to three places at random.
func mutated(line []byte, random *rand.Rand) []byte {
	line = slices.Clone(line)
	for range 1 + random.IntN(3) {
		from := random.IntN(len(line))
		to := min(from+random.IntN(40), len(line))
		switch random.IntN(5) {
		case 0:
			line[from] ^= 1 << random.IntN(8)
		case 1:
			line = slices.Delete(line, from, to)
		case 2:
			line = slices.Insert(line, from, line[from:to]...)
		case 3:
			line = slices.Insert(line, from, []byte(hostileParts[random.IntN(len(hostileParts))])...)
		case 4: // a value of another kind
			if at := bytes.Index(line[from:], []byte(`": `)); at >= 0 {
				line = slices.Insert(line, from+at+3, []byte(hostileParts[random.IntN(len(hostileParts))]+`, "x": `)...)
			}
		}
		if len(line) == 0 {
			return []byte("{}")
		}
	}
	return line
}

func TestCorpora_MutatedMessagesBreakNoCard(t *testing.T) {
	const mutations = 10
	random := rand.New(rand.NewPCG(27, 11))
	posts := 0
	for name, lines := range corpus(t, "NAGARE_FIXTURES") {
		f, decoders := newFixture(t), networks.Decoders("")
		emit := reconcile.New(f.pass, nil).Emit
		for i, line := range lines {
			for range mutations {
				message := mutated(line, random)
				op, err := decodeAll(decoders, message)
				if err != nil || op.Kind == "" {
					continue
				}
				if err := emit(op); err != nil {
					t.Fatalf("%s:%d: %v\n%s", name, i+1, err, message)
				}
				if op.Post == nil {
					continue
				}
				posts++
				if problem := f.problemOfNewest(); problem != "" {
					t.Errorf("%s:%d: %s\n%s", name, i+1, problem, message)
				}
			}
		}
	}
	if posts < 1000 {
		t.Errorf("only %d mutated messages were posts", posts)
	}
}

// problemOfNewest says what is wrong with the newest event; "" if nothing is.
func (f *fixture) problemOfNewest() string {
	events, _ := f.timeline.channel.Recent(1)
	if len(events) == 0 {
		return ""
	}
	var data payload
	switch err := json.Unmarshal(events[0].Data, &data); {
	case err != nil:
		return "" // the id of a destroyed post
	case len(events[0].Data) > 128<<10:
		return "an event that is too large"
	}
	root, err := html.Parse(strings.NewReader(data.HTML))
	if err != nil {
		return err.Error()
	}
	for n := range root.Descendants() {
		if n.Type == html.ElementNode && !slices.Contains(cardElements, n.Data) {
			return "an element " + n.Data
		}
		for _, a := range n.Attr {
			if !slices.Contains(cardAttributes, a.Key) && !strings.HasPrefix(a.Key, "data-") && !strings.HasPrefix(a.Key, "aria-") {
				return "an attribute " + a.Key
			}
			leads := func(to string) bool { return strings.HasPrefix(a.Val, to) }
			if (a.Key == "href" || a.Key == "src") && !slices.ContainsFunc([]string{"https://", "http://", "#", "/post/", "/tag/", "/by/", "/lang/"}, leads) {
				return "the address " + a.Val
			}
		}
	}
	return ""
}

// cardElements and cardAttributes are all that a card may contain; html, head and body are added
// by the parser.
var (
	cardElements = strings.Fields("html head body article svg use p span bdi a h2 div details summary time img br blockquote ul li progress")

	cardAttributes = strings.Fields("tabindex class id dir lang href rel target title datetime src alt width height loading decoding referrerpolicy value max")
)
