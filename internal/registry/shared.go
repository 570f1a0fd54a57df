package registry

import (
	"context"
	"time"
)

// key names an answer that is kept, or a piece of work that is shared. Only Client.key makes one of what was learned of
// a repository, so that no name can leave out where the answer comes from and who was given it.
type key string

// shared does a piece of work once for all who ask for it at the same time. It is bounded by the client's timeout and
// not by the context of the one who happened to ask first: that one may give up without failing the others.
func shared[T any](ctx context.Context, c *Client, of key, work func(context.Context) (T, error)) (T, error) {
	return sharedWithin(ctx, c, of, c.timeout, work)
}

// sharedWithin is shared for work that may take another time.
func sharedWithin[T any](ctx context.Context, c *Client, of key, longest time.Duration,
	work func(context.Context) (T, error),
) (T, error) {
	flight := c.flights.DoChan(string(of), func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longest)
		defer cancel()
		return work(ctx)
	})
	var none T
	select {
	case landed := <-flight:
		if landed.Err != nil {
			return none, landed.Err
		}
		return landed.Val.(T), nil
	case <-ctx.Done():
		return none, ctx.Err()
	}
}

// remembered gives what is immutable from memory, or reads it and keeps it. Read also tells the bytes that its value
// was read from.
func remembered[T any](ctx context.Context, c *Client, m *memory[T], of key,
	read func(context.Context) (T, int, error),
) (T, error) {
	if value, ok := m.get(of); ok {
		return value, nil
	}
	return shared(ctx, c, of, func(ctx context.Context) (T, error) {
		value, bytes, err := read(ctx)
		if err == nil {
			m.put(of, value, bytes)
		}
		return value, err
	})
}
