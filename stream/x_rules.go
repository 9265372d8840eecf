package stream

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// xOurs is the tag of the rules that are ours: no others are taken away.
const xOurs = "nagare"

const xRulesAtOnce = 100 // that are sent in one request

type xRule struct {
	ID    string `json:"id,omitempty"`
	Value string `json:"value,omitempty"`
	Tag   string `json:"tag,omitempty"`
}

type xRules struct {
	Data   []xRule  `json:"data"`
	Errors []xError `json:"errors"`
	Meta   struct {
		Next    string `json:"next_token"`
		Summary struct {
			NotCreated int `json:"not_created"`
			Invalid    int `json:"invalid"`
			NotDeleted int `json:"not_deleted"`
		} `json:"summary"`
	} `json:"meta"`
}

// xChange is what X is asked to do with the rules: one of the two.
type xChange struct {
	Add    []xRule  `json:"add,omitempty"`
	Delete *xDelete `json:"delete,omitempty"`
}

type xDelete struct {
	IDs []string `json:"ids"`
}

var errNoRules = errors.New("no rules: X sends nothing until it is told what to look for; " +
	"give at least one rule for the source x, such as \"#golang lang:en -is:retweet\"")

// reconcile makes X's rules the configured ones, and leaves those that others have
// set as they are. It is an error only if nothing is left to look for.
func (x *X) reconcile(ctx context.Context, api xAPI) error {
	have, err := api.rules(ctx)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	remove, add := xDiff(have, x.wanted())
	if len(remove) > 0 {
		if err := api.remove(ctx, remove); err != nil {
			return fmt.Errorf("rules: %w", err)
		}
	}
	added, refused, err := api.add(ctx, add, false)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	for _, why := range refused {
		x.log().Error("X refuses a rule", "err", why)
	}
	have = slices.Concat(without(have, remove), added)
	switch {
	case len(have) == 0 && len(refused) > 0:
		return Permanent(fmt.Errorf("X refuses every rule: %w", refused[0]))
	case len(have) == 0:
		return Permanent(errNoRules)
	}
	x.mine = x.asked(have)
	return nil
}

// wanted are the configured rules, each once.
func (x *X) wanted() []string {
	var out []string
	for _, value := range x.Rules {
		if value = strings.TrimSpace(value); value != "" && !slices.Contains(out, value) {
			out = append(out, value)
		}
	}
	return out
}

// asked makes the test of whether a post is for us: not if every rule that it
// matches belongs to somebody else. Without rules of our own, all are for us.
func (x *X) asked(have []xRule) func([]xRule) bool {
	wanted := x.wanted()
	ours := map[string]bool{}
	for _, r := range have {
		ours[r.ID] = r.Tag == xOurs || slices.Contains(wanted, r.Value)
	}
	return func(matched []xRule) bool {
		return len(wanted) == 0 || len(matched) == 0 || slices.ContainsFunc(matched, func(r xRule) bool {
			return ours[r.ID] || r.Tag == xOurs
		})
	}
}

// xDiff compares by value and tag. A rule that somebody else has set already isn't
// added: X takes each value once.
func xDiff(have []xRule, want []string) (remove []xRule, add []string) {
	for _, r := range have {
		if r.Tag == xOurs && !slices.Contains(want, r.Value) {
			remove = append(remove, r)
		}
	}
	for _, value := range want {
		if !slices.ContainsFunc(have, func(r xRule) bool { return r.Value == value }) {
			add = append(add, value)
		}
	}
	return remove, add
}

func without(rules, gone []xRule) []xRule {
	return slices.DeleteFunc(slices.Clone(rules), func(r xRule) bool { return slices.Contains(gone, r) })
}

// rules are all that the app has, whoever set them.
func (api xAPI) rules(ctx context.Context) ([]xRule, error) {
	var all []xRule
	query := url.Values{}
	for range 10 {
		var page xRules
		if err := api.ask(ctx, http.MethodGet, xRulesPath, query, nil, &page); err != nil {
			return nil, err
		}
		all = append(all, page.Data...)
		if page.Meta.Next == "" {
			break
		}
		query.Set("pagination_token", page.Meta.Next)
	}
	return all, nil
}

func (api xAPI) remove(ctx context.Context, rules []xRule) error {
	var answer xRules
	var ids []string
	for _, r := range rules {
		ids = append(ids, r.ID)
	}
	if err := api.ask(ctx, http.MethodPost, xRulesPath, nil, xChange{Delete: &xDelete{ids}}, &answer); err != nil {
		return err
	}
	if n := answer.Meta.Summary.NotDeleted; n > 0 {
		return fmt.Errorf("X has not deleted %d of %d old rules", n, len(ids))
	}
	return nil
}

// add gives X new rules, or only tries them. X answers 200 also to what it refuses:
// the summary tells how many, the errors which and why.
func (api xAPI) add(ctx context.Context, values []string, dryRun bool) (added []xRule, refused []error, err error) {
	query := url.Values{}
	if dryRun {
		query.Set("dry_run", "true")
	}
	for part := range slices.Chunk(values, xRulesAtOnce) {
		var change xChange
		for _, value := range part {
			change.Add = append(change.Add, xRule{Value: value, Tag: xOurs})
		}
		var answer xRules
		if err := api.ask(ctx, http.MethodPost, xRulesPath, query, change, &answer); err != nil {
			return nil, nil, err
		}
		added = append(added, answer.Data...)
		for _, e := range answer.Errors {
			refused = append(refused, api.refusedRule(e))
		}
		if n := max(answer.Meta.Summary.NotCreated, answer.Meta.Summary.Invalid); n > len(answer.Errors) {
			refused = append(refused, fmt.Errorf("%d of %d, without a reason", n-len(answer.Errors), len(part)))
		}
	}
	return added, refused, nil
}

func (api xAPI) refusedRule(e xError) error {
	what := cmp.Or(map[string]string{
		"duplicate-rules": "it is there already",
		"invalid-rules":   "it is not in X's language of rules",
		"rule-cap":        "there are as many rules as the app may have",
	}[e.problem()], "it")
	return fmt.Errorf("%q: %s: %s", cutRunes(api.hide(oneLine(e.Value)), 200), what, e.said(api.hide))
}
