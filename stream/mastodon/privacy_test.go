package mastodon

import (
	"encoding/json"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"nagare/stream"
)

// restrictions are the fields with which servers mark posts that are not for everybody.
var restrictions = map[string]map[string]any{
	"local only, glitch-soc, Hometown and GoToSocial": {"local_only": true},
	"local only, as a number":                         {"local_only": 1},
	"local only, as text":                             {"local_only": "yes"},
	"local only, Misskey":                             {"localOnly": true},
	"local, Pleroma and Akkoma":                       {"visibility": "local"},
	"a list, Pleroma":                                 {"visibility": "list"},
	"limited, Fedibird":                               {"visibility": "limited"},
	"logged-in readers, kmyblue":                      {"visibility_ex": "login"},
	"a circle, kmyblue":                               {"visibility": "private", "visibility_ex": "limited"},
	"quiet public, kmyblue":                           {"visibility_ex": "public_unlisted"},
	"a second visibility of another type":             {"visibility_ex": 7},
	"a visibility of the future":                      {"visibility": "neighbours"},
}

func TestMastodon_ShowsNoPostThatAForkRestricts(t *testing.T) {
	for name, fields := range restrictions {
		t.Run(name, func(t *testing.T) {
			hidden := postJSON(1, fields)
			for about, post := range map[string]map[string]any{
				"the post":       hidden,
				"a boost":        postJSON(2, map[string]any{"reblog": hidden}),
				"a hidden boost": postJSON(2, map[string]any{"reblog": postJSON(1)}, fields),
			} {
				if op, ok := opOf(t, post); ok {
					t.Errorf("%s: got %s", about, document(op))
				}
			}
			quotes := postJSON(2, map[string]any{"quote": map[string]any{"state": "accepted", "quoted_status": hidden}})
			if op, ok := opOf(t, quotes); !ok || *op.Post.Quote != (stream.Quote{}) {
				t.Errorf("a quote: got %s", document(op))
			}
		})
	}
}

func TestMastodon_ShowsPostsWhoseRestrictionsAreOff(t *testing.T) {
	for name, fields := range map[string]map[string]any{
		"false":                  {"local_only": false, "localOnly": false},
		"null":                   {"local_only": nil, "localOnly": nil, "visibility_ex": nil},
		"public twice":           {"visibility_ex": "public"},
		"by a member, Pleroma":   {"pleroma": map[string]any{"local": true}},
		"a policy for reactions": {"interaction_policy": map[string]any{"can_reply": map[string]any{"always": []string{"me"}}}},
	} {
		if _, ok := opOf(t, postJSON(1, fields)); !ok {
			t.Errorf("%s: not shown", name)
		}
	}
}

func opOf(t *testing.T, post map[string]any) (stream.Op, bool) {
	t.Helper()
	e, err := decodeEvent("update", []byte(document(post)))
	if err != nil {
		t.Fatal(err)
	}
	return view{domain: "a.example", now: now}.op(e.kind, e.status)
}

// A post that was public is removed when any later event shows that it is restricted now: an
// edit, a boost or a quote.
func TestMastodon_RemovesAPostThatIsRestrictedLater(t *testing.T) {
	hidden := postJSON(1, map[string]any{"local_only": true})
	for name, later := range map[string]struct {
		event string
		post  map[string]any
		want  []string
	}{
		"an edit":          {"status.update", hidden, []string{"create 1", "destroy 1"}},
		"a boost":          {"update", postJSON(2, map[string]any{"reblog": hidden}), []string{"create 1", "destroy 1"}},
		"an Akkoma quote":  {"update", postJSON(2, map[string]any{"quote": hidden}), []string{"create 1", "destroy 1", "create 2"}},
		"a Mastodon quote": {"update", postJSON(2, map[string]any{"quote": map[string]any{"state": "unauthorized", "quoted_status": hidden}}), []string{"create 1", "destroy 1", "create 2"}},
	} {
		t.Run(name, func(t *testing.T) {
			f := &fakeServer{play: func(_ int, s *wire) {
				s.update(postJSON(1))
				s.event(later.event, document(later.post))
				s.update(postJSON(9))
				s.stay()
			}}
			if d := cmp.Diff(append(later.want, "create 9"), summary(run(t, f.overTCP(t), until(9)))); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestDecoder_RemovesPostsThatAreRestrictedOrDeletedLater(t *testing.T) {
	quotes := postJSON(2, map[string]any{"quote": postJSON(1)})
	restricted := postJSON(1, map[string]any{"local_only": true})
	for name, test := range map[string]struct {
		events []string
		want   []string
	}{
		"restricted":                           {[]string{recorded("update", postJSON(1)), recorded("status.update", restricted)}, []string{"create 1", "destroy 1"}},
		"restricted, and seen only as a quote": {[]string{recorded("update", quotes), recorded("status.update", restricted)}, []string{"create 2", "destroy 1"}},
		"restricted in a quote":                {[]string{recorded("update", postJSON(1)), recorded("update", postJSON(2, map[string]any{"quote": restricted}))}, []string{"create 1", "destroy 1"}},
		"restricted in a boost": {[]string{recorded("update", quotes), recorded("update", postJSON(3, map[string]any{"reblog": postJSON(2, map[string]any{"local_only": true, "quote": restricted})}))},
			[]string{"create 2", "destroy 2 1"}},
		"deleted before it is quoted": {[]string{recorded("update", postJSON(1)), `{"event":"delete","payload":"1"}`, recorded("update", quotes)},
			[]string{"create 1", "destroy 1", "create 2 without its quote"}},
	} {
		t.Run(name, func(t *testing.T) {
			decoder, got := new(Decoder), []string{}
			for _, line := range test.events {
				var m stream.Message
				if err := json.Unmarshal([]byte(line), &m.Fields); err != nil {
					t.Fatal(err)
				}
				op, err := decoder.Decode(m)
				if err != nil {
					t.Fatal(err)
				}
				what := summary([]stream.Op{op})[0]
				for _, id := range op.Earlier {
					what += " " + id[strings.LastIndex(id, "/")+1:]
				}
				if op.Post != nil && op.Post.Quote != nil && op.Post.Quoted() == nil {
					what += " without its quote"
				}
				got = append(got, what)
			}
			if d := cmp.Diff(test.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// recorded is an event in the form of a recording.
func recorded(name string, post map[string]any) string {
	return `{"event":` + strconv.Quote(name) + `,"payload":` + document(post) + `}`
}
