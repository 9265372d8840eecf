package web

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"nagare/hub"
)

// Metrics serves GET /metrics in Prometheus' format. It is meant for a listener of
// its own, where only the operator gets.
func Metrics(h *hub.Hub, t *Timeline) http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		gauge("connections", "WebSocket connections open now.", func() float64 { return float64(h.Stats().Connections) }),
		gauge("posts_kept", "Posts that the log still holds.", func() float64 { return float64(t.Kept()) }),
		counter("posts_total", "Posts created.", func() float64 { return float64(t.Posts()) }),
		counter("delivered_total", "Events written to connections.", func() float64 { return float64(h.Stats().Delivered) }),
		counter("gaps_total", "Gaps announced to readers that were overrun.", func() float64 { return float64(h.Stats().Gaps) }),
		counter("slow_total", "Connections dropped for taking nothing.", func() float64 { return float64(h.Stats().Slow) }),
	)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	return mux
}

func gauge(name, help string, read func() float64) prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "nagare", Name: name, Help: help}, read)
}

func counter(name, help string, read func() float64) prometheus.Collector {
	return prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "nagare", Name: name, Help: help}, read)
}
