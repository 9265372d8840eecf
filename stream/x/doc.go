// Package x reads the filtered stream of the X API v2, and recordings of it.
//
// The rules of the app select the posts. Before it connects, the source adds the configured
// rules and removes its old ones; it doesn't change rules of other programs that use the app.
//
// X bills each post that it sends. So the source has a budget of posts a day, and
// disconnects when the budget is used up. A higher count is saved before posts are read, so
// that the saved count is never too low after a crash.
//
// The stream sends no deletions. So the source looks up the shown posts again at intervals,
// with up to a fifth of the budget, and removes each post at most a day after its arrival.
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
//     TestX_TheSavedCountIsNeverTooLowAfterACrash, TestX_ReadsNoPostsWhoseCountItCannotSave.
//   - Posts that are deleted, protected or withheld are removed:
//     TestX_RechecksPostsAndThoseTheyQuoteOrRepost, TestX_HidesPostsThatALookUpReportsAsHidden.
//   - No post is shown for longer than a day: TestX_RemovesPostsBeforeTheyAreADayOld.
//   - Rules of other programs are not changed, and their posts are not emitted:
//     TestX_AddsConfiguredRulesAndRemovesOnlyItsOwnOldOnes, TestX_ShowsOnlyPostsOfItsOwnRules.
//   - No log, status or error contains the token: TestX_NoLogStatusOrErrorHasTheToken.
//   - The text is divided at the offsets of its entities, and none of it is lost:
//     TestX_DividesEveryRecordedTextExactly.
//   - Stream ends within a second of its context: TestX_EndsWithinASecondInEveryState.
package x
