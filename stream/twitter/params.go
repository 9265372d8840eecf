package twitter

import (
	"errors"
	"fmt"
	"strings"
)

// Limits of the API: how many phrases can be tracked, and how long a phrase is.
const (
	mostPhrases   = 400
	longestPhrase = 60 // in bytes
)

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
