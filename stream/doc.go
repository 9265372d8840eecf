// Package stream reads posts from social networks. A [Source] emits what happens at a
// network, one [Op] at a time and in order. [Run] keeps a source running for the life of
// the program.
//
//	bluesky ─ mastodon ─ x ─ twitter ─ replay      sources: read a network, or a file
//	   │         │       │      │        │
//	   └─────────┴── Bounded ───┴────────┘         bounds the size of each post
//	             ┌── Filtered ──┐                  drops unwanted posts (the bluesky source does this itself)
//	             └── Buffered ──┘                  queues ops, so that a slow site doesn't hold up a network
//	                Reconciler                     one for all sources: makes one card for each post
//	                    │
//	         create, update, destroy ─▶ the timeline, and a recorder
//
// Run reads a source. When the source breaks, Run reopens it after a wait that follows the
// rules of the network. Run also emits each state of the source:
//
//	emit := reconcile.New(timeline.Emit, nil).Emit
//	err := stream.Run(ctx, log, stream.Queued(&bluesky.Source{}, nil), emit)
//
// The packages below this one, and what each imports besides stream, as
// TestArrows_PackagesImportOnlyWhatTheDrawingAllows verifies:
//
//	bluesky  mastodon  x ◀─ twitter      one network each: its source, and the decoder of its messages
//	   │        │      │       │
//	   └────────┴──────┴───────┴──▶ internal/fetch     requests, refusals, silent connections
//	                                internal/html      posts written in HTML (mastodon only)
//	                                internal/text      parts of a text, addresses
//	                                internal/lines     lines and Server-Sent Events of bounded length
//	                                internal/recent    collections of bounded size (bluesky, mastodon)
//	                                internal/anomaly   counts of unexpected data
//	                                internal/netclock  the time by the clock of a network (also for fetch)
//	stream, bluesky, mastodon ──▶ fold   one form for all spellings of a word
//	stream ──▶ query ──▶ fold            what readers search for, and how a post matches it
//	internal/text, query, x ──▶ weburl   addresses, parsed as browsers do
//	reconcile ──▶ internal/recent        merges what is reported about a post into one card
//	moderation ──▶ fold, query           judges posts, and carries out what moderators do
//	recording ──▶ internal/lines         files of ops, and the erasure of deleted posts
//	replay ──▶ recording, internal/lines plays recordings, and files of messages of networks
//	networks ──▶ the four networks       the list of all networks
//	streamtest                           helpers for the tests of these packages
//
// To add a network, write a package with a [Network] value, and list the value in package networks.
//
// Package stream defines what a post is, runs, queues and reopens sources, and filters posts
// as the operator wants. Other packages render posts and deliver them to browsers. No
// goroutine of this package outlives the call that started it.
//
// Its promises, and those of the packages below, with the test of each:
//
//   - A broken source is reopened, after growing waits:
//     TestRun_ReopensABrokenSourceAfterGrowingWaits.
//   - A server that accepts a connection only to close it is called less and less often:
//     TestBluesky_ConnectsTenTimesAMinuteAtMost, and such a test for each other network.
//   - Run ends as soon as its context ends, even in the longest wait, and leaves no goroutine:
//     TestRun_EndsWithItsContextInTheLongestWait, and such a test of each source.
//   - An error that waiting can't resolve ends Run: TestRun_EndsAtAPermanentError.
//   - In whatever order ops arrive, and however often each, the same posts are shown:
//     TestReconciler_ShowsTheSamePostsInWhateverOrderOpsArrive.
//   - A deleted post is never shown again: TestReconciler_NeverShowsADeletedPost.
//   - If the site is too slow, posts are dropped and counted, but deletions never are:
//     TestBuffered_DropsPostsButNoDeletions.
//   - Posts in the queue at a stop or a crash arrive after the next start, if the network
//     can resume: TestBluesky_EmitsPostsThatWereQueuedAtAStopAgain, and such a test for
//     Mastodon.
//   - A text is divided by the rules of its network, and no part of it is lost:
//     TestTwitter_DividesEveryRecordedTextExactly, and such a test for each other network.
//   - A word is found in whatever spelling a reader takes for the same:
//     TestText_SpellingsOfAWordAreEqual. An unwanted word excludes a post wherever its card
//     shows the word: TestFilter_ExcludesAWordAnywhereOnTheCard.
//   - No log, address or op contains a token: TestX_NoLogStatusOrErrorHasTheToken,
//     TestMastodon_TheTokenIsInNoLogAddressOrOp.
//   - An invalid line never ends a replay: TestReplay_SkipsInvalidLinesInPlainAndGzipFiles.
//   - A line takes at most 4 MiB of memory, even in a compressed file:
//     TestLines_TakeNoMoreMemoryThanTheLimit.
//   - The text, addresses and markup of a post take 64 KiB at most: TestBounded_TruncatesPostsAbove64KiB.
//   - A replay keeps the recorded pace: TestReplay_KeepsTheRecordedPace.
//   - A looping replay uses new ids in each round, and its edits and deletions refer to the
//     posts of the same round: TestReplay_UsesNewIDsInEachRoundOfALoop.
//   - A recording always ends with a whole line, also on a full disk:
//     TestRecorder_LeavesWholeLinesOnAFullDisk.
//   - A deleted post is erased from the recording, even if an earlier run recorded the post:
//     TestRecorder_ErasesDeletedPosts, TestRecorder_ErasesPostsOfEarlierRuns.
package stream
