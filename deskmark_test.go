package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"nagare/store"
	"nagare/store/redis"
	"nagare/stream"
	"nagare/stream/moderation"
	"nagare/stream/streamtest"
)

// setting carries out an action with a value.
func (m *moderatedSite) setting(do moderation.Do, value string) {
	m.t.Helper()
	if _, err := m.desk.moderator.Act(m.t.Context(), moderation.Action{Do: do, Value: value, By: "Mio"}); err != nil {
		m.t.Fatal(err)
	}
}

// A moderator adds a rule in one process. Posts that arrive right after that in another process, which reads
// the sources, are hidden there.
func TestDesk_ARuleAppliesToPostsThatArriveInAnotherProcessRightAfterIt(t *testing.T) {
	st := allStores(t)["redis"]
	a, b := newModeratedSite(t, st, moderation.After), newModeratedSite(t, st, moderation.After)
	for round := range 3 {
		word := fmt.Sprint("apple", round)
		b.setting(moderation.AddRule, word)
		for i := range 6 {
			op := streamtest.Edited(fmt.Sprint(word, i), word+" words")
			op.Kind = stream.Create
			if err := a.emit(t.Context(), op); err != nil {
				t.Fatal(err)
			}
		}
		a.flush()
		a.want(word+" words", "desk")
	}
	a.stop()
	b.stop()
}

// A pin would tell everybody that there is a post.
func TestDesk_APostThatIsNotPublicIsNotPinned(t *testing.T) {
	m := newModeratedSite(t, new(store.Memory), moderation.After)
	m.setting(moderation.AddRule, "pear")
	for id, end := range map[string]func(string){
		"A": func(id string) { m.act(moderation.Hide, id) },
		"B": func(id string) {
			block := moderation.Action{Do: moderation.Block, Author: streamtest.Person("author-of-" + id).Key, Value: "bo", By: "Mio"}
			if _, err := m.desk.Act(t.Context(), block); err != nil {
				t.Fatal(err)
			}
		},
		"C": func(id string) { m.edit(id, "pear words") },
		"D": func(id string) { m.pass(streamtest.Destroyed(id), stream.Destroy) },
	} {
		m.post(id, "apple words")
		m.act(moderation.Pin, id)
		if _, pins := m.desk.Screen(); !slices.Equal(pins, []string{id}) {
			t.Fatalf("pins %v, want %s", pins, id)
		}
		end(id)
		for begun := time.Now(); ; time.Sleep(time.Millisecond) {
			if _, pins := m.desk.Screen(); len(pins) == 0 {
				break
			}
			if time.Since(begun) > 5*time.Second {
				t.Fatalf("%s is still pinned", id)
			}
		}
	}
}

// The sources go on: many posts are hidden by a rule, and many are public.
func (m *moderatedSite) flood(n int) {
	m.t.Helper()
	for i := range n {
		for _, words := range []string{"flood", "plain"} {
			op := streamtest.Edited(fmt.Sprint(words, i), words)
			op.Kind = stream.Create
			if err := m.emit(m.t.Context(), op); err != nil {
				m.t.Fatal(err)
			}
		}
	}
	m.flush()
}

// A store keeps a bounded number of cards. Once it has dropped that of a hidden post, and the process that
// knew of it has ended, no repetition, edit or repost shows the post.
func TestDesk_APostStaysHiddenAfterTheStoreHasDroppedItsCard(t *testing.T) {
	st, err := redis.Open("redis://"+startRedis(t), redis.Options{Keep: 50})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	m := newModeratedSite(t, st, moderation.Before)
	m.setting(moderation.AddRule, "flood")
	m.post("W", "waiting apples")
	m.act(moderation.Hide, "W")
	m.post("U", "undone apples")
	m.undo(m.act(moderation.Hide, "U"))
	m.setting(moderation.SetMode, "after")
	m.post("R", "flood of apples")
	for _, id := range []string{"A", "B", "S"} {
		m.post(id, id+" apples")
		m.act(moderation.Hide, id)
	}
	m.act(moderation.Approve, "S")
	for _, id := range []string{"V1", "V2"} { // two versions of a post, which is learned later
		m.post(id, id+" apples")
		m.act(moderation.Hide, id)
	}
	m.pass(streamtest.Version("V2", "V1"), stream.Update)
	m.flood(60)
	m.stop()

	m = newModeratedSite(t, st, moderation.After)
	m.want("apples", "nowhere")
	m.pass(streamtest.Reposted("A by Kei", "A", "Kei"), stream.Create)
	for _, id := range []string{"A", "B", "S", "V1", "V2"} {
		m.post(id, id+" apples")
		m.edit(id, id+" apples, edited")
	}
	m.edit("R", "flood of apples, edited")
	m.post("W", "waiting apples")
	m.want("S apples", "public")
	m.post("U", "undone apples")
	m.want("undone apples", "public")
	for _, words := range []string{"A apples", "B apples", "V1 apples", "V2 apples", "waiting apples", "Kei", "flood of apples"} {
		if there := m.where(words); there == "public" || there == "both" {
			t.Errorf("%q: %s", words, there)
		}
	}
	m.stop()
}
