// Package mastodon reads the event streams of Mastodon servers, and of other servers that
// offer Mastodon's streaming API over HTTP. The posts may be by users of any server of the
// fediverse, so the decoder also knows the fields of Akkoma, Pleroma and other software.
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
// (delivery.go).
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
//   - The token is in no log, address or op: TestMastodon_TheTokenIsInNoLogAddressOrOp.
//   - No HTML reaches a reader: TestMastodon_KeepsOnlyTheTextOfHostileHTML.
package mastodon
