package hub

import "context"

type fenceKey struct{}

// WithFence returns a context for publishing under a lease, whose token is given. Each event that
// is published with the context carries the token as its Fence.
func WithFence(ctx context.Context, token string) context.Context {
	return context.WithValue(ctx, fenceKey{}, token)
}

// FenceOf returns the token in a context of WithFence, or "".
func FenceOf(ctx context.Context) string {
	token, _ := ctx.Value(fenceKey{}).(string)
	return token
}
