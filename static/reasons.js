// Why a post is held.

// whyHeld says in words why a post is held. AdminPost.why in package templates does the same.
export function whyHeld(words, why) {
  const [, kind, , detail = ""] = /^(.*?)(: (.*))?$/s.exec(why)
  const most = /^more than (\d+) posts a minute$/.exec(why)?.[1]
  if (most) return words.say("why-rate", { q: most })
  if (why === "the same words as another post") return words.say("why-double")
  return words.say(kind === "moderator" && detail ? "why-reason" : `why-${kind}`, { q: detail }) || why
}
