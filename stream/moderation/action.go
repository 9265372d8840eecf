package moderation

import (
	"crypto/rand"
	"reflect"
	"slices"
	"time"

	"nagare/stream"
	"nagare/stream/query"
)

// Do is the name of an action, which is also the last part of its address.
type Do string

// The actions of a moderator. Each names what it needs besides the moderator.
const (
	Approve Do = "approve" // ID of a post that waits or is hidden
	Hide    Do = "hide"    // ID of a post; Pin
	Undo    Do = "undo"    // Value: ID of an entry of the audit
	Restore Do = "restore" // ID of a post, which returns to the state before it was approved or hidden: undoes both

	Announce Do = "announce" // ID of a post that moderators have published, which is shown; Value: its words; Pin

	Block   Do = "block"   // Author, and their handle as Value: hides all of their posts
	Unblock Do = "unblock" // Author: the posts that the block hid return to the state before it

	Pin   Do = "pin"   // ID of a public post
	Unpin Do = "unpin" // ID

	AddRule       Do = "rule"        // Value: a query
	DeleteRule    Do = "delete-rule" // Value: ID of the rule
	Allow         Do = "allow"       // Author, or any with the handle, and their handle as Value: their posts don't wait
	Disallow      Do = "disallow"
	SetMode       Do = "mode"       // Value: off, after or before
	SetDelay      Do = "delay"      // Value: seconds
	SetLimit      Do = "limit"      // Value: most posts of an author in a minute; 0: any number
	SetDuplicates Do = "duplicates" // Value: hide or show

	Freeze Do = "freeze"
	Empty  Do = "blank"
	Resume Do = "resume"
)

// Action is what a moderator does.
type Action struct {
	Do     Do     `json:"do"`
	ID     string `json:"id,omitempty"`     // of a post
	Author string `json:"author,omitempty"` // Key of an author
	Value  string `json:"value,omitempty"`
	Pin    bool   `json:"pin,omitempty"` // an announcement stays on top, or a hidden post doesn't any more
	By     string `json:"by"`            // the moderator's name
	Why    string `json:"why,omitempty"`
}

// Entry is an action in the audit.
type Entry struct {
	Action
	Entry   string    `json:"entry"` // identifies it
	At      time.Time `json:"at"`
	Inverse *Action   `json:"inverse,omitempty"` // undoes it; nil if it can't be undone
	Undone  bool      `json:"undone,omitempty"`
	Undid   string    `json:"undid,omitempty"` // the entry that this one undid
}

// Error says what is wrong with an action.
type Error struct{ Want string }

func (e *Error) Error() string { return "want " + e.Want }

func wrong(want string) error { return &Error{want} }

func (a Action) rule() Rule {
	r := Rule{ID: rand.Text(), By: a.By, At: time.Now().UTC()}
	if a.Do == Block {
		r.Author, r.Name = a.Author, a.Value
	} else {
		r.Query = a.Value
	}
	return r
}

// action returns the action that makes the rule.
func (r Rule) action() *Action {
	if r.Author != "" {
		return &Action{Do: Block, Author: r.Author, Value: r.Name}
	}
	return &Action{Do: AddRule, Value: r.Query}
}

// ends reports whether the action removes the rule.
func (a Action) ends(r Rule) bool {
	return a.Do == DeleteRule && r.ID == a.Value || a.Do == Unblock && r.isOf(a.Author)
}

// check returns an error if the action lacks what it needs.
func (a Action) check() error {
	switch {
	case a.By == "":
		return wrong("the moderator's name")
	case a.ID == "" && (a.Do == Approve || a.Do == Hide || a.Do == Restore || a.Do == Announce || a.Do == Pin || a.Do == Unpin):
		return wrong("the id of a post")
	case a.Author == "" && (a.Do == Block || a.Do == Unblock):
		return wrong("an author")
	case a.Do == AddRule:
		q, err := query.Parse(a.Value)
		if err != nil {
			return err
		}
		if q.IsZero() {
			return wrong("a word or a condition")
		}
	}
	return nil
}

// op returns the op that carries out the action, or false if it only changes the settings. why is the reason
// of the decision about the posts.
func (a Action) op(why string) (op stream.Op, has bool) {
	decision := stream.Decision{Why: why, By: a.By, At: time.Now().UTC()}
	if a.Do == Block || a.Do == Unblock {
		decision.Author = a.Author
	}
	op = stream.Op{At: decision.At, ID: a.ID, Decision: decision}
	switch a.Do {
	case Approve, Announce:
		op.Kind = stream.Show
	case Hide:
		op.Kind = stream.Hide
	case Block:
		op.Kind, op.Author = stream.Hide, &stream.Author{Key: a.Author}
	case Restore:
		op.Kind = stream.Restore
	case Unblock:
		op.Kind, op.Author = stream.Restore, &stream.Author{Key: a.Author}
	default:
		return op, false
	}
	return op, true
}

// inverse returns the action that undoes a, given the settings before and after a, or nil.
func (a Action) inverse(before, after Settings) *Action {
	if a.Do.onlyChangesSettings() && reflect.DeepEqual(before, after) {
		return nil
	}
	back := &Action{ID: a.ID, Author: a.Author, Value: a.Value}
	switch a.Do {
	case Announce:
		back.Do, back.Pin = Hide, true
	case Approve, Hide:
		back.Do = Restore
	case Block:
		back.Do = Unblock
	case Unblock, DeleteRule:
		i := slices.IndexFunc(before.Rules, a.ends)
		return before.Rules[i].action()
	case Pin:
		if slices.Contains(before.Pins, a.ID) {
			return nil // only the order has changed
		}
		back.Do = Unpin
	case Unpin:
		back.Do = Pin
	case AddRule:
		back.Do, back.Value = DeleteRule, after.Rules[len(after.Rules)-1].ID
	case Allow:
		back.Do = Disallow
	case Disallow:
		back.Do = Allow
	case SetMode:
		back.Do, back.Value = SetMode, string(before.Mode)
	default:
		return nil
	}
	return back
}

// reason is the reason of the decision about the posts that the action is about.
func (a Action) reason(before Settings) string {
	switch {
	case a.Do == Block:
		return a.rule().why()
	case a.Do == Unblock:
		for _, r := range before.Rules {
			if r.isOf(a.Author) {
				return r.why()
			}
		}
	case a.Why != "":
		return "moderator: " + a.Why
	}
	return "moderator"
}

// onlyChangesSettings reports whether the action does nothing if the settings are as it wants them.
func (d Do) onlyChangesSettings() bool {
	return d != Approve && d != Hide && d != Restore && d != Announce
}
