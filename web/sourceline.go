package web

import (
	"bytes"
	"cmp"
	"context"

	"nagare/templates"
)

// listed reports whether the page lists the source. It lists a recording only if the recording
// fails.
func (s SourceState) listed() bool { return s.Network != replay || s.Fault != "" }

// displayName returns the name of the source on the page. It is empty for a recording.
func (s SourceState) displayName(all networkList) string {
	if s.Network == replay {
		return ""
	}
	return cmp.Or(all.get(s.Name).Name, s.Name)
}

// html renders the line for the source. Like a card, it is in English and translated later.
func (s SourceState) html(ctx context.Context, all networkList) (string, error) {
	var html bytes.Buffer
	err := templates.Source(templates.SourceLine{
		Key: s.key, Name: s.displayName(all), State: string(s.State), Fault: string(s.Fault), Retry: s.Retry,
		Lost: s.Lost, From: s.From, To: s.To,
	}).Render(ctx, &html)
	return html.String(), err
}

// renderSources renders the lines for all listed sources in language lang.
func renderSources(ctx context.Context, sources []SourceState, all networkList, lang string) ([]string, error) {
	var lines []string
	for _, s := range sources {
		if !s.listed() {
			continue
		}
		html, err := s.html(ctx, all)
		if err != nil {
			return nil, err
		}
		lines = append(lines, templates.Translate(lang, html))
	}
	return lines, nil
}
