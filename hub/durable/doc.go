// Package durable serves the log of a channel as a stream of the Durable Streams Protocol, version
// 1.0: the part of it that reads. The position stands in the address, and many readers share a
// response, so any HTTP cache can carry the readers.
//
//	GET  ?offset=O                            catch-up: the next chunk after O, or [] at the tail
//	GET  ?cursor=C&live=long-poll&offset=O    the same, but at the tail it waits for events, for up to 25 s
//	GET  ?cursor=C&live=sse&offset=O          the events after O as Server-Sent Events, for about a minute
//	HEAD                                      the position of the tail
//
// With q=Q, a reader gets the events that concern that filter: see Filter in [hub.Options]. The chunks
// are those of the whole log, so some are empty.
//
// The content type is application/json: a body is an array of events, each an object as in
// [hub.Channel.ServeLines]. An offset is the epoch of the log and the zero-padded offset of an event,
// as in lz4k2_0000000000000042, and stands for the position after that event. Without an offset, or
// with -1, a reader begins with the oldest event held; with now, after the newest.
//
//	200       events, or [] at the tail       Stream-Next-Offset, Stream-Cursor, ETag;
//	                                          at the tail also Stream-Up-To-Date: true
//	204       no events while waiting         Stream-Next-Offset, Stream-Cursor, Stream-Up-To-Date: true
//	304       the ETag in If-None-Match       as 200
//	400       wrong parameters or filter      one line that says what is wanted
//	403       page of another origin          unless Options.Open reports true
//	405       any other method                Allow
//	410       offset not held                 The log was trimmed or replaced. The reader begins anew,
//	                                          without an offset.
//	429, 503  too many readers or filters,    Retry-After
//	          or the store is not loaded yet
//
// # Chunks and caches
//
// A chunk ends at the next multiple of 100 or at the tail. Readers that catch up therefore ask for
// the same addresses after their first chunk.
//
// A chunk stays the same except that events are rewritten: an edit or a deletion replaces the words of
// earlier events, and its own event follows at the tail. So a chunk may stay in a cache for 20 s, and
// is not served stale while it is revalidated. Up to three caches between the hub and a reader, such
// as a content delivery network, a proxy and a browser, keep deleted words for a minute at most.
// Responses that end differently soon are kept for a second: an incomplete chunk, unless it answers
// a long poll; one without an offset; 204 and 410. Without that second, a cache that lets one request
// through at a time would pass on the requests that wait one by one.
//
// The cursor keeps a cache from answering a long poll with an old 204. It is the number of 20-second
// intervals since 2024-10-09, plus the offset that the response ends at. Therefore it grows with each
// response, and all readers that wait at the tail for the next event soon have the same cursor, and so
// the same address, whenever they came.
//
// # Cost
//
// A long poll that waits, and an event stream, are connections of the hub without a goroutine. Polls
// count as the hub's long polls, event streams as connections: see [hub.Limits]. A request that is
// answered at once counts as a poll for the rate of requests only.
//
// # Promises
//
//   - Readers get each event once and in order, whichever way they read:
//     TestRead_EachWayBringsEachEventOnceInOrder
//   - Readers that catch up share addresses: TestChunk_EndsAtAMultipleOfAHundred,
//     TestFilter_ChunksEndAtTheSameOffsetsAsWithout
//   - A filter that nothing passes doesn't hold up a reader's position:
//     TestFilter_AReaderThatWaitsGetsAPositionAtTheTail
//   - Nothing with words in it is cached for over 20 s: TestCache_NothingWithWordsIsKeptForLong
//   - The words of a deleted post are in no chunk, and its ETag changes:
//     TestCache_ADeletionChangesTheChunkAndItsETag
//   - Cursors never go back, and readers at the tail get the same one:
//     TestCursor_NeverGoesBack, TestCursor_ReadersAtTheTailGetTheSameOne
//   - A long poll that waits has no goroutine, and takes a few KiB:
//     TestCost_AWaitingPollHasNoGoroutine
//   - A reader whose position is gone is told so, also while it waits:
//     TestGone_AReaderWhosePositionIsNotHeldIsToldSo
package durable
