// The limits that only the script uses. The page supplies those that the server uses, too.

// The list
export const cap = 200 // cards that the list keeps when new ones arrive
export const capOlder = 400 // cards that the list keeps when the reader adds pages of older or newer posts
export const pending = 500 // waiting posts kept, and posts kept in folded rows; older ones are dropped
export const deleted = 1000 // ids of deleted posts remembered
export const recent = Number(document.querySelector("[data-recent]").dataset.recent) // newest posts to request if too many were missed to send them all

// Arrival
export const topPx = 24 // distance from the top of the page that still counts as the top
export const batchMs = 500 // the shortest time between two batches of new cards
export const viewS = 9 // new cards take at least this long to fill the window once
export const fold = 3 // the least number of posts in a folded row
export const fast = 5 // posts per second that are too many to show …
export const fastS = 5 // … in each of this many seconds
export const holdMs = 600 // new cards wait this long after the reader stops using the list …
export const pointerMs = 4_000 // … or has moved the pointer over the list
export const glideMs = 280 // duration of the list's way down below new cards
export const washMs = 2_400 // a card is marked as new for this long

// Status
export const tickMs = 10_000 // between two updates of the ages
export const announceMs = 15_000 // the shortest time from any announcement to one of new posts
export const newsMs = 4_000 // news, such as "Back.", is shown in the header for this long

// Connection
export const helloMs = 5_000 // the longest wait for the first frame of a connection
export const deadMs = 45_000 // after this long without a frame a connection counts as dead
export const probeMs = 5_000 // the longest wait for the answer to a probe, and the shortest between two resubscriptions
export const settleMs = 2_000 // the wait for events in transit, before a channel counts as behind
export const pauseMs = 300 // without an event for this long, a channel with a filter has received what it missed
export const firstMs = 500 // the longest first back-off …
export const longestMs = 30_000 // … which doubles with each try up to this
export const steadyMs = 30_000 // after being connected for this long the back-off starts over
export const restartMs = 5_000 // the longest wait after a restart, if the server gave no delay
export const policyMs = 30_000 // the shortest wait after the server reported a policy violation
export const upgradeMs = 300_000 // between two attempts to replace polls or an event stream by a WebSocket
export const pollMs = 2_000 // between two polls
export const pollS = 20 // the longest time that the server keeps a poll waiting
