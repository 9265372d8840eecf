// Package redis is a store in a Redis or Valkey server, version 7 or later, that several
// processes share. Each of them shows the same log, and one of them reads the sources. The tests
// pass with Redis 7.0 and with Valkey 8.0.
//
//	process ── Append ──▶ append ┐                  ┌─ log    the order of the events
//	        ◀─ Follow ─── read ──┼─ log.lua ─▶ keys ┼─ data   the newest state of each record
//	        ── Find ────▶ find ──┘                  └─ head   the newest position
//	        ── Lead ────▶ lease.lua ─────▶ keys lease, fence, texts
//
// # Keys
//
// All keys have one hash tag, {nagare} unless the address names another prefix. The log of a channel
// is a stream. The id of an entry is the event's position: <epoch>-<offset>, where the epoch is
// a number, and the Epoch of a position is that number in base 36. An entry has no content. It names
// its record, and the hash data has the record's newest state. So an update is one write, however
// many earlier events it rewrites, and an erasure leaves the text in no key. Entries with content
// would need a chain of offsets for each record, and could only be removed: a process that has not
// read a removed entry yet could take it for a lost one. Reading costs about the same: in the
// script, an event with 4 KiB took 58 to 83 µs with the hash and 43 to 127 µs without it, in three
// runs on a busy machine. To rewrite an event took 2 to 32 µs with it; to remove an entry took as
// long.
//
// The sorted sets order and names find records. The hashes ids:0 and ids:1 know the keys of at
// least 50,000 records, also of those that the log has dropped, for at least ten minutes. The key
// head has the version of this schema: a process that knows another one changes nothing, except that
// the first append of a newer process brings schema 1 to 2. Records of schema 1 are indexed when they
// are read: TestSchema_RecordsOfTheFirstVersionAreFound.
//
// # Why an offset is never used twice
//
// Redis itself refuses an entry whose id isn't after that of the newest entry. Only log.lua adds
// entries, with the offset after that in head, and a script runs alone. So while a server keeps its
// keys, it can't give a position twice. Redis can lose keys, though: to a flush, to an
// eviction, to a restart without the newest writes, to a replica that takes over and lags behind.
// Before each append and read, the script compares, and if anything may be lost, it begins a new
// epoch in the same run. The new epoch is after the clock of the server and after each epoch that
// the server or the caller knows. What is left of the log is in the new epoch too, with new offsets.
// A new epoch begins in these cases:
//
//   - The keys don't belong together: head is missing, or its position isn't that of the newest
//     entry, or the newest entry has no data. TestEviction_OfAnyKeyBeginsANewEpoch,
//     TestFlush_GivesAllNodesOneNewEpochWithinFourSeconds
//   - The caller has seen a position that isn't in the log. Each entry has a nonce, and that of the
//     entry before it: an entry at the same position that another process has added after a loss has
//     another nonce. TestRestart_WithoutTheNewestEventsBeginsANewEpoch,
//     TestRestart_ANodeThatWasAwayTellsItsEventsFromOthersAtTheSamePositions
//   - The server was a replica of the server that has written head before. Replication is
//     asynchronous, so events can be lost, even if no process that is left has seen them. The
//     replication id tells, which INFO reports. TestFailover_ToAReplicaThatLagsBehindBeginsANewEpoch,
//     TestFailover_BeginsANewEpochEvenIfNoProcessKnowsWhatIsLost
//
// If the server is another one without having been a replica, it has restarted. For three seconds it
// then neither gives nor takes events, and each process compares what it has seen: it reads at
// least every two seconds, and longestWait bounds the waits between retries. The epoch continues only
// if a process has seen exactly the newest event, before the restart. Otherwise a new epoch begins, also
// if the server has kept everything: no setting proves that it has. So a restart of the server and
// of all processes together always begins a new epoch:
// TestRestart_KeepsTheEpochIfNothingIsLost, TestRestart_OfTheServerAndAllProcessesReusesNoPosition,
// TestRestart_AppendsWaitUntilAllProcessesHaveComparedWhatTheyHaveSeen.
//
// One loss is found late. If a process is cut off, or dies, while the server restarts without its newest
// writes, and another process confirms an earlier event as the newest, then the first process has shown
// events that no other process knows. If it comes back, it begins a new epoch.
//
// # Why no event is stored twice
//
// A command whose reply is lost is repeated with the same nonce, and the script then looks for
// what it has stored. An event with Once is not stored if its key is known, so two processes can
// publish the same post at the same time. Both: TestFault_ARepeatedCommandDoesNotStoreAnEventTwice,
// TestFault_EventsWaitAndAreStoredOnce, and the suite in store/storetest.
//
// # Why one process reads the sources
//
// The lease lives for ten seconds. Its holder renews it every three, and stops reading after seven
// seconds without a renewal by its own clock:
// TestLease_IsGivenUpBeforeItExpiresIfTheServerIsOutOfReach. That is not enough, because a process
// can be paused between the look at its clock and the append. So the script compares the token of
// the lease with the newest one at each append: TestFence_RefusesTheEventsAndTextsOfAnEarlierLease.
//
// Wall clocks matter little. A process counts with its monotonic clock. If the clock of the server goes
// back, a lease that then lives for longer than ten seconds counts as expired, and a new epoch is
// still after the earlier ones: TestLease_IsFreeAlthoughTheClockWentBack,
// TestEpoch_IsAfterTheEarlierOneAlthoughTheClockWentBack.
//
// # Connections
//
// A process has at most four connections to the server: TestConnections_AreAtMostFourForEachProcess.
// One for each channel waits for events, for two seconds at a time. The comparison of the positions needs no
// other timer then, and finds a loss within two seconds on an idle site too.
//
// # What Redis doesn't promise
//
// With appendfsync everysec, a crash of the server can lose acknowledged events of the last
// seconds. The epoch then changes. The files of Redis keep what was erased until Redis rewrites them.
package redis
