package x

import (
	"context"
	"errors"
	"fmt"

	"nagare/stream"
)

// Check requests the rules of the app, which X doesn't bill, and lets X validate the configured
// rules without setting them.
func (x *Source) Check(ctx context.Context) error {
	if x.Token == "" {
		return stream.WithFault(stream.FaultRefused, errors.New("no token: give the bearer token of an app (console.x.com, OAuth 2.0 app-only)"))
	}
	if x.Budget <= 0 {
		return errNoBudget
	}
	api := x.api()
	defer api.close()
	have, err := api.rules(ctx)
	if err != nil {
		return err
	}
	remove, add := diffRules(have, x.wanted())
	_, refused, err := api.add(ctx, add, true)
	switch {
	case err != nil:
		return fmt.Errorf("rules: %w", err)
	case len(refused) > 0:
		return fmt.Errorf("a rule is refused: %w", refused[0])
	case len(add)+len(have)-len(remove) == 0:
		return errNoRules
	}
	return nil
}
