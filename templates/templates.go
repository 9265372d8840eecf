// Package templates renders posts, the page around them, and error pages as HTML.
//
// It owns the markup, and the words of the page in English and Japanese. Package web supplies the
// posts, with addresses that are safe to link to. Colours, layout and motion are in package static.
//
// A card is rendered once, in English, when its post arrives; page and socket get the same HTML.
// In the page, [Placed] adds the offset of the post's event, and [Translate] translates the few fixed
// words of the card, each of which is the only text of an element with the attribute data-t. The
// script does both with cards from the socket. Times are UTC in the markup; the script shows local times.
//
// There are no inline styles and no inline scripts, so that the content security policy can
// forbid both. The page holds the addresses that the script needs in data attributes.
//
// It promises:
//
//   - the text of a post adds no markup to its card: TestCard_HostileTextAddsNoElementsOrAttributes
//   - no link runs a script: TestCard_LinksNeverRunScripts
//   - no accessible name contains a text behind a content warning:
//     TestCard_TheAccessibleNameOmitsCoveredText
//   - ids are unique on a page, and each reference has a target: TestTimeline_IDsAreUniqueAndReferencesResolve
//   - pictures have their size before they are loaded: TestCard_PicturesDeclareTheirSize
//   - both languages have all words: TestWords_AreCompleteInBothLanguages,
//     TestTranslate_LeavesNoEnglishWord, TestWords_HaveEveryKeyThatTheScriptUses
//   - a page of Initial posts has at most 16 KB compressed: TestTimeline_StaysWithinItsSizeBudget
package templates
