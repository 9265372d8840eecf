package bluesky

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"nagare/stream"
	"nagare/stream/internal/fetch"
	"nagare/stream/internal/text"
)

// profileWait is how long a lookup may take before it counts as failed.
const profileWait = 10 * time.Second

// largestAnswer is the most bytes of a response: 25 quoted posts with 3,000 bytes of text each,
// and everything that belongs to them.
const largestAnswer = 4 << 20

// profile is an author in the public API. Its labels include those of moderators, which the
// stream doesn't send.
type profile struct {
	DID         string  `json:"did"`
	Handle      string  `json:"handle"`
	DisplayName string  `json:"displayName"`
	Avatar      string  `json:"avatar"`
	Labels      []label `json:"labels"`
}

func (f *profile) author() stream.Author {
	author := unknownAuthor(f.DID)
	author.Name, author.Avatar = f.DisplayName, text.WebAddress(f.Avatar)
	if f.Handle != "" && f.Handle != "handle.invalid" {
		author.Handle = f.Handle
	}
	return author
}

// answer is the result of a lookup of posts or of authors.
type answer[T any] struct {
	keys  []string      // the addresses or DIDs that were looked up
	found map[string]*T // by key; what doesn't exist is absent
	err   error
}

func answerOf[T any](keys []string, found []*T, key func(*T) string, err error) answer[T] {
	a := answer[T]{keys, map[string]*T{}, err}
	for _, item := range found {
		if item != nil {
			a.found[key(item)] = item
		}
	}
	return a
}

// lookUpProfiles requests the profiles of authors.
func (b *Source) lookUpProfiles(ctx context.Context, dids []string) answer[profile] {
	var body struct {
		Profiles []*profile `json:"profiles"`
	}
	err := b.ask(ctx, "profiles", "app.bsky.actor.getProfiles", url.Values{"actors": dids}, &body)
	return answerOf(dids, body.Profiles, func(p *profile) string { return p.DID }, err)
}

// ask calls a method of the public API, and counts the request as a lookup of what. A field of
// the wrong type in the response is skipped, because users write the records.
func (b *Source) ask(ctx context.Context, what, method string, query url.Values, into any) error {
	ctx, cancel := context.WithTimeout(ctx, profileWait)
	defer cancel()
	address := strings.TrimSuffix(cmp.Or(b.Profiles, profilesAPI), "/") + "/xrpc/" + method + "?" + query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return stream.Permanent(errors.New("the address of the API is not valid"))
	}
	req.Header.Set("User-Agent", fetch.UserAgent)
	header, err := fetch.JSON(b.client, req, isOwnError, largestAnswer, into)
	b.clock.Header(header)
	b.rate.Header(header)
	if _, odd := errors.AsType[*json.UnmarshalTypeError](err); odd {
		err = nil
	}
	b.Counts.Add(b.Network()+" "+what, err)
	return err
}
