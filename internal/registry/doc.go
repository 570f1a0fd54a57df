// Package registry reads what registries know of images: where a tag stands, and everything about a digest that cannot
// change. Every byte is bounded in size and checked against its digest, answers are shared between all who ask, and no
// name that a policy's author can write makes it talk to an internal address. Errors have a Kind, so that callers never
// read an HTTP status.
//
// It writes nothing to a registry, and it reads anonymously.
package registry
