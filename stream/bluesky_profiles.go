package stream

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// profileWait is how long a look-up may take.
const profileWait = 10 * time.Second

// bskyProfile is an author as the public API tells of him. Unlike the stream it also
// passes on what moderators say.
type bskyProfile struct {
	DID         string      `json:"did"`
	Handle      string      `json:"handle"`
	DisplayName string      `json:"displayName"`
	Avatar      string      `json:"avatar"`
	Labels      []bskyLabel `json:"labels"`
}

func (f *bskyProfile) author() Author {
	author := bskyStub(f.DID)
	author.Name, author.Avatar = f.DisplayName, webAddress(f.Avatar)
	if f.Handle != "" && f.Handle != "handle.invalid" {
		author.Handle = f.Handle
	}
	return author
}

// bskyAnswer is what came of a look-up.
type bskyAnswer struct {
	asked []string
	found map[string]*bskyProfile // whoever does not exist is missing
	err   error
}

// lookUp asks for profiles.
func (b *Bluesky) lookUp(ctx context.Context, dids []string) bskyAnswer {
	ctx, cancel := context.WithTimeout(ctx, profileWait)
	defer cancel()
	answer := bskyAnswer{asked: dids, found: map[string]*bskyProfile{}}
	address := strings.TrimSuffix(cmp.Or(b.Profiles, profilesAPI), "/") + "/xrpc/app.bsky.actor.getProfiles?"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address+url.Values{"actors": dids}.Encode(), nil)
	if err != nil {
		answer.err = Permanent(errors.New("the address for profiles is none"))
		return answer
	}
	req.Header.Set("User-Agent", UserAgent)
	var body struct {
		Profiles []*bskyProfile `json:"profiles"`
	}
	var odd *json.UnmarshalTypeError
	if err := get(b.client(), req, 1<<20, &body); err != nil && !errors.As(err, &odd) {
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

func (b *Bluesky) client() *http.Client {
	if b.Client != nil {
		return b.Client
	}
	if b.own == nil {
		b.own = newClient()
	}
	return b.own
}
