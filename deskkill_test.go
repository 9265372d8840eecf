package main

import (
	"encoding/json"
	"fmt"
	"html"
	"maps"
	"math/rand/v2"
	"net/url"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	decidedPosts   = 40 // fewer than a list of the desk has
	decidedAuthors = 20
)

// decisions are what moderators have decided.
type decisions struct {
	Hidden  map[string]string // why each post is hidden: moderator or block
	Blocked map[string]bool   // authors
	Pins    []string
	Screen  string
}

func (d decisions) clone() decisions {
	return decisions{maps.Clone(d.Hidden), maps.Clone(d.Blocked), slices.Clone(d.Pins), d.Screen}
}

// doing is an action of a moderator.
type doing struct{ do, post, author string }

// anyAction returns an action that changes something.
func (d decisions) anyAction() doing {
	n := rand.N(decidedPosts)
	a := doing{"hide", fmt.Sprint("replay:", n), fmt.Sprint("replay:author", n%decidedAuthors)}
	switch kind := rand.N(6); {
	case kind == 0 && d.Screen == "":
		a.do = "freeze"
	case kind == 0:
		a.do = "resume"
	case kind == 1 && d.Blocked[a.author]:
		a.do = "unblock"
	case kind <= 2 && !d.Blocked[a.author]:
		a.do = "block"
	case d.Hidden[a.post] != "":
		a.do = "approve"
	case kind == 3 && !slices.Contains(d.Pins, a.post):
		a.do = "pin"
	}
	return a
}

// after returns what is decided after an action.
func (d decisions) after(a doing) decisions {
	d = d.clone()
	switch a.do {
	case "hide":
		d.Hidden[a.post] = "moderator"
		d.Pins = slices.DeleteFunc(d.Pins, func(id string) bool { return id == a.post })
	case "approve":
		delete(d.Hidden, a.post)
	case "block", "unblock":
		d.Blocked[a.author] = true
		for n := range decidedPosts {
			id := fmt.Sprint("replay:", n)
			switch {
			case fmt.Sprint("replay:author", n%decidedAuthors) != a.author:
			case a.do == "block" && d.Hidden[id] == "":
				d.Hidden[id] = "block"
			case a.do == "unblock" && d.Hidden[id] == "block":
				delete(d.Hidden, id)
			}
		}
		if a.do == "unblock" {
			delete(d.Blocked, a.author)
		}
		d.Pins = slices.DeleteFunc(d.Pins, func(id string) bool { return d.Hidden[id] != "" })
	case "pin":
		d.Pins = append([]string{a.post}, d.Pins...)
		d.Pins = d.Pins[:min(5, len(d.Pins))]
	case "freeze":
		d.Screen = "freeze"
	case "resume":
		d.Screen = ""
	}
	return d
}

// seenDecisions is what the site shows of decisions.
type seenDecisions struct {
	Public, Shown, Hidden []string // in the JSON, and in the lists of the desk
	Blocked               []string
	Pins, Screen          string
}

// seen returns what the site must show.
func (d decisions) seen() seenDecisions {
	s := seenDecisions{
		Hidden: slices.Sorted(maps.Keys(d.Hidden)), Blocked: slices.Sorted(maps.Keys(d.Blocked)), Pins: strings.Join(d.Pins, " "), Screen: d.Screen,
	}
	for n := range decidedPosts {
		if id := fmt.Sprint("replay:", n); d.Hidden[id] == "" {
			s.Public = append(s.Public, id)
		}
	}
	slices.Sort(s.Public)
	s.Shown = s.Public
	return s
}

// look returns what the site shows.
func (m *moderatorClient) look() (s seenDecisions, err error) {
	pages := map[string]string{}
	for _, path := range []string{"/streaming.json?limit=100", "/admin", "/admin/rules", "/wall"} {
		if pages[path], err = m.get(path); err != nil {
			return s, err
		}
	}
	var list struct{ Posts []struct{ ID string } }
	if err := json.Unmarshal([]byte(pages["/streaming.json?limit=100"]), &list); err != nil {
		return s, err
	}
	for _, p := range list.Posts {
		s.Public = append(s.Public, strings.TrimRight(p.ID, "~"))
	}
	slices.Sort(s.Public)
	_, desk, _ := strings.Cut(pages["/admin"], `data-list="shown"`)
	shown, hidden, _ := strings.Cut(desk, `data-list="hidden"`)
	s.Shown, s.Hidden = sortedValues(shown, "data-item"), sortedValues(hidden, "data-item")
	s.Blocked = sortedValues(pages["/admin/rules"], `name="author" value`)
	_, feed, _ := strings.Cut(pages["/wall"], `id="feed"`)
	feed, _, _ = strings.Cut(feed, ">")
	s.Screen = strings.Join(values(feed, "data-show"), "")
	var pins []string
	err = json.Unmarshal([]byte(html.UnescapeString(strings.Join(values(feed, "data-pins"), ""))), &pins)
	for i := range pins {
		pins[i] = strings.TrimRight(pins[i], "~")
	}
	s.Pins = strings.Join(pins, " ")
	return s, err
}

