package twitter

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	//lint:ignore SA1019 the library and the API are no longer maintained; connection works around the library's faults
	"github.com/dghubble/go-twitter/twitter"

	"nagare/stream/x"
)

// Limits of the API: how many phrases can be tracked, and how long a phrase is.
const (
	mostPhrases   = 400
	longestPhrase = 60 // in bytes
)

// open starts go-twitter, which connects in its own goroutine.
func (t *Source) open(client *http.Client) (*twitter.Stream, error) {
	streams := twitter.NewClient(client).Streams
	if t.Sample {
		return streams.Sample(&twitter.StreamSampleParams{StallWarnings: twitter.Bool(true), Language: languageCodes(t.Languages)})
	}
	track := splitPhrases(t.Track)
	if err := checkTrack(track); err != nil {
		return nil, err
	}
	return streams.Filter(&twitter.StreamFilterParams{Language: languageCodes(t.Languages), StallWarnings: twitter.Bool(true), Track: track})
}

// languageCodes returns the codes by which the API selects posts in the wanted languages. It
// adds the outdated codes that the API itself uses in posts, because gateways compare with those.
func languageCodes(wanted []string) []string {
	codes := x.LanguageCodes(wanted)
	for _, outdated := range []string{"iw", "in"} {
		if slices.Contains(codes, x.Language(outdated)) {
			codes = append(codes, outdated)
		}
	}
	return codes
}

// splitPhrases splits elements that hold several phrases, which commas separate.
func splitPhrases(in []string) []string {
	var out []string
	for part := range strings.SplitSeq(strings.Join(in, ","), ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func checkTrack(phrases []string) error {
	switch {
	case len(phrases) == 0:
		return errors.New("nothing to look for: give phrases to track, or ask for a sample")
	case len(phrases) > mostPhrases:
		return fmt.Errorf("%d phrases to track: %d at most", len(phrases), mostPhrases)
	}
	for _, phrase := range phrases {
		if len(phrase) > longestPhrase {
			return fmt.Errorf("the phrase %q has %d bytes: %d at most", phrase, len(phrase), longestPhrase)
		}
	}
	return nil
}
