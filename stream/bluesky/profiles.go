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

// profileWait is how long a look-up may take before it counts as failed.
const profileWait = 10 * time.Second

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

// lookupResult is the result of a look-up.
type lookupResult struct {
	dids  []string
	found map[string]*profile // by DID; authors who don't exist are absent
	err   error
}

// lookUp requests profiles.
func (b *Source) lookUp(ctx context.Context, dids []string) lookupResult {
	ctx, cancel := context.WithTimeout(ctx, profileWait)
	defer cancel()
	answer := lookupResult{dids: dids, found: map[string]*profile{}}
	address := strings.TrimSuffix(cmp.Or(b.Profiles, profilesAPI), "/") + "/xrpc/app.bsky.actor.getProfiles?"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+url.Values{"actors": dids}.Encode(), nil)
	if err != nil {
		answer.err = stream.Permanent(errors.New("the address for profiles is none"))
		return answer
	}
	req.Header.Set("User-Agent", fetch.UserAgent)
	var body struct {
		Profiles []*profile `json:"profiles"`
	}
	var odd *json.UnmarshalTypeError
	if _, err := fetch.JSON(b.client, req, isOwnError, 1<<20, &body); err != nil && !errors.As(err, &odd) {
		answer.err = err
		return answer
	}
	for _, profile := range body.Profiles {
		if profile != nil && isDID(profile.DID) {
			answer.found[profile.DID] = profile
		}
	}
	return answer
}
