package hub

import (
	"bytes"
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// The test compares the log with a simple reference, which keeps all events and rewrites them
// one by one.
func TestLog_HoldsOnlyTheNewestStateOfEachRecord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := newLog(New(Options{Ring: rapid.IntRange(1, 8).Draw(t, "ring")}).Channel("c"), "e")
		var all []Event
		for n := range rapid.IntRange(1, 30).Draw(t, "events") {
			ev := Event{Name: fmt.Sprint("n", n), Key: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(t, "key")}
			ev.Data = bytes.Repeat([]byte("7"), rapid.IntRange(1, 300).Draw(t, "size"))
			if rapid.Bool().Draw(t, "indexed") {
				ev.Index = &Index{Names: []string{"name"}, State: []byte("s"), Text: fmt.Sprint("text ", n), Terms: []string{"a", "b"}, Time: time.Unix(1, 0)}
			}
			ev.Erase = ev.Key != "" && rapid.IntRange(0, 3).Draw(t, "erase") == 0
			skip := rapid.SampledFrom([]uint64{0, 0, 0, 0, 0, 1}).Draw(t, "missing before")
			ev.Position = Position{"e", l.head.Load() + 1 + skip}
			for _, f := range []form{webSocketForm, eventForm, lineForm} { // fills the caches: a rewrite must clear them
				l.read(l.tail()-1, func(e *entry) bool { e.encoded(f); return true })
			}
			l.insert(ev.Position.Offset, []Event{ev})
			for i, earlier := range all {
				if earlier.Key == ev.Key && ev.Key != "" && !earlier.Erase {
					if all[i].Data, all[i].Erase, all[i].Index = ev.Data, ev.Erase, ev.Index; ev.Erase {
						all[i].Name = ev.Name
					}
				}
			}
			all = append(all, ev)
			checkHeld(t, l, all[len(all)-len(l.held):])
		}
	})
}

func checkHeld(t *rapid.T, l *log, want []Event) {
	size, keys := 0, map[string]bool{}
	for i, e := range l.held {
		size += e.size
		keys[e.event.Key] = true
		searched := want[i].Index
		if searched != nil {
			searched = &Index{Text: searched.Text, Terms: searched.Terms, Time: searched.Time}
		}
		if want[i].Erase {
			searched = nil
		}
		if !reflect.DeepEqual(e.event.Index, searched) {
			t.Fatalf("offset %d is found by %v, want %v", want[i].Position.Offset, e.event.Index, searched)
		}
		for _, f := range []form{webSocketForm, eventForm, lineForm} {
			if wire, _ := f.encode("c", want[i]); !bytes.Equal(e.encoded(f), wire) {
				t.Fatalf("offset %d is sent as %q, want %q", want[i].Position.Offset, e.encoded(f), wire)
			}
		}
	}
	delete(keys, "")
	if size != l.size || len(l.newest) != len(keys) {
		t.Fatalf("counts %d bytes and %d records, holds %d and %d", l.size, len(l.newest), size, len(keys))
	}
}

// Updating a record that has changed often must allocate no more than updating a new one.
func TestLog_AnUpdateEncodesNoEarlierEvent(t *testing.T) {
	l := newLog(New(Options{}).Channel("c"), "e")
	add := func(key string) func() {
		return func() { l.append(Event{Name: "update", Key: key, Data: []byte(`"state"`)}) }
	}
	repeat := func(key string) func() {
		for range 2000 {
			add(key)()
		}
		return add(key)
	}
	once := testing.AllocsPerRun(100, repeat(""))
	if again := testing.AllocsPerRun(100, repeat("often")); again > once {
		t.Errorf("%v allocations, want the %v of an event that rewrites nothing", again, once)
	}
}
