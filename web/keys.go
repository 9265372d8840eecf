package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"sync"

	"golang.org/x/time/rate"
)

// keys are the tokens that may publish, each with its own rate. Two at a time let
// an operator change a token without a moment in which none works.
type keys []key

type key struct {
	digest [sha256.Size]byte
	limit  *rate.Limiter
}

func newKeys(tokens []string) keys {
	var all keys
	for _, token := range tokens {
		all = append(all, key{sha256.Sum256([]byte(token)), newLimit()})
	}
	return all
}

// find returns the rate of the token, or nil if it is none of ours. Digests are
// compared, all of them and in constant time, so that the time taken tells nothing.
func (all keys) find(token string) *rate.Limiter {
	var found *rate.Limiter
	digest := sha256.Sum256([]byte(token))
	for _, k := range all {
		if subtle.ConstantTimeCompare(digest[:], k.digest[:]) == 1 {
			found = k.limit
		}
	}
	return found
}

// failures counts wrong tokens for each address: to guess 32 characters is hopeless,
// but to try costs us log and time.
type failures struct {
	mu     sync.Mutex
	limits map[netip.Prefix]*rate.Limiter
}

// mostAddresses bounds the memory that many senders can take. Beyond it all are
// forgotten, which gives each of them no more than its tries once again.
const mostAddresses = 10_000

func newFailures() *failures { return &failures{limits: map[netip.Prefix]*rate.Limiter{}} }

// allow counts a failure and reports whether it is within the limit.
func (f *failures) allow(from netip.Addr) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	sender := network(from)
	limit := f.limits[sender]
	if limit == nil {
		if len(f.limits) >= mostAddresses {
			clear(f.limits)
		}
		limit = newFailureLimit()
		f.limits[sender] = limit
	}
	return limit.Allow()
}

// network is what one sender has at hand: an IPv4 address, or an IPv6 /64.
func network(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	prefix, _ := addr.Prefix(bits) // fails for no address at all, which counts as one sender
	return prefix
}
