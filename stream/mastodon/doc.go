// Package mastodon reads the streams of Mastodon servers, and of other servers that offer
// Mastodon's streaming API: as Server-Sent Events (events.go) or, if the server has none, over a
// WebSocket (socket.go), as with GoToSocial, Pleroma and Akkoma. The posts may be by users of any
// server of the fediverse, so the decoder also knows the fields of other software.
//
// A stream can't be resumed. After a break, the source first opens a new stream. Then it
// requests what was missed: posts from the server's timeline (backfill.go), and edits and
// deletes by looking up the latest posts (recheck.go). Backfilled and live posts arrive in
// parallel, and some arrive twice.
//
// The server names a deleted post by its local id, which means nothing elsewhere. The
// source therefore keeps an index from local ids to the ids of the posts (index.go). The
// index and the position in the timeline are saved, so that a restart is treated as a
// break (cursor.go). The position includes only posts that the consumer has acknowledged
// (delivery.go). It is dated by the server's clock, because ours can be wrong.
//
// The package owns the requests to the server, the meaning of its messages, the decision
// whether a post is public, and the position in the timeline. It leaves the reconnection
// to [stream.Run], the division of HTML into segments to internal/html, and duplicates,
// reposts and tombstones to package reconcile. It starts no goroutine that outlives Stream.
//
// Its promises, with the test of each:
//
//   - Only public posts are emitted, from any timeline:
//     TestMastodon_EmitsNoPrivatePostsOfAUserStream.
//   - Restrictions that only forks of Mastodon know are respected:
//     TestMastodon_ShowsNoPostThatAForkRestricts.
//   - A post that its author makes private is removed:
//     TestMastodon_RemovesAPostThatIsNoLongerPublic.
//   - A break leaves neither holes nor duplicates: TestMastodon_BackfillsABreakWithoutHolesOrDuplicates.
//   - If more was missed than five pages of the timeline have, a gap is reported:
//     TestMastodon_ReportsAGapIfMoreWasMissedThanFivePages.
//   - Posts in the queue at a stop arrive after the next start:
//     TestMastodon_EmitsPostsThatWereQueuedAtAStopAgain.
//   - Edits and deletes during a break are applied after it: TestMastodon_FindsEditsAndDeletesOfABreak.
//   - A break is dated by the server's clock: TestMastodon_ABreakIsDatedByTheServersClock.
//   - A server without event streams is read over a WebSocket:
//     TestMastodon_OpensAWebSocketIfTheServerHasNoEventStream.
//   - Only the server itself stops the source, not a proxy in front of it:
//     TestMastodon_KeepsTryingWhileSomethingInFrontOfTheServerRefuses.
//   - The token is in no log, address or op: TestMastodon_TheTokenIsInNoLogAddressOrOp,
//     TestMastodon_TheTokenOfAWebSocketIsInNoLogAddressOrOp.
//   - No HTML reaches a reader: TestMastodon_KeepsOnlyTheTextOfHostileHTML.
package mastodon
