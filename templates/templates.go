// Package templates is how a post, the page around it and an error look as HTML.
//
// It owns the markup, and the words for people in English and Japanese.
// It leaves to others where posts come from and whether an address in them may
// be followed (web), and how the page is coloured and what moves (static).
//
// A card is rendered once, in English, when its post arrives; the page and the
// socket carry the same bytes. [Placed] then stamps the offset of its event on
// it, and [Translate] puts the page's language into its few fixed words, which
// stand each alone in an element marked data-t. The script does both to cards
// from the socket. Times are UTC in the markup; the script shows the reader's.
//
// There is no inline style and no inline script, so that the page may forbid both.
//
// It promises, and these tests hold it to that:
//
//   - what others wrote is only ever text: TestCard_HostileTextIsInert
//   - no link runs anything: TestCard_LinksNeverRunScripts
//   - a covered text does not give itself away: TestCard_TheAccessibleNameOmitsCoveredText
//   - ids are unique on a page and point somewhere: TestTimeline_IDsAreUniqueAndReferencesResolve
//   - pictures have room before they arrive: TestCard_PicturesDeclareTheirSize
//   - both languages say everything: TestWords_AreCompleteInBothLanguages,
//     TestTranslate_LeavesNoEnglishWord, TestWords_HaveEveryKeyOfTheScript
//   - a page is light: TestTimeline_StaysUnderItsBudget
package templates
