package templates

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// AdminRules is what the page of the rules shows besides Admin.
type AdminRules struct {
	Rules          []AdminRule
	Blocked        []AdminRule
	Allowed        []AdminAuthor
	MostPosts      int // of an author in a minute; 0: any number
	HideDuplicates bool
	Preview        *AdminPreview // of a rule that is not saved yet; nil: none was asked for
}

// AdminRule is a rule, or a blocked author.
type AdminRule struct {
	ID     string // of a rule
	Author string // key of a blocked author
	Words  string // the query, or the author's handle
	By     string
	At     time.Time
}

// AdminPreview says what a rule would have hidden.
type AdminPreview struct {
	Query    string
	Wrong    string // what is wrong with the query; empty: nothing is
	Matching int
	Of       int
	Examples []AdminExample
}

// AdminExample is a post that the rule would have hidden.
type AdminExample struct {
	Handle, Text string
	At           time.Time
}

// AdminScreens is what the page of the screens shows besides Admin.
type AdminScreens struct {
	Local         bool        // the QR codes work on the machine of the site only
	Announcements []AdminPost // the newest first
	Pins          []AdminPost // the others that stay on top; HTML is empty if the post is not public any more
}

// AdminSources is what the page of the sources shows besides Admin.
type AdminSources struct {
	Viewers int   // connections
	Minute  int   // posts in the last full minute
	Hidden  int   // posts hidden since midnight UTC
	Exact   bool  // Hidden is exact; false: there are more
	Hour    []int // posts in each minute of the last hour; nil if unknown
	Sources []AdminSource
}

// AdminSource is a source in the panel.
type AdminSource struct {
	Line    string // HTML of Source, translated
	Live    bool   // and nothing is wrong
	Reason  string // for the operator
	Counted bool   // the posts of its network are known, and so are the next three
	Last    time.Time
	Rate    float64       // posts a minute, in the last ten minutes
	Usual   time.Duration // between two posts
	Late    bool          // silent for longer than five times its usual spacing
	Quota   AdminQuota
}

// AdminQuota is how much of its limit a source has used. The zero value means that this is unknown.
type AdminQuota struct {
	Posts bool // of the day's budget; false: requests of a rate limit
	Used  int
	Limit int
	Left  int
	Reset time.Time
	Spent float64 // US dollars
	Most  float64 // US dollars for all of the limit; 0: unknown, or free
}

// AdminLog is what the page of the audit shows besides Admin.
type AdminLog struct {
	Entries []AdminEntry
	Older   string // address of the next older entries; empty: there are none
}

// AdminEntry is an action in the audit.
type AdminEntry struct {
	Entry  string
	Do     string
	What   string // the post, the rule or the author that it is about
	By     string
	Why    string
	At     time.Time
	Undo   bool // it can be undone
	Undone bool
	Undid  bool // it undid another one
}

// duration writes how long something takes, in the largest unit of which it has at least two.
func duration(lang string, d time.Duration) string {
	switch {
	case d >= 2*time.Hour:
		return filled(lang, "unit-h", "n", grouped(int(d.Hours())))
	case d >= 2*time.Minute:
		return filled(lang, "unit-min", "n", grouped(int(d.Minutes())))
	}
	return filled(lang, "unit-s", "n", grouped(int(d.Seconds())))
}

// perMinute writes a rate with one decimal if it is small.
func perMinute(lang string, rate float64) string {
	text := strconv.FormatFloat(rate, 'f', 1, 64)
	if rate >= 10 || strings.HasSuffix(text, ".0") {
		text = grouped(int(rate + .5))
	}
	return filled(lang, "source-rate", "n", text)
}

// words says what is used of a quota, and what that costs.
func (q AdminQuota) words(lang string) string {
	key := "quota-requests"
	if q.Posts {
		key = "quota-posts"
	}
	words := filled(lang, key, "n", grouped(q.Used), "of", grouped(q.Limit), "left", grouped(q.Left))
	if q.Most > 0 {
		words += " · " + filled(lang, "quota-money", "n", dollars(q.Spent), "of", dollars(q.Most))
	}
	return words
}

// dollars writes an amount in cents, rounded up, as no amount may look smaller than it is.
func dollars(amount float64) string {
	cents := int(math.Ceil(amount*100 - 1e-6)) // less the error of floating point
	return fmt.Sprintf("$%s.%02d", grouped(cents/100), cents%100)
}

// hidden writes how many posts were hidden.
func (s AdminSources) hidden() string {
	if s.Exact {
		return grouped(s.Hidden)
	}
	return grouped(s.Hidden) + "+"
}

// hourWords says the numbers of the drawing of the last hour.
func (s AdminSources) hourWords(lang string) string {
	all := 0
	for _, n := range s.Hour {
		all += n
	}
	return filled(lang, "hour-words", "n", grouped(all), "of", grouped(slices.Max(s.Hour)))
}

// bars is the path of the drawing of the last hour.
func (s AdminSources) bars() string {
	return Day{Steps: s.Hour}.outline()
}

// query returns what stands in the box of a new rule.
func (r AdminRules) query() string {
	if r.Preview == nil {
		return ""
	}
	return r.Preview.Query
}

// shown returns the query of a rule, or the handle of a blocked author.
func (r AdminRule) shown() string {
	if r.Author != "" {
		return "@" + r.Words
	}
	return r.Words
}

// done says what an entry of the audit did.
func (p Admin) done(e AdminEntry) string {
	text := phrase(p.Lang, "log-"+e.Do)
	if e.Undid {
		text = phrase(p.Lang, "log-undid") + ": " + text
	}
	return text
}

// queued writes how many posts wait.
func (l AdminLists) queued() string {
	if l.Uncounted {
		return grouped(l.Queued) + "+"
	}
	return grouped(l.Queued)
}

// count writes how many posts a list has.
func (l AdminLists) count(list string, posts []AdminPost) string {
	if list == "waiting" {
		return l.queued()
	}
	return strconv.Itoa(len(posts))
}

// marks returns the attributes that tell the script about the posts that wait.
func (l AdminLists) marks(list string) templ.Attributes {
	if list != "waiting" {
		return nil
	}
	return templ.Attributes{"data-queued": strconv.Itoa(l.Queued), "data-uncounted": l.Uncounted, "data-newest": l.Newest}
}

// AdminAuthor is an author whose posts don't wait.
type AdminAuthor struct {
	Key     string
	Handle  string
	Network string // id of their network; empty: any
}

// shown returns the handle and, if it is known, the network of an author.
func (a AdminAuthor) shown() string {
	if a.Network == "" {
		return "@" + a.Handle
	}
	return "@" + a.Handle + " (" + a.Network + ")"
}
