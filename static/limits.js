// The limits that only the script uses. The page supplies those that the server uses, too.

import { find } from "./dom.js"

export const limits = {
  // The list
  cap: 200, // cards that the list keeps when new ones arrive
  capOlder: 400, // cards in the list, from which on older posts open as a new page
  pending: 500, // waiting posts kept, and posts kept in folded rows; older ones are dropped
  deleted: 1000, // ids of deleted posts remembered
  recent: Number(find("feed").dataset.recent), // newest posts to request if too many were missed to send them all

  // Arrival
  topPx: 24, // distance from the top of the page that still counts as the top
  batchMs: 500, // the shortest time between two batches of new cards
  viewS: 9, // new cards take at least this long to fill the window once
  fold: 3, // the least number of posts in a folded row
  fast: 5, // posts per second that are too many to show …
  fastS: 5, // … in each of this many seconds
  holdMs: 600, // new cards wait this long after the reader stops using the list …
  pointerMs: 4_000, // … or has moved the pointer over the list
  glideMs: 280, // duration of the scroll up to the new cards
  washMs: 2_400, // a card is marked as new for this long

  // Status
  tickMs: 10_000, // between two updates of the ages
  announceMs: 15_000, // the shortest time from any announcement to one of new posts
  newsMs: 4_000, // news, such as "Back.", is shown in the header for this long

  // Connection
  helloMs: 5_000, // the longest wait for the first frame of a connection
  deadMs: 45_000, // after this long without a frame a connection counts as dead
  probeMs: 5_000, // the longest wait for the answer to a probe, and the shortest between two resubscriptions
  settleMs: 2_000, // the wait for events in transit, before a channel counts as behind
  firstMs: 500, // the longest first back-off …
  longestMs: 30_000, // … which doubles with each try up to this
  steadyMs: 30_000, // after being connected for this long the back-off starts over
  restartMs: 5_000, // the longest wait after a restart, if the server gave no delay
  policyMs: 30_000, // the shortest wait after the server reported a policy violation
  upgradeMs: 300_000, // between two attempts to replace polls or an event stream by a WebSocket
  pollMs: 2_000, // between two polls
  pollS: 20, // the longest time that the server keeps a poll waiting
}
