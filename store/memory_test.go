package store_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"nagare/hub"
	"nagare/store"
	"nagare/store/storetest"
)

func TestMemory_IsAStore(t *testing.T) {
	storetest.Run(t, storetest.Kind{Open: func(storetest.T) store.Store { return new(store.Memory) }})
}

func TestMemory_KeepsAThousandEventsAndKnowsFiftyThousandRecords(t *testing.T) {
	m := new(store.Memory)
	for n := range 51_001 {
		if _, err := m.Append(t.Context(), "c", []hub.Event{{Name: "create", Key: fmt.Sprint(n), Data: json.RawMessage("{}")}}); err != nil {
			t.Fatal(err)
		}
	}
	for key, want := range map[string]int{"1000": 0, "1001": 1, "50000": 1, "51000": 1} {
		if records, _ := m.Find(t.Context(), "c", key); len(records) != want {
			t.Errorf("%d records with the key %s, want %d", len(records), key, want)
		}
	}
	if records, _ := m.Find(t.Context(), "c", "50000"); records[0].Data != nil {
		t.Errorf("the state of a record without an event is kept: %s", records[0].Data)
	}
	if records, _ := m.Find(t.Context(), "c", "50001"); records[0].Data == nil {
		t.Error("the state of the oldest event is gone")
	}
}
