package x

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"nagare/stream"
	"nagare/stream/internal/text"
)

// ourTag marks the rules that this program has added. It deletes no rules without this tag.
const ourTag = "nagare"

const rulesPerRequest = 100

type rule struct {
	ID    string `json:"id,omitempty"`
	Value string `json:"value,omitempty"`
	Tag   string `json:"tag,omitempty"`
}

type ruleList struct {
	Data   []rule     `json:"data"`
	Errors []apiError `json:"errors"`
	Meta   struct {
		Next    string `json:"next_token"`
		Summary struct {
			NotCreated int `json:"not_created"`
			Invalid    int `json:"invalid"`
			NotDeleted int `json:"not_deleted"`
		} `json:"summary"`
	} `json:"meta"`
}

// ruleChange is a request that either adds or deletes rules: X refuses to do both at once.
type ruleChange struct {
	Add    []rule      `json:"add,omitempty"`
	Delete *ruleDelete `json:"delete,omitempty"`
}

type ruleDelete struct {
	IDs []string `json:"ids"`
}

var errNoRules = errors.New("no rules: X sends no posts without one; " +
	"give at least one rule for the source x, such as \"#golang lang:en -is:retweet\"")

// updateRules adds the configured rules to the app, and removes this program's old ones. It
// doesn't change rules of other programs. A refused rule is only logged, unless the app then
// has no rule at all.
func (x *Source) updateRules(ctx context.Context, api apiClient) error {
	have, err := api.rules(ctx)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	remove, add := diffRules(have, x.wanted())
	if len(remove) > 0 {
		if err := api.remove(ctx, remove); err != nil {
			return fmt.Errorf("rules: %w", err)
		}
	}
	added, refused, err := api.add(ctx, add, false)
	if err != nil {
		return fmt.Errorf("rules: %w", err)
	}
	for _, err := range refused {
		x.log().Error("X refuses a rule", "err", err)
	}
	have = slices.Concat(withoutRules(have, remove), added)
	switch {
	case len(have) == 0 && len(refused) > 0:
		return stream.Permanent(fmt.Errorf("every rule is refused: %w", refused[0]))
	case len(have) == 0:
		return stream.Permanent(errNoRules)
	}
	x.isOwn = x.ownRules(have)
	return nil
}

// wanted returns the configured rules, without empty and repeated ones.
func (x *Source) wanted() []string {
	var out []string
	for _, value := range x.Rules {
		if value = strings.TrimSpace(value); value != "" && !slices.Contains(out, value) {
			out = append(out, value)
		}
	}
	return out
}

// ownRules returns a function that decides whether to emit a post, from the rules that the post
// matches. If rules are configured, one of them must match; otherwise every post is emitted.
func (x *Source) ownRules(have []rule) func([]rule) bool {
	wanted := x.wanted()
	ours := map[string]bool{}
	for _, r := range have {
		ours[r.ID] = r.Tag == ourTag || slices.Contains(wanted, r.Value)
	}
	return func(matched []rule) bool {
		return len(wanted) == 0 || len(matched) == 0 || slices.ContainsFunc(matched, func(r rule) bool {
			return ours[r.ID] || r.Tag == ourTag
		})
	}
}

// diffRules returns the rules of this program that are to be removed, and the values that are
// to be added. A value that another program has added is not added again, because X refuses
// duplicates.
func diffRules(have []rule, want []string) (remove []rule, add []string) {
	for _, r := range have {
		if r.Tag == ourTag && !slices.Contains(want, r.Value) {
			remove = append(remove, r)
		}
	}
	for _, value := range want {
		if !slices.ContainsFunc(have, func(r rule) bool { return r.Value == value }) {
			add = append(add, value)
		}
	}
	return remove, add
}

func withoutRules(rules, gone []rule) []rule {
	return slices.DeleteFunc(slices.Clone(rules), func(r rule) bool { return slices.Contains(gone, r) })
}

// rules returns all rules of the app.
func (api apiClient) rules(ctx context.Context) ([]rule, error) {
	var all []rule
	query := url.Values{}
	for range 10 {
		var page ruleList
		if err := api.ask(ctx, http.MethodGet, rulesPath, query, nil, &page); err != nil {
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

func (api apiClient) remove(ctx context.Context, rules []rule) error {
	var answer ruleList
	var ids []string
	for _, r := range rules {
		ids = append(ids, r.ID)
	}
	if err := api.ask(ctx, http.MethodPost, rulesPath, nil, ruleChange{Delete: &ruleDelete{ids}}, &answer); err != nil {
		return err
	}
	if n := answer.Meta.Summary.NotDeleted; n > 0 {
		return fmt.Errorf("%d of %d old rules were not deleted", n, len(ids))
	}
	return nil
}

// add adds rules. With dryRun, X only validates them. X also responds with 200 if it refuses
// rules; the errors list the refused ones, or the summary has only their number. A rule that X
// refuses as a duplicate counts as added: a rule of another spelling, or one added meanwhile,
// selects the same posts.
func (api apiClient) add(ctx context.Context, values []string, dryRun bool) (added []rule, refused []error, err error) {
	query := url.Values{}
	if dryRun {
		query.Set("dry_run", "true")
	}
	for part := range slices.Chunk(values, rulesPerRequest) {
		var change ruleChange
		for _, value := range part {
			change.Add = append(change.Add, rule{Value: value, Tag: ourTag})
		}
		var answer ruleList
		if err := api.ask(ctx, http.MethodPost, rulesPath, query, change, &answer); err != nil {
			return nil, nil, err
		}
		added = append(added, answer.Data...)
		for _, e := range answer.Errors {
			if e.problem() == "duplicate-rules" { // the rule is there; then e has its id
				added = append(added, rule{ID: e.ID, Value: e.Value})
			} else {
				refused = append(refused, api.refusedRule(e))
			}
		}
		if n := max(answer.Meta.Summary.NotCreated, answer.Meta.Summary.Invalid); n > len(answer.Errors) {
			refused = append(refused, fmt.Errorf("%d of %d, without a reason", n-len(answer.Errors), len(part)))
		}
	}
	return added, refused, nil
}

func (api apiClient) refusedRule(e apiError) error {
	what := cmp.Or(map[string]string{
		"invalid-rules": "it is not in X's language of rules",
		"rule-cap":      "there are as many rules as the app may have",
	}[e.problem()], "it")
	return fmt.Errorf("%q: %s: %s", text.Truncate(api.redact(text.OneLine(e.Value)), 200), what, e.describe(api.redact))
}
