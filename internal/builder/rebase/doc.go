// Package rebase puts the layers of a new base under an image, by manifest only: no layer is read. It is the second
// adapter of package builder.
//
// What it makes is computed by pure functions from the documents of three images (the app, the base that it was built
// on, the new base) and from the request, so that the same inputs give the same bytes. DiffIDs, the digests of
// uncompressed layers, tell what of the app is base: a layer that was compressed again is still the same layer. The
// config is a three-way merge: what the app left as its old base had it follows the new base, and what the app set
// stays. docs/rebase.md has the rule for each field.
//
// Whether the app's files fit onto the new base's is not judged here; see image/safety.
package rebase
