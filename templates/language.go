package templates

import (
	"strconv"
	"strings"
)

var (
	byKey = index()
	toJa  = translator()
)

// say is the word for key in lang.
func say(lang, key string) string {
	if lang == "ja" {
		return byKey[key].ja
	}
	return byKey[key].en
}

// Translate puts the words of a card, which is rendered in English, into lang.
// It touches only elements marked data-t; the text of a post can't hold such a
// mark, because its quotes are escaped.
func Translate(lang, html string) string {
	if lang == "ja" {
		return toJa.Replace(html)
	}
	return html
}

// Language chooses among the page's languages by an Accept-Language header.
func Language(accept string) string {
	best, lang := 0.0, "en"
	for entry := range strings.SplitSeq(accept, ",") {
		tag, q := weighed(entry)
		if q > best && (tag == "ja" || tag == "en") {
			best, lang = q, tag
		}
	}
	return lang
}

// weighed cuts an entry of Accept-Language, like "ja-JP;q=0.8", into its primary tag and its weight.
func weighed(entry string) (tag string, q float64) {
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
	m := make(map[string]word, len(words))
	for _, w := range words {
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
