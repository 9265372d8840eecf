// The minutes of the posts, in labels between the rows.

import { create } from "./dom.js"

// minute returns the minute of a card's post, counted from 1970. It throws if the element isn't a card.
export const minute = card => Math.floor(new Date(card.querySelector(".tweet__age").dateTime) / 60_000)

// markMinute puts the minute of the card below between two cards, if the card above is of a later one, and if the
// minute is later than after. A missing card is undefined.
export function markMinute(above, below, words, after = 0) {
  const now = below && minute(below)
  if (!above || !(now > after) || minute(above) <= now) return
  const tick = create("div", "tick")
  tick.ariaHidden = "true"
  tick.dataset.minute = now
  tick.append(create("span", "tick__label", words.hour(now * 60_000)))
  above.after(tick)
}
