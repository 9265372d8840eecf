// Package hub broadcasts events to browsers, each event once and in order.
//
// # Design
//
// A [Channel] is an append-only log: a ring of the newest events. Each event has an offset,
// and is encoded once, as the WebSocket frame that all connections share. An event can name a
// record, such as a post, and carry its whole state. The event then rewrites the earlier
// events of that record in place, so that no reader is sent an earlier state. A connection has
// a cursor into each log that its client follows. One loop serves the first load, live events,
// recovery and slow consumers: write the events after the cursor, and move the cursor. A
// connection has no queue of events. It buffers only frames for its client alone, and the
// unsent rest of a partly written frame.
//
//	Trigger ─▶ log ─┬─ shard ─▶ conn (cursor at 41) ─▶ write
//	                │        ─▶ conn (cursor at 42) ─▶ write
//	                └─ shard ─▶ conn (cursor at 17)    the socket is full: backpressure
//	                               ▲     ▲
//	             room to write ────┤     └── bytes from the client
//	                               └─ poller
//
// A shard is one goroutine. It writes to its connections when an event was appended. Once a
// second it sends the heartbeats that are due, and retries full sockets. It never blocks: when
// a socket takes no more, the poller continues once there is room. The poller is one goroutine
// for all connections. It also reads what clients send, and answers. So a connection, even an
// idle or a slow one, has no goroutine and no timer. It costs about 0.6 KiB and a descriptor,
// which the poller takes over from Go's runtime.
//
// A client can follow a channel with a filter, which the application compiles. It then gets a
// subset of the same log: the same frames with the same offsets, without the events named
// "create" that the filter doesn't match. A filter is asked once about each event, however
// many clients use it. A shard visits the connections of a filter only if an event concerns them, so
// ten thousand clients with a hundred filters cost a hundred questions for each event, and the
// writes to the clients that get it.
//
// All this holds for plain TCP on Linux. Any other connection, such as one over TLS, has a
// goroutine that reads, and another one while something is written, 4 KiB at a time. For
// many clients over TLS, put a proxy in front.
//
// # Protocol
//
// The protocol is that of websocket-rails, whose client of 2013 works unchanged. Each
// event also carries its offset and the log's epoch: its [Position]. A reader whose next
// event is no longer held gets a gap notice, or a reset notice if the log has been
// replaced (a new epoch).
//
// A client that sleeps for an hour neither sends nor acknowledges anything, so the server
// closes its connection after about a minute, and keeps nothing for it. When the client
// reconnects, it subscribes from the position of the last event that it has. If the log
// still holds all events after that position, and there are at most Limits.Replay of them,
// the client is sent them all. Otherwise the reply names the reason, and the client
// continues with as many of the newest events as it asks for, or only with new ones.
//
// gorilla/websocket does the handshake. The hub itself reads and writes the frames of RFC
// 6455, because each connection of gorilla's needs a goroutine and a buffer for reading.
// Frames are not compressed: that would save a third of the bytes, but costs CPU time for
// each connection.
//
// The data of a subscription with a filter has "filter": "#go", and its result has the filter's
// canonical form. Offsets then grow by more than one without a gap. The notice stream.skip, at
// most one with each ping, has the offset up to which nothing concerned the client.
//
// A client follows a private channel with subscribe_private, or as a stream, if Options.MayFollow
// allows it for the request with which the client connected, for example for its cookie. For any
// other client the channel doesn't exist.
//
// A client without WebSockets gets the same log as a stream of Server-Sent Events or of
// lines of JSON, with the filter as the parameter q. The shards serve streams in the same way as
// WebSockets.
//
// A [Reader] gives another protocol the same log: package durable serves it
// through HTTP caches.
//
// A [Store] gives events their positions and keeps them, also over a restart. The ring then
// holds the newest part of what the store keeps. Several hubs can share one store.
//
// # Scope
//
// The hub owns the connections, the logs and the limits on clients. It leaves to others
// what events mean, which code publishes them, which origins can connect, and the HTTP
// server.
//
// # Promises
//
//   - The events of a channel arrive in order, none arrives twice, and a missing one is
//     announced: TestModel_EveryEventArrivesOnceInOrderOrIsAnnounced
//   - A client that reconnects with its position recovers all later events, or is told the
//     reason why it can't: TestRecovery_BringsAllEventsOrNamesTheReason
//   - A client cannot publish: TestWire_AClientCannotPublish
//   - A stream carries the same log, with the same positions, as a WebSocket:
//     TestServeEvents_ContinuesWhereTheClientLeftOff
//   - A client with a filter has exactly the records that match, or is told what is missing:
//     TestFilterModel_AClientHasExactlyThePostsThatMatchOrIsToldOfAHole
//   - A filter is asked once about each event, however many clients follow with it:
//     TestFilter_IsAskedOnceAboutEachEventForAllClients
//   - A connection is not visited for events that its filter doesn't match:
//     TestGroup_AConnectionIsVisitedOnlyIfAnEventConcernsIt
//   - One address can't use up the filters of all, nor the time that new filters take:
//     TestFilters_OneAddressIntroducesAnEighthAtMost, TestFilters_OneAddressIntroducesFewASecond
//   - A private channel exists only for clients that may follow it, and their connections end within a
//     second of the permission: TestPrivate_ForOthersTheChannelDoesNotExist,
//     TestPrivate_AStreamNeedsThePermission, TestPrivate_AClientThatMayNotFollowAnyMoreIsClosed
//   - Other clients, however many, keep no client out that may follow a private channel:
//     TestPrivate_AClientThatMayFollowIsAdmittedHoweverManyOthersThereAre
//   - The clients of websocket-rails are sent the same bytes as ever:
//     TestOldClients_AreSentTheSameBytesAsEver
//   - Once a record was changed or erased, its earlier state is never sent, neither in a
//     recovery nor to a reader that is behind: TestRewrite_NoRecoveryBringsAnEarlierState,
//     TestRewrite_ASlowReaderIsNotSentAnEarlierState
//   - Hubs with one store show the same log: TestStore_AllHubsShowTheSameLog
//   - Events that wait for the store are stored together and in order, and publishers wait if
//     they are too many: TestOutbox_EventsThatWaitTogetherAreStoredTogetherAndInOrder,
//     TestOutbox_APublisherWaitsWhileTooManyEventsWait
//   - After Detach, the store is not used any more, and the hub serves from memory:
//     TestDetach_StoresWhatWaitsAndThenUsesTheStoreNoMore
//   - A client that moves to a hub that lags behind is recovered, too:
//     TestStore_AClientThatIsAheadOfTheHubIsRecovered
//   - No client uses more than its limits:
//     TestGate_LimitsTheConnectionsOfOneClient,
//     TestLimits_PermitABurstOfTwentyMessagesAndNoMore, TestLimits_EndlessBytesEndTheConnection
//   - If an address has as many connections as Limits.PerClient allows, the operator's log
//     says so, and further clients of the address can follow by long polls:
//     TestPoll_AnAddressAtItsLimitCanStillFollow,
//     TestGate_LogsTheRefusalsOfALimitOnceAMinute
//   - A slow consumer delays no other client. Until it is dropped, it costs the kernel's
//     buffer and up to 64 KiB, for replies to its requests and the rest of a frame:
//     TestLoad_AClientThatReadsNothingDelaysNoOther, TestSlowReader_LeavesNoOrphanInTheKernel
//   - A slow consumer that keeps taking some bytes stays connected. Over TLS it must take
//     80 KiB in the time of Limits.Write:
//     TestSlowReader_TenKilobytesASecondAreFastEnough,
//     TestSlowReader_OverTLSStaysAsLongAsItTakesSomething
//   - It makes no difference how the network divides a client's bytes:
//     TestReader_GivesTheSameRepliesHoweverBytesAreDivided
//   - If memory is short, open connections stay and new ones are refused:
//     TestGate_RefusesConnectionsIfMemoryIsShort
//   - A panic during the handling of a client's message ends only that client's connection:
//     TestReader_APanicEndsOneConnection
//   - A half-open connection is freed within a minute:
//     TestHalfOpen_AVanishedClientIsFreedWithinAMinute
//   - An idle connection has no goroutine: TestLoad_AnIdleConnectionHasNoGoroutine
//   - A closed connection leaves nothing behind:
//     TestLoad_ClosedConnectionsLeaveNothingBehind
//   - Run returns with every connection closed and no goroutine left: TestMain
//
// # Reading order
//
// position.go, event.go, entry.go and log.go are the log. store.go and outbox.go connect it
// with a store. cursor.go, write.go and shard.go deliver it, filter.go and group.go to clients
// with filters. conn.go is a connection, and close.go draws its states. poll_linux.go and
// blocking.go are the socket I/O. read.go, frame.go, rails.go, subscribe.go and reading.go handle
// what clients send. accept.go, gate.go, private.go and stream.go admit them. arrival.go tells the program about new events. chunk.go, reader.go and held.go
// lend the log and the connections to another protocol. run.go runs the hub and drains it.
package hub
