// Rows for posts that have waited.

import * as limits from "./limits.js"

// rowsOf yields rows for waiting posts and gaps, which are ordered oldest first. The rows are ordered newest first:
// cards for the newest posts, up to most, and folded rows for the others. If the list begins with a folded row,
// the oldest posts join that row. dropped is the number of posts missing before the first; NaN if unknown.
export function* rowsOf(waiting, most, dropped, feed) {
  let rest = []
  for (const item of waiting.toReversed()) {
    if (!item.html) {
      yield* folded(rest.splice(0), feed)
      yield feed.gaps.row(item.missed)
    } else if (most-- > 0) yield feed.row(item)
    else rest.unshift(item)
  }
  const joins = rest.length > 0 && dropped === 0 && feed.fold(rest)
  if (!joins) yield* folded(rest, feed)
  if (dropped !== 0) yield feed.gaps.row(dropped)
}

// folded yields a folded row, or cards if the posts are too few for one.
function* folded(posts, feed) {
  if (posts.length >= limits.fold) yield feed.runs.row(posts)
  else for (const post of posts.toReversed()) yield feed.row(post)
}
