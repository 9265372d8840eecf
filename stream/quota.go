package stream

import "time"

// Quota is how much of a limit a source has used. The zero value means that this is unknown.
type Quota struct {
	Unit  QuotaUnit
	Used  int
	Limit int
	Reset time.Time // when the count starts again at 0
	Price float64   // US dollars for each; 0: unknown, or free
}

// QuotaUnit is what a quota counts.
type QuotaUnit string

// What a quota counts.
const (
	QuotaPosts    QuotaUnit = "posts"    // read within the budget of the operator, which a restart doesn't reset
	QuotaRequests QuotaUnit = "requests" // within the rate limit of a server, as of its last response
)

// Left is how much may still be used.
func (q Quota) Left() int { return max(q.Limit-q.Used, 0) }

// Spent is the money for what is used, in US dollars.
func (q Quota) Spent() float64 { return float64(q.Used) * q.Price }

// Most is the money for all of the limit, in US dollars.
func (q Quota) Most() float64 { return float64(q.Limit) * q.Price }

// Quotas returns the quota of each of the sources that knows it, by the name of the source.
func Quotas(sources []Source) map[string]Quota {
	all := map[string]Quota{}
	for _, src := range sources {
		if q := quota(src); q != (Quota{}) {
			all[name(src)] = q
		}
	}
	return all
}

// quota is the quota of src, or zero.
func quota(src Source) Quota {
	if s, ok := src.(interface{ Quota() Quota }); ok {
		return s.Quota()
	}
	return Quota{}
}
