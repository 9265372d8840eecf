package web_test

import (
	"fmt"
	"strings"
	"testing"
)

// longStates lists the texts of the header in all states, with the longest values.
const longStates = `(() => {
	const pill = document.getElementById("pill")
	const values = { n: "1,234", time: "23:59", reason: "too many messages" }
	const say = key => document.getElementById("words").getAttribute("data-" + key).replace(/{(\w+)}/g, (_, name) => values[name])
	const states = { live: ["slow", "limited", "fast"], paused: ["paused"], reading: ["reading"], reconnecting: ["reconnecting", "refused", "old"],
		offline: ["offline"], recovered: ["recovered-other"], gap: ["gap-other", "gap-unknown"], "none-coming": ["none-coming"], connecting: ["connecting"] }
	return Object.entries(states).flatMap(([state, keys]) => keys.map(key => {
		document.documentElement.dataset.state = state
		document.getElementById("status").textContent = say(key)
		document.documentElement.toggleAttribute("data-long", say(key).length > 16) // as the script does for a long text
		document.getElementById("now").hidden = key !== "reconnecting"
		const line = document.querySelector(".state__line")
		const wrong = [
			box(document.querySelector(".header")).height > most && "the header is " + box(document.querySelector(".header")).height + " px high",
			line.scrollWidth > line.clientWidth + 1 && "the words are cut",
			overlap(document.querySelector(".header__site"), document.querySelector(".state")) && "they cover the name",
			overlap(document.querySelector(".state"), document.getElementById("pause")) && "they cover the button",
			pill.checkVisibility() && overlap(document.querySelector(".state__line"), pill) && "they cover the pill",
			pill.checkVisibility() && overlap(pill, document.getElementById("pause")) && "the pill covers the button",
			pill.checkVisibility() && box(pill).bottom > box(document.querySelector(".header")).bottom && "the pill covers the posts",
			document.documentElement.scrollWidth > innerWidth && "the page is too wide",
		].filter(Boolean)
		return wrong.length > 0 ? key + ": " + wrong.join(", ") : ""
	})).filter(Boolean)
})()`

func TestPage_TheTextOfEachStateFitsIntoTheHeader(t *testing.T) {
	t.Parallel()
	s := newSite(t, 0)
	s.publish(1)
	for _, lang := range []string{"en", "ja"} {
		for _, c := range []struct{ width, most int64 }{{1280, 58}, {768, 58}, {390, 58}, {320, 80}} {
			b := openLive(t, s, "/?lang="+lang, window(c.width, 900), preload(shapes))
			for _, waiting := range []int{0, 24, 499} {
				b.run(fmt.Sprintf(`globalThis.most = %d, pill.hidden = %t, pill.dataset.count = %d, pill.textContent = document.getElementById("words").dataset.pillOther.replace("{n}", %[3]d)`, c.most, waiting == 0, waiting))
				if wrong := eval[[]string](b, longStates); len(wrong) > 0 {
					t.Errorf("%s, %d px, %d posts wait:\n%s", lang, c.width, waiting, strings.Join(wrong, "\n"))
				}
			}
		}
	}
}
