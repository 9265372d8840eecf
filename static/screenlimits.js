// The limits of unattended screens.

export const known = 60 // posts that a screen knows
export const keep = 40 // posts that a screen asks to keep
export const waiting = 8 // new posts that wait for their turn on a screen; older ones are left out …
export const approved = 40 // … except those that a moderator has approved, of which so many can wait
export const refreshMs = 5_000 // between two attempts to fetch the page
export const lostMs = 30_000 // a screen says after this long that its connection is lost
export const renewalMs = 60_000 // between two questions for the revision of the pages
export const driftMs = 60_000 // between two moves of the picture by a pixel
export const idleMs = 3_000 // the pointer is hidden after this long
