package web

import (
	"net/http"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"nagare/hub"
	"nagare/stream"
)

// Metrics serves GET /metrics in Prometheus' format. It should have a separate listener that only
// the operator can reach. The gauges are of other parts of the program.
func Metrics(h *hub.Hub, t *Timeline, lookups *stream.Lookups, gauges ...Gauge) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		gauge("connections", "Open connections, WebSockets and streams.", func() float64 { return float64(h.Stats().Connections) }),
		gauge("posts_kept", "Posts that the log holds.", func() float64 { return float64(t.Kept()) }),
		counter("posts_total", "Posts created.", func() float64 { return float64(t.Posts()) }),
		counter("delivered_total", "Events written to connections.", func() float64 { return float64(h.Stats().Delivered) }),
		counter("gaps_total", "Gap and reset notices: a reader's next event was not held any more.", func() float64 { return float64(h.Stats().Gaps) }),
		counter("slow_total", "Slow consumers that were dropped.", func() float64 { return float64(h.Stats().Slow) }),
		counters("closed_total", "code", "WebSockets that the server decided to close, by close code, counted before the client learns of it.", func() map[int]uint64 { return h.Stats().Closed }),
		sourceMetrics{t},
		lookupMetrics{lookups},
		counters("refused_total", "status", "Requests for a connection that were refused, by HTTP status.", func() map[int]uint64 { return h.Stats().Refused }),
	)
	for _, g := range gauges {
		registry.MustRegister(gauge(g.Name, g.Help, g.number))
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

// Gauge is a metric that is 1 while something is the case, and 0 otherwise.
type Gauge struct {
	Name string // without the prefix of all metrics
	Help string
	Is   func() bool
}

func (g Gauge) number() float64 {
	if g.Is() {
		return 1
	}
	return 0
}

func gauge(name, help string, read func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "nagare", Name: name, Help: help}, read)
}

func counter(name, help string, read func() float64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "nagare", Name: name, Help: help}, read)
}

// sourceMetrics collects the metrics of each source.
type sourceMetrics struct{ timeline *Timeline }

var (
	faultDesc = prometheus.NewDesc("nagare_source_fault", "What is wrong with a source, by class: it has no connection, or one that brings no posts; absent if nothing is.", []string{"source", "fault"}, nil)
	liveDesc  = prometheus.NewDesc("nagare_source_live", "Whether a source is connected and nothing is wrong.", []string{"source"}, nil)
	gapsDesc  = prometheus.NewDesc("nagare_source_gaps_total", "Gaps in what a source delivered.", []string{"source"}, nil)
	usedDesc  = prometheus.NewDesc("nagare_source_quota_used", "What a source has used of its quota: posts of the day's budget, or requests of the server's rate limit; absent if unknown.", []string{"source", "unit"}, nil)
	quotaDesc = prometheus.NewDesc("nagare_source_quota", "How much a source may use until the reset.", []string{"source", "unit"}, nil)
	resetDesc = prometheus.NewDesc("nagare_source_quota_reset_timestamp_seconds", "When the quota of a source starts again.", []string{"source", "unit"}, nil)
	spentDesc = prometheus.NewDesc("nagare_source_spent_dollars", "The price of the posts that a source has read since the last reset of its quota; absent if they have no known price.", []string{"source"}, nil)
	lostDesc  = prometheus.NewDesc("nagare_source_lost_total", "Posts of a source that were dropped because too many came at once.", []string{"source"}, nil)
)

func (sourceMetrics) Describe(to chan<- *prometheus.Desc) {
	to <- liveDesc
	to <- faultDesc
	to <- lostDesc
	to <- gapsDesc
	to <- usedDesc
	to <- quotaDesc
	to <- resetDesc
	to <- spentDesc
}

func (m sourceMetrics) Collect(to chan<- prometheus.Metric) {
	for _, s := range m.timeline.Sources() {
		live := 0.0
		if s.Connected() {
			live = 1
		}
		to <- prometheus.MustNewConstMetric(liveDesc, prometheus.GaugeValue, live, s.Name)
		if s.Fault != "" {
			to <- prometheus.MustNewConstMetric(faultDesc, prometheus.GaugeValue, 1, s.Name, string(s.Fault))
		}
		to <- prometheus.MustNewConstMetric(lostDesc, prometheus.CounterValue, float64(s.Lost), s.Name)
		to <- prometheus.MustNewConstMetric(gapsDesc, prometheus.CounterValue, float64(s.Gaps), s.Name)
	}
	for name, q := range m.timeline.Quotas() {
		collectQuota(to, name, q)
	}
}

func collectQuota(to chan<- prometheus.Metric, name string, q stream.Quota) {
	gauge := func(desc *prometheus.Desc, n float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, n, labels...)
	}
	gauge(usedDesc, float64(q.Used), name, string(q.Unit))
	gauge(quotaDesc, float64(q.Limit), name, string(q.Unit))
	gauge(resetDesc, float64(q.Reset.Unix()), name, string(q.Unit))
	if q.Price > 0 {
		gauge(spentDesc, q.Spent(), name)
	}
}

// numberedCounter is a set of counters, one for each number that has occurred, such as a close
// code.
type numberedCounter struct {
	desc *prometheus.Desc
	read func() map[int]uint64
}

func counters(name, label, help string, read func() map[int]uint64) prometheus.Collector {
	return numberedCounter{prometheus.NewDesc("nagare_"+name, help, []string{label}, nil), read}
}

func (n numberedCounter) Describe(to chan<- *prometheus.Desc) { to <- n.desc }

func (n numberedCounter) Collect(to chan<- prometheus.Metric) {
	for number, count := range n.read() {
		to <- prometheus.MustNewConstMetric(n.desc, prometheus.CounterValue, float64(count), strconv.Itoa(number))
	}
}
