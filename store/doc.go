// Package store defines what the program keeps over a restart, and how: the events of channels,
// the newest state of each record, and short texts such as the cursors of sources.
//
//	hub ──── Append, Follow ─────────────┐
//	web ──── Find, Records, At, Counts ──┼─▶ Store ─┬─ Memory         nothing survives the process
//	stream ─ Get, Put ───────────────────┘          ├─ store/sqlite   a file, for one process
//	                                                └─ store/redis    a server, for several processes
//
// One idea holds for all of them: a store gives events their positions and keeps them. The log
// in the memory of a process is the newest part of what its store keeps.
//
// # Positions
//
// A position, of an epoch and an offset, means the same event on every process and after every
// restart. An offset can never be used twice, for these reasons:
//
//   - Only Append gives offsets, one after another. The next offset is part of what is stored:
//     it is read, and written with the events, in one transaction. Dropping old events never
//     lowers it. In memory, the transaction is a lock, and the epoch is the time of the start in
//     nanoseconds, which is new as long as the clock isn't set back to that very moment.
//   - A store delivers an event, and Append returns its position, only after that transaction is
//     stored as firmly as the store promises. So no reader has a position that the store can
//     forget by itself.
//   - Where events can be lost nevertheless, because a file is replaced by an older copy or a
//     server fails over to a replica that lags behind, the epoch changes. Offsets of the new
//     epoch have nothing to do with those of the old one, and readers are told of the change.
//
// # Records
//
// An event with a Key is a state of a record, such as a post. A store keeps only the newest
// state of each record, and all events of the record share it. An update therefore rewrites the
// earlier events, and an erasure leaves nothing of the record but its Key, its Names and the
// tombstone. Neither the log nor a page nor a file has the earlier text afterwards.
//
// # Tests
//
// All stores pass the suite in store/storetest.
package store
