package main

// column is a column of the printed table: a figure of one measure, or the ratio of that
// figure to another peer's.
type column struct {
	head    string
	measure string
	value   func(*result) float64
	to      string // the peer to which the ratio is; "" if the column has no ratio
	format  string
	goOnly  bool // only Go servers have this figure
	loaded  bool // the figure gets a mark if the load was perhaps the bottleneck
}

func cpu(r *result) float64       { return r.CPU }
func perSecond(r *result) float64 { return r.PerSecond }
func p99(r *result) float64       { return r.P99 }

var columns = []column{
	{head: "10 msg/s: CPU ÷ raw", measure: "rate", value: cpu, to: "raw", format: "%.2f"},
	{head: "µs", measure: "rate", value: cpu, format: "%.1f"},
	{head: "p50 ms", measure: "rate", value: func(r *result) float64 { return r.P50 }, format: "%.1f"},
	{head: "p99 ms", measure: "rate", value: p99, format: "%.1f"},

	{head: "full load: CPU ÷ raw", measure: "full", value: cpu, to: "raw", format: "%.2f"},
	{head: "µs", measure: "full", value: cpu, format: "%.1f"},
	{head: "deliveries/s", measure: "full", value: perSecond, format: "%.0f", loaded: true},
	{head: "÷ centrifuge", measure: "full", value: perSecond, to: "centrifuge", format: "%.2f"},
	{head: "p50 ms", measure: "full", value: func(r *result) float64 { return r.P50 }, format: "%.1f"},
	{head: "p99 ms", measure: "full", value: p99, format: "%.1f"},
	{head: "÷ centrifuge", measure: "full", value: p99, to: "centrifuge", format: "%.2f"},
	{head: "allocations", measure: "full", value: func(r *result) float64 { return r.Allocs }, format: "%.2f", goOnly: true},

	{head: "burst: deliveries/s", measure: "burst", value: perSecond, format: "%.0f", loaded: true},
	{head: "÷ gorilla", measure: "burst", value: perSecond, to: "gorilla", format: "%.2f"},
	{head: "lost %", measure: "burst", value: func(r *result) float64 { return 100 * r.Lost }, format: "%.1f"},
	{head: "closed", measure: "burst", value: func(r *result) float64 { return float64(r.Closed) }, format: "%.0f"},

	{head: "idle: KiB resident", measure: "idle", value: func(r *result) float64 { return r.Resident }, format: "%.1f"},
	{head: "KiB in use", measure: "idle", value: func(r *result) float64 { return r.InUse }, format: "%.1f", goOnly: true},
	{head: "goroutines", measure: "idle", value: func(r *result) float64 { return r.Goroutines }, format: "%.1f", goOnly: true},

	{head: "views: µs a message", measure: "views", value: func(r *result) float64 { return r.Views }, format: "%.0f"},
	{head: "of which filters", measure: "views", value: func(r *result) float64 { return r.Asking }, format: "%.0f"},
	{head: "rest ÷ without filters", measure: "views", value: func(r *result) float64 { return (r.Views - r.Asking) / r.Plain }, format: "%.2f"},
}
