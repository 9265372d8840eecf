// Package stream brings posts in. A [Source] tells what happens at a network,
// one [Op] at a time and in order; [Run] keeps a source going for as long as
// the program lives.
//
//	Bluesky ─ Mastodon ─ X ─ Twitter ─ Replay      sources: read, and put into our words
//	   │         │       │      │        │
//	   └─────────┴── Bounded ───┴────────┘         no post takes more than its share
//	             ┌── Filtered ──┐                  what nobody wants to see is left out (Bluesky does it itself)
//	             └── Buffered ──┘                  no network waits for us
//	                 Ledger                        one for all: each post is one card
//	                   │
//	         create, update, destroy ─▶ the timeline, and a Recorder
//
// The packages below this one, and what each may import besides stream (TestArrows
// holds the drawing):
//
//	bluesky  mastodon  x ◀─ twitter      one network each: its source, and a decoder of what it sends
//	   │        │      │       │
//	   └────────┴──────┴───────┴──▶ internal/fetch     requests, refusals, streams that fall silent
//	                                internal/html      posts written in HTML (mastodon only)
//	                                internal/text      parts of a text, and addresses
//	                                internal/lines     lines and Server-Sent Events of bounded length
//	                                internal/recent    sets of bounded size (bluesky, and reconcile)
//	reconcile                            one post for all that is told about it
//	recording ──▶ internal/lines         files of ops, and the erasure of what is deleted
//	replay ──▶ recording                 plays them, and what the networks' decoders read
//	streamtest                           what their tests share
//
// A source is read by [Run], which opens it again when it breaks, by the rules of
// its network, and tells how it is:
//
//	ledger := stream.NewLedger(timeline.Emit, nil)
//	err := stream.Run(ctx, log, stream.Buffered(stream.Bounded(&stream.Bluesky{})), ledger.Emit)
//
// [Replay] needs no network and no key: it plays a file, of a [Recorder] or of what
// a network sent, through the same decoders; [Demo] is such a file, built in.
//
// The package owns how feeds are read, paced and reopened, what a post is, and
// which of all that is told about it still counts. It leaves to others how a post
// looks and who gets it. It knows no HTTP server, and starts no goroutine that
// outlives the call.
//
// Its promises, and the test that holds each:
//
//   - A broken feed is opened again, each time after a longer wait:
//     TestRun_ReopensABrokenFeedAfterGrowingWaits.
//   - A server that accepts us only to hang up is called less and less, by every
//     source: TestHammer_TenConnectsAMinuteAtMost.
//   - The end of ctx ends Run at once, even in the longest wait, and nothing
//     outlives the call: TestRun_EndsWithItsContextInTheLongestWait,
//     TestReplay_5_StopsAtOnceInTheMiddleOfAFile, and those after it of each source.
//   - What waiting can't mend ends Run: TestRun_GivesUpWhenWaitingCannotHelp.
//   - Whatever the order and however often things are told, the same posts are
//     left: TestLedger_ComesToTheSameInAnyOrder.
//   - What its author took back is never said again:
//     TestLedger_NeverSaysWhatIsGone.
//   - Of too many posts some are left out, and counted; never what takes one away:
//     TestBuffered_3_6_12_LeavesOutPostsButNoDeletes.
//   - What still waits when the program ends, or is killed, comes again after the
//     next start, where the network can tell it again:
//     TestBluesky_WhatWasQueuedWhenItStoppedComesAgain, and the like of Mastodon.
//   - A text is cut by its network's own rule, and nothing of it is lost:
//     TestTwitter_1_7_15_CutsEveryRecordedTextExactly, and its likes.
//   - A token is in no log, address or op: TestX_2_6_16_TheTokenIsSeenNowhere,
//     TestMastodon_4_6_17_TheTokenIsInNoLogAddressOrOp.
//   - One bad line never ends a replay: TestReplay_ReadsOddFiles.
//   - No line, not even one inflated from a few bytes, takes more memory than
//     the limit: TestLines_HoldNoMoreThanTheLimit.
//   - No post takes more than 64 KiB, however long the line was that brought it:
//     TestBounded_CutsWhatIsTooLong.
//   - A replay keeps the recorded pace: TestReplay_5_KeepsTheRecordedPace.
//   - A replay that loops never uses an id twice, and its edits and deletes
//     still find their posts: TestReplay_LoopsWithNewIDs.
//   - A recording ends with a whole line, whatever becomes of the disk:
//     TestRecorder_LeavesWholeLinesOnAFullDisk.
//   - Words that were taken back are in no recording any more, nor in those of
//     earlier runs: TestRecorder_ErasesWhatIsTakenBack and those after it.
package stream
