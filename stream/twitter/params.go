package twitter

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	//lint:ignore SA1019 nobody develops it any more, nor the API; what is wrong with it is kept away from it by twitterConnection
	"github.com/dghubble/go-twitter/twitter"
)

// The most that X takes of each parameter.
const (
	mostPhrases   = 400
	longestPhrase = 60
	mostFollows   = 5000
	mostBoxes     = 25
)

// open begins to connect.
func (t *Source) open(client *http.Client) (*twitter.Stream, error) {
	streams := twitter.NewClient(client).Streams
	if t.Sample {
		return streams.Sample(&twitter.StreamSampleParams{StallWarnings: twitter.Bool(true), Language: t.Languages})
	}
	params, err := t.params()
	if err != nil {
		return nil, err
	}
	return streams.Filter(params)
}

// params are what is asked of statuses/filter, or why it can't be asked.
func (t *Source) params() (*twitter.StreamFilterParams, error) {
	track, follow := listed(t.Track), listed(t.Follow)
	if len(track)+len(follow)+len(t.Locations) == 0 {
		return nil, errors.New("nothing to look for: give phrases to track, users to follow or locations, or ask for a sample")
	}
	return &twitter.StreamFilterParams{
			FilterLevel:   t.FilterLevel,
			Follow:        follow,
			Language:      t.Languages,
			Locations:     t.Locations,
			StallWarnings: twitter.Bool(true),
			Track:         track,
		}, errors.Join(
			checkTrack(track), checkFollow(follow), checkLocations(t.Locations), checkFilterLevel(t.FilterLevel))
}

// listed are the parts of what may be several in one, with commas between them.
func listed(in []string) []string {
	var out []string
	for part := range strings.SplitSeq(strings.Join(in, ","), ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func checkTrack(phrases []string) error {
	if len(phrases) > mostPhrases {
		return fmt.Errorf("%d phrases to track: %d at most", len(phrases), mostPhrases)
	}
	for _, phrase := range phrases {
		if len(phrase) > longestPhrase {
			return fmt.Errorf("the phrase %q has %d bytes: %d at most", phrase, len(phrase), longestPhrase)
		}
	}
	return nil
}

func checkFollow(ids []string) error {
	if len(ids) > mostFollows {
		return fmt.Errorf("%d users to follow: %d at most", len(ids), mostFollows)
	}
	for _, id := range ids {
		if digits(id) != id {
			return fmt.Errorf("%q to follow: give the number that is the user's id, not the name", id)
		}
	}
	return nil
}

func checkLocations(boxes []string) error {
	if len(boxes) > mostBoxes {
		return fmt.Errorf("%d locations: %d at most", len(boxes), mostBoxes)
	}
	for _, box := range boxes {
		if !isBox(box) {
			return fmt.Errorf("the location %q is not west,south,east,north in degrees", box)
		}
	}
	return nil
}

func isBox(box string) bool {
	var at []float64
	for edge := range strings.SplitSeq(box, ",") {
		degrees, err := strconv.ParseFloat(strings.TrimSpace(edge), 64)
		if limit := []float64{180, 90}[len(at)%2]; err != nil || !(degrees >= -limit && degrees <= limit) {
			return false
		}
		at = append(at, degrees)
	}
	return len(at) == 4 && at[0] < at[2] && at[1] < at[3]
}

func checkFilterLevel(level string) error {
	if !slices.Contains([]string{"", "none", "low", "medium"}, level) {
		return fmt.Errorf("the filter level %q is not none, low or medium", level)
	}
	return nil
}
