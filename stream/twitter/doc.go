// Package twitter reads Twitter's API v1.1: the streams statuses/filter and
// statuses/sample, and recordings of them.
//
// X has shut down its own servers of this API. The package reads a gateway that speaks the
// same protocol, and recorded messages.
//
// The API can't resume a stream. After a reconnect, the source reports the gap; the posts of
// that time are lost.
//
// The package owns the protocol: parameters, signatures, framing, messages and their
// conversion to ops. It leaves the waits between connections to stream.Run, the merging of
// reposts to package reconcile, and conventions that X has in both APIs, such as
// addresses, language codes and waits, to package x. The library oauth1 signs the requests.
//
// Its promises, with the test of each:
//
//   - A message arrives once and in order, however the network divides the bytes:
//     TestTwitter_DeliversOnceAndInOrderHoweverTheStreamIsDivided.
//   - No message ends the source, except a disconnect: TestTwitter_ContinuesAfterAnyMessage.
//   - Direct messages and other private messages are ignored, and locations are not stored:
//     TestTwitter_ContinuesAfterAnyMessage, TestTwitter_KeepsNoLocation.
//   - Posts that are protected, or withheld in the audience's country, are not emitted:
//     TestTwitter_DoesNotShowProtectedAuthors, TestTwitter_HidesPostsThatAreWithheldInTheAudiencesCountry.
//   - No log, status or error contains a key: TestTwitter_NoLogStatusOrErrorHasAKey.
//   - The text is divided at the offsets of its entities, and none of it is lost:
//     TestTwitter_DividesEveryRecordedTextExactly.
//   - Stream ends within a second of its context, without a goroutine left:
//     TestTwitter_StopsAtOnceInEveryState.
//   - An interrupted stream is reported as a gap:
//     TestTwitter_ReconnectsAfter90SecondsOfSilenceAndReportsTheGap.
package twitter
