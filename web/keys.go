package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"nagare/stream"
)

// The limits of POST and DELETE /streaming.
const (
	postsASecond    = 64  // sustained rate for each token
	postsAtOnce     = 128 // burst for each token
	failuresAMinute = 10  // wrong tokens from one address
)

// keys are the tokens that permit to publish, each with its own rate limit. There can be several,
// so that an operator can replace a token without an interruption.
type keys []key

type key struct {
	digest [sha256.Size]byte // of the token
	limit  *rate.Limiter
}

func newKeys(tokens []stream.Secret) keys {
	var all keys
	for _, token := range tokens {
		all = append(all, key{sha256.Sum256([]byte(token)), rate.NewLimiter(postsASecond, postsAtOnce)})
	}
	return all
}

// find returns the rate limiter of the token, or nil if the token is wrong. It compares the
// digests of all tokens in constant time, so that the duration reveals nothing about the tokens.
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

// failures limits the rate of wrong tokens from each address. Nobody can guess a token of 32
// characters, but each attempt takes time and a line in the log.
type failures struct {
	mu     sync.Mutex
	limits map[netip.Prefix]*rate.Limiter
}

// mostAddresses limits the memory for addresses. When there are more, the counts of all addresses
// are reset, which only allows each address ten more failures.
const mostAddresses = 10_000

func newFailures() *failures { return &failures{limits: map[netip.Prefix]*rate.Limiter{}} }

// allow counts a failure from an address and reports whether it is within the address's limit.
func (f *failures) allow(from netip.Addr) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	sender := network(from)
	limit := f.limits[sender]
	if limit == nil {
		if len(f.limits) >= mostAddresses {
			clear(f.limits)
		}
		limit = rate.NewLimiter(rate.Every(time.Minute/failuresAMinute), failuresAMinute)
		f.limits[sender] = limit
	}
	return limit.Allow()
}

// network returns the range of addresses that belongs to one sender: a single IPv4 address, or an
// IPv6 /64.
func network(addr netip.Addr) netip.Prefix {
	bits := 32
	if addr.Is6() {
		bits = 64
	}
	prefix, _ := addr.Prefix(bits) // all invalid addresses count as one sender
	return prefix
}
