package mastodon

import (
	"errors"
	"fmt"
	"net/http"

	"nagare/stream"
	"nagare/stream/internal/fetch"
)

const tokenHelp = `log in there, make an application under Preferences, Development, ` +
	`with the scope read:statuses (for the timeline user also read:notifications), and copy its "access token"`

// isOwnError recognizes an error of the API.
var isOwnError = fetch.Object("error")

// explain adds advice for the operator to a refusal.
func (a *apiClient) explain(err error) error {
	refusal, ok := errors.AsType[*stream.StatusError](err)
	if !ok {
		return err
	}
	code := refusal.Code
	switch {
	case code >= 300 && code < 400: // of a server that has moved, or to a login page in front of it
		return fmt.Errorf("%s redirects to another address, and the token is not sent there; if the server has moved, set the new address: %w", a.server.Host, refusal)
	case refusal.Foreign && refusal.IsRefusal():
		return fmt.Errorf("something in front of %s refuses, such as a proxy or a check for browsers: %w", a.server.Host, refusal)
	}
	permanent := func(format string, args ...any) error {
		return stream.Permanent(fmt.Errorf(format+": %w", append(args, refusal)...))
	}
	switch code {
	case http.StatusUnauthorized:
		if a.token == "" {
			return permanent("%s needs a user token, as every server since Mastodon 4.2; to get one, %s", a.server.Host, tokenHelp)
		}
		return permanent("%s refuses the token, which is wrong or was revoked; to get a new one, %s", a.server.Host, tokenHelp)
	case http.StatusForbidden:
		return permanent("%s doesn't let this token read the timeline %q: the token lacks a scope, or the server has closed that timeline; to get another, %s",
			a.server.Host, a.name, tokenHelp)
	case http.StatusNotFound:
		return permanent("%s has no timeline %q; a list is named by its number, and only its owner can read it", a.server.Host, a.name)
	}
	return err
}
