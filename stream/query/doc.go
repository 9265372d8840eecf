// Package query is the language in which readers say which posts they want:
//
//	ferry "live music"         all of these words and phrases
//	#tokyo                     a hashtag
//	@mio  from:mio             mio is the author, mentioned or replied to; mio is the author
//	lang:ja  source:bluesky    the language; the network
//	domain:town.example        a link to it, or an author of it; also of what is below it
//	has:media                  also link, poll, quote
//	is:reply                   also repost, sensitive, bot
//	-spam  -is:repost          a minus excludes what follows it
//
// One matcher serves all uses, so that a live page, a search in a store and a feed find the same
// posts. What is matched of a post is a text, folded by package fold, and the exact properties of the
// post, its terms. Package stream makes both of a post. A word or phrase must begin and end at word
// boundaries, and is found in any spelling that a reader takes for the same.
//
// The canonical form of a query, [Query.String], is folded and sorted: queries with one canonical form
// match the same posts, and it is the key of caches.
//
// It promises:
//
//   - No text breaks the parser, and a canonical form is its own canonical form: FuzzParse
//   - An error names the part of the query that is wrong: TestParse_SaysWhatIsWrongAndWhere
//   - What matches in memory is what each store finds: TestQuery_AllStoresFindWhatMatches in package main
package query
