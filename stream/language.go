package stream

import (
	"slices"
	"strings"

	"golang.org/x/text/language"
)

// languageTag is a language, and the variety of it if the tag names one.
type languageTag struct {
	raw      string          // in lower case
	language string          // the canonical code; empty if the tag is not known
	script   string          // empty if the tag names neither a script nor a region
	region   language.Region // anyRegion if the tag names none
}

var anyRegion language.Region

// sameLanguage has codes that are used for one language.
var sameLanguage = map[string]string{"nb": "no", "nn": "no"}

// ParseLanguage returns the canonical code of the language of a tag, without its script and
// region, as in "zh" for "zh-TW" and "he" for the outdated "iw". It returns "" if the tag names
// no known language.
func ParseLanguage(tag string) string { return parseLanguage(tag).language }

func parseLanguages(tags []string) (all []languageTag) {
	for _, tag := range tags {
		all = append(all, parseLanguage(tag))
	}
	return all
}

func parseLanguage(tag string) languageTag {
	t := languageTag{raw: strings.ToLower(strings.ReplaceAll(tag, "_", "-"))}
	parsed, err := language.All.Parse(tag)
	base, script, region := parsed.Raw()
	if err != nil || base.String() == "und" {
		return t
	}
	t.language = base.String()
	if same, ok := sameLanguage[t.language]; ok {
		t.language = same
	}
	if region != anyRegion {
		t.region = region
		script, _ = parsed.Script() // the usual script of the region: Hant for zh-TW
	}
	if name := script.String(); name != "Zzzz" {
		t.script = name
	}
	return t
}

// isInWantedLanguage reports whether the post is in one of the wanted languages.
func (f *Filter) isInWantedLanguage(p *Post) bool {
	if slices.ContainsFunc(f.languages, func(wanted languageTag) bool { return wanted.raw == strings.ToLower(p.Lang) }) {
		return true
	}
	return slices.ContainsFunc(append([]string{p.Lang}, p.MoreLangs...), func(tag string) bool {
		given := parseLanguage(tag)
		return slices.ContainsFunc(f.languages, func(wanted languageTag) bool { return wanted.includes(given) })
	})
}

// includes reports whether a text in the language given is one that t asks for. A language
// includes its varieties. A text whose tag names no variety may be in any, because most authors
// and some networks name none: it is included too.
func (t languageTag) includes(given languageTag) bool {
	switch {
	case given.raw == t.raw || strings.HasPrefix(given.raw, t.raw+"-"):
		return true
	case t.language == "" || t.language != given.language:
		return false
	case t.script == "" || given.script == "":
		return true
	case t.script != given.script:
		return false
	}
	return t.region == anyRegion || given.region == anyRegion || t.region == given.region || t.region.Contains(given.region)
}
