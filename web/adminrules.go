package web

import (
	"net/http"
	"strings"

	"nagare/stream/query"
	"nagare/templates"
)

// rules makes the page of the rules. With a query in the address, it says what a rule with that query
// would have hidden.
func (a *admin) rules(r *http.Request, p *templates.Admin) (component, error) {
	settings := a.moderation.Settings()
	page := templates.AdminRules{MostPosts: settings.MostPosts, HideDuplicates: settings.HideDuplicates}
	for _, author := range settings.Allowed {
		network, _, _ := strings.Cut(author.Key, ":")
		page.Allowed = append(page.Allowed, templates.AdminAuthor{Key: author.Key, Handle: author.Handle, Network: network})
	}
	for _, rule := range settings.Rules {
		shown := templates.AdminRule{ID: rule.ID, Author: rule.Author, Words: rule.Query, By: rule.By, At: rule.At}
		if rule.Author == "" {
			page.Rules = append(page.Rules, shown)
			continue
		}
		shown.Words = rule.Name
		page.Blocked = append(page.Blocked, shown)
	}
	if text := strings.TrimSpace(clean(r.URL.Query().Get(queryParam))); text != "" {
		preview, err := a.preview(r, text)
		if err != nil {
			return nil, err
		}
		page.Preview = &preview
	}
	return templates.AdminRulesPage(*p, page), nil
}

// preview says what a rule would have hidden of the newest public posts.
func (a *admin) preview(r *http.Request, text string) (templates.AdminPreview, error) {
	preview := templates.AdminPreview{Query: text}
	q, err := query.Parse(text)
	if err != nil {
		preview.Wrong = err.Error()
		return preview, nil
	}
	if q.IsZero() {
		preview.Wrong = "want a word or a condition"
		return preview, nil
	}
	done, ok := a.timeline.searches.take(r.Context())
	if !ok {
		return preview, errBusy
	}
	defer done()
	found, err := a.timeline.Preview(r.Context(), q)
	preview.Matching, preview.Of = found.Matching, found.Of
	for _, e := range found.Examples {
		preview.Examples = append(preview.Examples, templates.AdminExample{Handle: e.Handle, Text: e.Text, At: e.Created})
	}
	return preview, err
}
