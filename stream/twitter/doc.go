// Package twitter reads Twitter's API v1.1: the streams statuses/filter and
// statuses/sample, and recordings of them.
//
// X has shut down its own servers of this API. The package reads a gateway that speaks the
// same protocol, and recorded messages.
//
// The library go-twitter signs the parameters and starts the connection. Its weaknesses are
// that it hides most errors and reconnects without a wait. So the package gives it a transport
// (type connection) that reports the response, refuses a second request, and copies each
// message before go-twitter decodes it. The package decodes these copies itself.
//
// The API can't resume a stream. After a reconnect, the source reports the gap; the posts of
// that time are lost.
//
// The package owns the protocol: parameters, signatures, framing, messages and their
// conversion to ops. It leaves the waits between connections to stream.Run, the merging of
// reposts to package reconcile, and conventions that X has in both APIs, such as
// addresses and language codes, to package x.
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
