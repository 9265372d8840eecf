// The numbers that only the script uses. The page supplies those that the server needs too.

import { find } from "./dom.js"

export const limits = {
  // The list
  cap: 200, // cards
  capOlder: 400, // cards, after which older posts open as a page of their own
  pending: 500, // waiting posts kept as data; the oldest of more become a gap
  deleted: 1000, // ids of deleted posts remembered
  recent: Number(find("feed").dataset.recent), // posts requested when too many were missed

  // Arrival
  topPx: 24, // distance from the top that still counts as the top
  batchMs: 500, // between two batches of new cards
  viewS: 9, // for new cards to fill the window once
  fold: 3, // posts in a folded row at least
  fast: 5, // posts per second that are too many to show …
  fastS: 5, // … after this many seconds
  holdMs: 600, // arrivals wait this long after the reader has let go …
  pointerMs: 4_000, // … or has moved the pointer over the list
  glideMs: 280, // duration of the scroll up to the new cards
  washMs: 2_400, // a card is marked as new

  // Status
  tickMs: 10_000, // between two updates of the ages
  announceMs: 15_000, // between two announcements of new posts
  newsMs: 4_000, // "Back." is shown

  // Connection
  helloMs: 5_000, // for a connection to open
  deadMs: 45_000, // without a frame: the connection is dead
  probeMs: 5_000, // for an answer to a probe, and between two resubscriptions
  settleMs: 2_000, // for frames in transit, before the channel counts as lagging
  firstMs: 500, // the first back-off …
  longestMs: 30_000, // … doubles up to this
  steadyMs: 30_000, // after being connected for this long the back-off starts over
  restartMs: 5_000, // the longest wait after the server announced a restart
  policyMs: 30_000, // the shortest wait after the server reported a policy violation
  upgradeMs: 300_000, // between two attempts to replace a slower link by a WebSocket
  pollMs: 2_000, // between two polls
  pollS: 20, // seconds that the server may keep a poll waiting
}
