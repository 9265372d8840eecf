package web

import (
	"github.com/prometheus/client_golang/prometheus"

	"nagare/stream"
)

// lookupMetrics collects how often the sources looked up authors and posts.
type lookupMetrics struct{ lookups *stream.Lookups }

var lookupsDesc = prometheus.NewDesc("nagare_lookups_total", "Requests of sources for authors and posts, by result: ok, limited, refused or failed.", []string{"of", "result"}, nil)

func (lookupMetrics) Describe(to chan<- *prometheus.Desc) { to <- lookupsDesc }

func (m lookupMetrics) Collect(to chan<- prometheus.Metric) {
	for kind, n := range m.lookups.Counts() {
		to <- prometheus.MustNewConstMetric(lookupsDesc, prometheus.CounterValue, float64(n), kind.Of, kind.Result)
	}
}
