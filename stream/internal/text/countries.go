package text

import (
	"slices"
	"strings"
)

// withheldIn reports whether a post or user may not be shown in country. XX is
// everywhere, and XY everywhere for its copyright.
func WithheldIn(countries []string, country string) bool {
	return slices.ContainsFunc(countries, func(c string) bool {
		return c == "XX" || c == "XY" || country != "" && strings.EqualFold(c, country)
	})
}

// countries are the codes in lists that are some, each once, in order.
func Countries(lists ...[]string) []string {
	var out []string
	for _, c := range slices.Concat(lists...) {
		if c = strings.ToUpper(c); len(c) == 2 && strings.Trim(c, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
			out = append(out, c)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
