package templates

import (
	"slices"
	"strconv"
	"strings"
)

var (
	byKey = index()
	toJa  = translator()
)

// phrase returns the text with the given key in the language lang.
func phrase(lang, key string) string {
	if lang == "ja" {
		return byKey[key].ja
	}
	return byKey[key].en
}

// Translate translates the fixed words of a card, which is rendered in English, into lang. It
// changes only elements with the attribute data-t. The text of a post can't contain such an
// element, because its quotes are escaped.
func Translate(lang, html string) string {
	if lang == "ja" {
		return toJa.Replace(html)
	}
	return html
}

// Language returns the language of the page, "en" or "ja", that an Accept-Language header prefers,
// and "en" if the header names neither.
func Language(accept string) string {
	best, lang := 0.0, "en"
	for entry := range strings.SplitSeq(accept, ",") {
		tag, q := parseLanguage(entry)
		if q > best && (tag == "ja" || tag == "en") {
			best, lang = q, tag
		}
	}
	return lang
}

// parseLanguage parses an entry of Accept-Language, such as "ja-JP;q=0.8", into its primary tag
// and its weight.
func parseLanguage(entry string) (tag string, q float64) {
	tag, weight, found := strings.Cut(strings.TrimSpace(entry), ";")
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	if !found {
		return primary, 1
	}
	q, err := strconv.ParseFloat(strings.TrimPrefix(strings.TrimSpace(weight), "q="), 64)
	if err != nil {
		return primary, 0
	}
	return primary, q
}

func index() map[string]word {
	m := make(map[string]word, len(words)+len(pageWords)+len(adminWords))
	for _, w := range slices.Concat(words, pageWords, adminWords) {
		m[w.key] = w
	}
	return m
}

func translator() *strings.Replacer {
	var pairs []string
	for _, w := range words {
		mark := `data-t="` + w.key + `">`
		pairs = append(pairs, mark+w.en+"<", mark+w.ja+"<")
	}
	return strings.NewReplacer(pairs...)
}
