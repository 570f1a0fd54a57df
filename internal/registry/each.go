package registry

import "golang.org/x/sync/errgroup"

// readAtOnce bounds what one call reads at the same time of the images of an index: what they cost is mostly waiting.
const readAtOnce = 4

// each does some pieces of work, a few at the same time. The error is that of the first, in their order, that failed.
func each(pieces int, work func(i int) error) error {
	errs := make([]error, pieces)
	var group errgroup.Group
	group.SetLimit(readAtOnce)
	for i := range pieces {
		group.Go(func() error {
			errs[i] = work(i)
			return nil
		})
	}
	_ = group.Wait() // each has its own error
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
