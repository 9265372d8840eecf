package text

import (
	"slices"
	"strings"
)

// WithheldIn reports whether countries include country. Two codes of Twitter mean all
// countries: XX, and XY if the reason is copyright.
func WithheldIn(countries []string, country string) bool {
	return slices.ContainsFunc(countries, func(c string) bool {
		return c == "XX" || c == "XY" || country != "" && strings.EqualFold(c, country)
	})
}

// Countries returns the valid country codes of all lists, sorted and without duplicates.
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
