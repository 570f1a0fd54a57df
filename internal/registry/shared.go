package registry

import "context"

// shared does a piece of work once for all who ask for it at the same time. It is bounded by the client's timeout and
// not by the context of the one who happened to ask first: that one may give up without failing the others.
func shared[T any](ctx context.Context, c *Client, key string, work func(context.Context) (T, error)) (T, error) {
	flight := c.flights.DoChan(key, func() (any, error) {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.timeout)
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

// remembered gives what is immutable from memory, or reads it and keeps it. The kind keeps the keys of different
// memories apart; read also tells the bytes that its value was read from.
func remembered[T any](ctx context.Context, c *Client, m *memory[T], kind, key string,
	read func(context.Context) (T, int, error),
) (T, error) {
	if value, ok := m.get(key); ok {
		return value, nil
	}
	return shared(ctx, c, kind+" "+key, func(ctx context.Context) (T, error) {
		value, bytes, err := read(ctx)
		if err == nil {
			m.put(key, value, bytes)
		}
		return value, err
	})
}
