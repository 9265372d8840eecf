package bluesky

import "log/slog"

// mostOddities bounds how many kinds are told apart: what is odd comes from a network.
const mostAnomalies = 100

// bskyOddities counts what could not be used, and tells of each kind once.
type anomalies map[string]uint64

func (o *anomalies) note(log *slog.Logger, err error) {
	if err == nil {
		return
	}
	if *o == nil {
		*o = anomalies{}
	}
	kind := err.Error()
	if _, known := (*o)[kind]; !known && len(*o) >= mostAnomalies {
		kind = "others"
	}
	if (*o)[kind]++; (*o)[kind] == 1 {
		log.Debug("something odd, told once", "err", kind)
	}
}