// values returns the values of an attribute.
func values(page, attribute string) (all []string) {
	for _, found := range regexp.MustCompile(attribute+`="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		all = append(all, found[1])
	}
	return all
}

// sortedValues returns the ids in an attribute, without those that are empty.
func sortedValues(page, attribute string) (all []string) {
	for _, id := range values(page, attribute) {
		if id != "" {
			all = append(all, strings.TrimRight(id, "~"))
		}
	}
	slices.Sort(all)
	return all
}

// The program is killed at random moments while a moderator decides. Afterwards the public and the desk show
// what was acknowledged. A decision that was not acknowledged is there as a whole, or not at all.
func TestKill_NoDecisionIsLostOrHalfDone(t *testing.T) {
	if testing.Short() {
		t.Skip("starts many processes")
	}
	recording, file := postsOfAuthors(t), filepath.Join(t.TempDir(), "nagare.db")
	known := decisions{Hidden: map[string]string{}, Blocked: map[string]bool{}}
	var last doing
	var entries []string
	counts := map[string]int{}
	for round := range 20**scale + 1 {
		process, site := spawn(t, []string{"replay", recording, "--rate", "max"}, "STORE="+file, "ADMIN_TOKEN="+adminSecret, "LOG_REQUESTS=off")
		m, err := logIn(site)
		if err != nil {
			t.Fatal(err)
		}
		known = m.wantEither(t, known, known.after(last))
		timer := time.AfterFunc(time.Millisecond+rand.N(150*time.Millisecond), func() { process.Process.Kill() }) // a random moment is what the test is about
		for err == nil {
			var entry string
			last = known.anyAction()
			if entry, err = m.act(last.do, url.Values{"id": {last.post}, "author": {last.author}}); err == nil {
				known, entries = known.after(last), append(entries, entry)
				counts[last.do]++
			} else if strings.Contains(err.Error(), "400 Bad Request") {
				t.Errorf("round %d: %v: %v", round, last, err)
			}
		}
		timer.Stop()
		process.Process.Kill()
		process.Wait()
		m.close()
	}
	wantAudit(t, file, entries)
	t.Logf("acknowledged before the kills: %v", counts)
	checkIntegrity(t, file)
}

// wantEither waits until the site shows one of two states, and returns which.
func (m *moderatorClient) wantEither(t *testing.T, a, b decisions) decisions {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		got, err := m.look()
		switch {
		case err != nil:
			t.Fatal(err)
		case reflect.DeepEqual(got, a.seen()):
			return a
		case reflect.DeepEqual(got, b.seen()):
			return b
		case time.Now().After(end):
			t.Fatalf("got\n%+v, want\n%+v or\n%+v", got, a.seen(), b.seen())
		}
	}
}

// wantAudit expects all entries in the audit.
func wantAudit(t *testing.T, file string, entries []string) {
	t.Helper()
	process, site := spawn(t, nil, "SOURCE=none", "STORE="+file, "ADMIN_TOKEN="+adminSecret)
	defer process.Wait()
	defer process.Process.Kill()
	m, err := logIn(site)
	if err != nil {
		t.Fatal(err)
	}
	defer m.close()
	audit, err := m.get("/admin/audit.ndjson")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !strings.Contains(audit, `"entry":"`+entry+`"`) {
			t.Errorf("the audit lacks %s", entry)
		}
	}
}

// postsOfAuthors writes a recording in which each author has the same number of posts.
func postsOfAuthors(t *testing.T) string {
	return record(t, decidedPosts, func(n int) string { return fmt.Sprint("author", n%decidedAuthors) })
}
