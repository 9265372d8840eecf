// Package stream reads posts from social networks. A [Source] emits what happens at a
// network, one [Op] at a time and in order. [Run] keeps a source running for the life of
// the program.
//
//	bluesky ─ mastodon ─ x ─ twitter ─ replay      sources: read a network, or a file
//	   │         │       │      │        │
//	   └─────────┴── Bounded ───┴────────┘         bounds the size of each post
//	             ┌── Filtered ──┐                  drops unwanted posts (bluesky filters by itself)
//	             └── Buffered ──┘                  queues, so that no network waits for the site
//	                Reconciler                     one for all sources: one card for each post
//	                    │
//	         create, update, destroy ─▶ the timeline, and a recorder
//
// The source is read by Run, which reopens it when it breaks, after waits that follow the
// rules of its network, and emits its state:
//
//	emit := reconcile.New(timeline.Emit, nil).Emit
//	err := stream.Run(ctx, log, stream.Queued(&bluesky.Source{}, nil), emit)
//
// The packages below this one, with what each may import besides stream (TestArrows holds
// this drawing):
//
//	bluesky  mastodon  x ◀─ twitter      one network each: its source, and the decoder of its messages
//	   │        │      │       │
//	   └────────┴──────┴───────┴──▶ internal/fetch     requests, refusals, silent connections
//	                                internal/html      posts written in HTML (mastodon only)
//	                                internal/text      parts of a text, addresses
//	                                internal/lines     lines and Server-Sent Events of bounded length
//	                                internal/recent    collections of bounded size (bluesky, mastodon)
//	                                internal/anomaly   counts of unexpected data
//	reconcile ──▶ internal/recent        merges what is reported about a post into one card
//	recording ──▶ internal/lines         files of ops, and the erasure of deleted posts
//	replay ──▶ recording, internal/lines plays recordings, and what networks sent
//	streamtest                           helpers of their tests
//
// To add a network is to write a package with a [Network] value, and to list that in package main.
//
// The package owns what a post is, how sources are run, paced and reopened, and what the
// operator wants to see. It leaves the look of a post and its delivery to others. It starts
// no goroutine that outlives a call, and knows no HTTP server.
//
// Its promises, and those of the packages below, with the test of each:
//
//   - A broken source is reopened, after growing waits:
//     TestRun_ReopensABrokenFeedAfterGrowingWaits.
//   - A server that accepts a connection only to close it is called less and less often:
//     TestBluesky_ConnectsTenTimesAMinuteAtMost, and that of each network.
//   - Run ends as soon as its context ends, even in the longest wait, and leaves no goroutine:
//     TestRun_EndsWithItsContextInTheLongestWait, and such a test of each source.
//   - An error that no wait can mend ends Run: TestRun_GivesUpWhenWaitingCannotHelp.
//   - The order and the number of reports make no difference to the posts that are shown:
//     TestReconciler_ComesToTheSameInAnyOrder.
//   - A deleted post is never shown again: TestReconciler_NeverShowsADeletedPost.
//   - Backpressure drops posts, and counts them, but no deletion:
//     TestBuffered_DropsPostsButNoDeletions.
//   - Posts in the queue at a stop or a crash arrive after the next start, if the network
//     can resume: TestBluesky_EmitsPostsThatWereQueuedAtAStopAgain, and that of Mastodon.
//   - A text is divided by the rules of its network, and no part of it is lost:
//     TestTwitter_CutsEveryRecordedTextExactly, and its siblings.
//   - No log, address or op contains a token: TestX_TheTokenIsSeenNowhere,
//     TestMastodon_TheTokenIsInNoLogAddressOrOp.
//   - An invalid line never ends a replay: TestReplay_ReadsOddFiles.
//   - A line takes no more memory than the limit, even if it is compressed:
//     TestLines_HoldNoMoreThanTheLimit.
//   - A post takes 64 KiB at most: TestBounded_CutsWhatIsTooLong.
//   - A replay keeps the recorded pace: TestReplay_KeepsTheRecordedPace.
//   - A looping replay never repeats an id, and its edits and deletions still find their
//     posts: TestReplay_LoopsWithNewIDs.
//   - A recording always ends with a whole line, also on a full disk:
//     TestRecorder_LeavesWholeLinesOnAFullDisk.
//   - Deletions are honoured everywhere: a deleted post is in no recording, nor in those of
//     earlier runs: TestRecorder_ErasesDeletedPosts and the tests after it.
package stream
