// Package storetest has the tests that every store passes.
package storetest

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"nagare/hub"
	"nagare/store"
)

// T is the part of testing.TB that a Kind needs. rapid.T has it too.
type T interface {
	Helper()
	Fatalf(format string, args ...any)
	Cleanup(func())
	Context() context.Context
}

// Kind is a kind of store to test.
type Kind struct {
	// Open opens a new, empty store, and closes it at the end of the test.
	Open func(t T) store.Store

	// Reopen closes a store, as a restart of the program does, and opens it again. It is nil for a
	// store that doesn't survive a restart.
	Reopen func(t T, s store.Store) store.Store
}

const channel = "streaming"

// Run runs the suite.
func Run(t *testing.T, k Kind) {
	for name, test := range map[string]func(*testing.T, Kind){
		"GivesConsecutiveOffsets":                 consecutive,
		"KeepsChannelsApart":                      apart,
		"FollowBringsTheNewestEventsAndThenAll":   follows,
		"FollowContinuesAfterAPosition":           continues,
		"FollowOfAnEmptyChannelDeliversItsEpoch":  empty,
		"AllFollowersSeeTheSameOrder":             sameOrder,
		"StoresARecordWithOnceOnlyOnce":           once,
		"StoresNoEventThatAmendsAnErasedRecord":   amends,
		"AnErasedRecordLeavesOnlyItsNames":        erases,
		"FindsRecordsByAllTheirNames":             finds,
		"PagesThroughRecords":                     pages,
		"FindsWordsInTheTextOfRecords":            searches,
		"MatchDecidesWhatASearchFinds":            matches,
		"SearchesHoldUpNothingElse":               undisturbed,
		"FollowBringsWhatQueriesMatch":            brings,
		"FindsThePositionOfATime":                 times,
		"CountsTheNewRecordsOfIntervals":          counts,
		"KeepsTexts":                              texts,
		"ReplacesATextOnlyIfItIsAsBefore":         replaces,
		"AgreesWithASimpleModel":                  model,
		"AnAppendEndsWithItsContext":              ends,
		"ManyAppendsAtOnceAreAllStoredInOneOrder": concurrent,
	} {
		t.Run(name, func(t *testing.T) { test(t, k) })
	}
	if k.Reopen != nil {
		t.Run("KeepsEverythingOverARestart", func(t *testing.T) { restarts(t, k) })
	}
}

// created is the first event of a record.
func created(key, text string) hub.Event {
	return event("create", key, text)
}

func event(name, key, text string) hub.Event {
	data, _ := json.Marshal(text)
	return hub.Event{Name: name, Key: key, Data: data, Index: &hub.Index{
		Names: []string{"name of " + key}, State: []byte("state " + text), Text: text,
		Terms: []string{"from:ann", "lang:en"}, Time: time.Unix(1_700_000_000, 0).UTC(),
	}}
}

func erased(key string) hub.Event {
	return hub.Event{Name: "destroy", Key: key, Erase: true, Data: json.RawMessage(`{"id":"` + key + `"}`), Index: &hub.Index{Names: []string{"name of " + key}}}
}

func appended(t T, s store.Store, events ...hub.Event) []hub.Position {
	t.Helper()
	positions, err := s.Append(t.Context(), channel, events)
	if err != nil || len(positions) != len(events) {
		t.Fatalf("append of %d events: %v, %v", len(events), positions, err)
	}
	return positions
}

func equal(t T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Fatalf("%s (-want +got):\n%s", what, d)
	}
}

// offsets returns the offsets of positions.
func offsets(positions []hub.Position) (out []uint64) {
	for _, p := range positions {
		out = append(out, p.Offset)
	}
	return out
}
