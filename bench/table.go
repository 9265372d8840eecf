package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// writeTable writes the measured columns as a table in Markdown.
func writeTable(out io.Writer, p plan, all results) {
	heads, rules := []string{"peer"}, []string{"---"}
	for _, c := range columns {
		if slices.Contains(p.measures, c.measure) {
			heads, rules = append(heads, c.head), append(rules, "---:")
		}
	}
	writeRow(out, heads)
	writeRow(out, rules)
	for _, peer := range p.peers {
		row := []string{peer.what}
		for _, c := range columns {
			if slices.Contains(p.measures, c.measure) {
				row = append(row, c.cell(peer, all))
			}
		}
		writeRow(out, row)
	}
}

func writeRow(out io.Writer, cells []string) {
	fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
}

// cell is the median over the rounds in which the peer was measured and, if the column is a
// ratio, the peer to which the ratio is.
func (c column) cell(p peer, all results) string {
	runs := all[runKey{p.name, c.measure}]
	var values, busy []float64
	for round, r := range runs {
		if v := c.in(round, r, all); !math.IsNaN(v) && !math.IsInf(v, 0) {
			values, busy = append(values, v), append(busy, r.Busy)
		}
	}
	if len(values) == 0 || c.goOnly && p.installed != nil {
		return "–"
	}
	text := fmt.Sprintf(c.format, median(values))
	if c.loaded && median(busy) > 0.95 {
		text += " †"
	}
	return text
}

// in returns the column's figure in one round, or NaN if a run for it has failed.
func (c column) in(round int, r *result, all results) float64 {
	if r == nil {
		return math.NaN()
	}
	if c.to == "" {
		return c.value(r)
	}
	others := all[runKey{c.to, c.measure}]
	if round >= len(others) || others[round] == nil {
		return math.NaN()
	}
	return c.value(r) / c.value(others[round])
}

// median returns the median of at least one value.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}
