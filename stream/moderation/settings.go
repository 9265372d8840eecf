package moderation

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Mode says when a post is shown.
type Mode string

// The modes.
const (
	Off    Mode = "off"    // every post is shown, and rules are not applied
	After  Mode = "after"  // a post is shown at once, and may be hidden
	Before Mode = "before" // a post waits for approval, or for Settings.Delay
)

// Screen says what public screens show.
type Screen string

// The states of the screens.
const (
	Running Screen = ""
	Frozen  Screen = "freeze" // they keep what they show
	Blank   Screen = "blank"  // only the title
)

const (
	mostRules = 200
	mostPosts = 1000
	mostPins  = 5

	mostAnnounced = 10
)

// MostDelay is the longest delay after which a post is shown by itself.
const MostDelay = time.Minute

// Settings are what the moderators have set. They are one record of the desk's channel, so that all
// processes with one store have the same, also after a restart.
type Settings struct {
	Mode           Mode     `json:"mode"`
	Delay          int      `json:"delay"`                     // seconds after which a post is shown by itself; 0: it waits for approval
	Rules          []Rule   `json:"rules,omitempty"`           // a post that one of them matches is hidden
	Allowed        []Author `json:"allowed,omitempty"`         // authors whose posts don't wait
	MostPosts      int      `json:"most_posts,omitempty"`      // most posts of an author in a minute; 0: any number
	HideDuplicates bool     `json:"hide_duplicates,omitempty"` // hide a post whose words were posted in the last ten minutes
	Screen         Screen   `json:"screen,omitempty"`          // what public screens show
	Pins           []string `json:"pins,omitempty"`            // ids of the posts that stay on top, the newest first
	Announced      []string `json:"announced,omitempty"`       // ids of the newest announcements, the newest first

	Unfinished []Unfinished `json:"unfinished,omitempty"` // whose posts are being hidden or shown; see Moderator.Finish

	Version uint64    `json:"version,omitempty"` // is higher each time
	Saved   time.Time `json:"saved,omitzero"`
}

// Unfinished is an action whose posts are being hidden or shown.
type Unfinished struct {
	Entry
	Reason  string `json:"reason"`            // of the decision about the posts
	Process string `json:"process,omitempty"` // that carries it out; see Moderator.Named
}

// After returns the time after which a post that waits is shown by itself; 0: it waits for approval.
func (s Settings) After() time.Duration {
	if s.Mode != Before {
		return 0
	}
	return time.Duration(s.Delay) * time.Second
}

// Rule hides the posts that it matches.
type Rule struct {
	ID     string    `json:"id"`
	Query  string    `json:"query,omitempty"`  // as in package query
	Author string    `json:"author,omitempty"` // Key of a blocked author; Query is empty then
	Name   string    `json:"name,omitempty"`   // handle of the blocked author when they were blocked
	By     string    `json:"by"`               // the moderator's name
	At     time.Time `json:"at"`
}

// isOf reports whether the rule is the block of an author.
func (r Rule) isOf(author string) bool { return r.Author != "" && r.Author == author }

// isSame reports whether two rules hide the same posts. Two authors can have the same handle.
func (r Rule) isSame(other Rule) bool { return r.Query == other.Query && r.Author == other.Author }

// why is the decision's reason for a post that the rule hides.
func (r Rule) why() string {
	if r.Author != "" {
		return "author: @" + r.Name
	}
	return "rule: " + r.Query
}

// without returns the settings once an unfinished action is finished.
func (s Settings) without(done Unfinished) Settings {
	s.Unfinished = slices.DeleteFunc(slices.Clone(s.Unfinished), func(u Unfinished) bool { return u.Entry.Entry == done.Entry.Entry })
	return s
}

// with returns the settings after an action that changes them.
func (s Settings) with(a Action) (Settings, error) {
	s.Rules = slices.Clone(s.Rules)
	switch a.Do {
	case SetMode:
		return s.withMode(a.Value)
	case SetDelay:
		err := number(a.Value, int(MostDelay/time.Second), &s.Delay)
		return s, err
	case SetLimit:
		err := number(a.Value, mostPosts, &s.MostPosts)
		return s, err
	case SetDuplicates:
		s.HideDuplicates = a.Value == "hide"
	case AddRule, Block:
		if len(s.Rules) >= mostRules {
			return s, wrong(fmt.Sprintf("at most %d rules", mostRules))
		}
		rule := a.rule()
		if slices.ContainsFunc(s.Rules, rule.isSame) {
			return s, wrong("a rule that doesn't exist yet")
		}
		s.Rules = append(s.Rules, rule)
	case DeleteRule, Unblock:
		n := len(s.Rules)
		s.Rules = slices.DeleteFunc(s.Rules, a.ends)
		if len(s.Rules) == n {
			return s, wrong("a rule that exists")
		}
	case Allow, Disallow:
		return s.withAllowed(a)
	case Pin:
		s.Pins = first(a.ID, s.Pins, mostPins)
	case Unpin:
		s.Pins = without(a.ID, s.Pins)
	case Announce:
		s.Announced = first(a.ID, s.Announced, mostAnnounced)
		if a.Pin {
			s.Pins = first(a.ID, s.Pins, mostPins)
		}
	case Hide:
		if a.Pin {
			s.Pins, s.Announced = without(a.ID, s.Pins), without(a.ID, s.Announced)
		}
	case Freeze:
		s.Screen = Frozen
	case Empty:
		s.Screen = Blank
	case Resume:
		s.Screen = Running
	case Approve, Restore:
	default:
		return s, wrong("an action")
	}
	return s, nil
}

// IsOnTop reports whether a post is pinned or an announcement.
func (s Settings) IsOnTop(id string) bool {
	return slices.Contains(s.Pins, id) || slices.Contains(s.Announced, id)
}

// first returns a list of ids with one of them at the beginning, and at most so many others behind it.
func first(id string, all []string, most int) []string {
	all = slices.Insert(without(id, all), 0, id)
	return all[:min(len(all), most)]
}

// without returns another list, without one of its elements.
func without(id string, all []string) []string {
	return slices.DeleteFunc(slices.Clone(all), func(other string) bool { return other == id })
}

// number parses a number from 0 to most.
func number(value string, most int, into *int) error {
	n, err := strconv.Atoi(strings.TrimSpace(value))
	if err != nil || n < 0 || n > most {
		return wrong("a number from 0 to " + strconv.Itoa(most))
	}
	*into = n
	return nil
}

func (s Settings) withMode(value string) (Settings, error) {
	switch s.Mode = Mode(value); s.Mode {
	case Off, After, Before:
		return s, nil
	}
	return s, wrong("off, after or before")
}
