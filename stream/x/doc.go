// Package x reads the filtered stream of the X API v2, and recordings of it.
//
// The app's rules select the posts. Before it connects, the source makes them the
// configured ones; rules of other programs that use the same app are not changed.
//
// X bills each post that it sends. So the source has a budget of posts a day, and
// disconnects when it is used up. The count is saved before posts are read: after a crash it
// is never too low.
//
// The stream sends no deletions. So the source looks the posts up again in rounds, with up
// to a fifth of the budget, and removes each post a day after it arrived.
//
// The package owns the protocol: rules, messages and their conversion to ops, the budget and
// the rechecks. It leaves the waits between connections to stream.Run, and the merging of
// reposts and edits to package reconcile. Package twitter uses its conventions for
// addresses, language codes and videos.
//
// Its promises, with the test of each:
//
//   - The source reads no more posts a day than the budget, also over restarts and crashes:
//     TestX_DisconnectsWhenTheBudgetIsUsedUp, TestX_TheBudgetSurvivesARestart,
//     TestX_TheSavedCountIsNeverTooSmallAfterACrash, TestX_SpendsNothingThatItCannotSave.
//   - Posts that are deleted, protected or withheld are removed:
//     TestX_RechecksPostsAndTheirParts, TestX_HidesPostsThatALookUpReportsAsHidden.
//   - No post is shown for longer than a day: TestX_RemovesPostsBeforeTheyAreADayOld.
//   - Rules of other programs are not changed, and their posts are not emitted:
//     TestX_SynchronisesTheRulesWithTheConfiguration, TestX_ShowsOnlyPostsOfItsOwnRules.
//   - No log, status or error contains the token: TestX_TheTokenIsSeenNowhere.
//   - The text is divided at the offsets of its entities, and none of it is lost:
//     TestX_CutsEveryRecordedTextExactly.
//   - Stream ends within a second of its context: TestX_EndsWithinASecondInEveryState.
package x
