package templates

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Day is a drawing of how many posts came, over 24 hours.
type Day struct {
	From        time.Time
	Recent      bool         // it ends now
	Steps       []int        // posts in each step; as many steps in each hour
	StepMinutes int          // minutes of a step
	Hours       []Period     // 24
	Within      []Period     // steps of one of the hours; none if it has no posts
	Gaps        [][2]float64 // from and to where a source missed posts, in steps
	Mark        float64      // the moment whose posts the page shows, in steps; NaN if they are the newest
}

// Period is an hour of a Day, or a step.
type Period struct {
	At      time.Time
	Posts   int
	Href    string // of the page of the posts up to the end of the period; empty if the period has none
	Current bool   // the page shows the posts of this period
}

// dayHeight is the height of the drawing. Its width is the number of steps.
const dayHeight = 24

// title returns the key of the title of the drawing.
func (d Day) title() string {
	if d.Recent {
		return "day"
	}
	return "day-past"
}

// perMinute returns the most posts that came in a minute, on average over a step.
func (d Day) perMinute() string {
	most := float64(slices.Max(d.Steps)) / float64(d.StepMinutes)
	if most >= 10 {
		return grouped(int(math.Round(most)))
	}
	return strconv.FormatFloat(most, 'f', -1, 64)
}

// box returns the viewBox of the drawing.
func (d Day) box() string { return "0 0 " + strconv.Itoa(len(d.Steps)) + " " + strconv.Itoa(dayHeight) }

// outline returns the path of the bars, as one area.
func (d Day) outline() string {
	highest := max(1, slices.Max(d.Steps))
	var path strings.Builder
	path.WriteString("M0 " + strconv.Itoa(dayHeight))
	last := -1
	for _, n := range d.Steps {
		height := (n*dayHeight + highest - 1) / highest // any post can be seen
		if height != last {
			path.WriteString("V" + strconv.Itoa(dayHeight-height))
			last = height
		}
		path.WriteString("h1")
	}
	return path.String() + "V" + strconv.Itoa(dayHeight) + "z"
}

// column returns the path of the middle of an hour, from top to bottom.
func (d Day) column(hour int) string {
	width := len(d.Steps) / len(d.Hours)
	return "M" + strconv.Itoa(hour*width+width/2) + " 0v" + strconv.Itoa(dayHeight)
}

// missing returns the path of the gaps, along the lower edge.
func (d Day) missing() string {
	var path strings.Builder
	for _, gap := range d.Gaps {
		from := math.Floor(gap[0])
		path.WriteString("M" + strconv.Itoa(int(from)) + " " + strconv.Itoa(dayHeight-1) + "H" + strconv.Itoa(int(max(math.Ceil(gap[1]), from+1))))
	}
	return path.String()
}

// mark returns the path of the line at the moment that the page shows, or "" if that isn't in the
// drawing.
func (d Day) mark() string {
	if !(d.Mark >= 0 && d.Mark <= float64(len(d.Steps))) { // also NaN
		return ""
	}
	return "M" + strconv.FormatFloat(d.Mark, 'f', 1, 64) + " 0v" + strconv.Itoa(dayHeight)
}

// axis returns the hours that the axis names.
func (d Day) axis() (hours []time.Time) {
	for i := 0; i <= 24; i += 6 {
		hours = append(hours, d.From.Add(time.Duration(i)*time.Hour))
	}
	return hours
}

// follow returns the attributes of a link to a moment. Search engines don't follow those on a page of the past,
// because each leads to an earlier one.
func (p Page) follow() templ.Attributes {
	if p.Past {
		return templ.Attributes{"rel": "nofollow"}
	}
	return nil
}
