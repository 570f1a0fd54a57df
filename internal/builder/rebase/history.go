package rebase

// ownHistory gives the app's history entries above its base's. It is not ok where the app's history does not begin with
// the base's: then it is not known which entries are whose. Times are not compared, since builders fill in missing ones.
func ownHistory(app, base []step) (own []step, ok bool) {
	if len(app) < len(base) {
		return nil, false
	}
	for i, s := range base {
		if app[i].CreatedBy != s.CreatedBy || app[i].EmptyLayer != s.EmptyLayer {
			return nil, false
		}
	}
	return app[len(base):], true
}

// mergeHistory is the new base's history with the app's own above it. It is nil, for no history at all, unless there is
// exactly one entry for each layer beside those without a layer: a history is optional, and a wrong one helps nobody.
func mergeHistory(base, own []step, layers int) []any {
	var all []any
	for _, s := range append(append([]step{}, base...), own...) {
		if !s.EmptyLayer {
			layers--
		}
		all = append(all, s.raw)
	}
	if layers != 0 {
		return nil
	}
	return all
}
