// Package registry speaks to registries of images: where a tag stands, and everything about a digest that cannot
// change. Every byte is bounded in size and checked against its digest, and answers are shared between all who ask with
// the same rights. Errors have a Kind, so that callers never read an HTTP status.
//
// A Client speaks on somebody's behalf, with the credentials and the roots of their Access. What proves who asks goes to
// the registry itself, and to the place that it names for logging in, and nowhere else: not where it redirects to, not
// to another port. No name that a policy's author can write, and nothing that a registry answers with, makes the
// operator talk to an internal address that its administrator does not list.
//
// Requests are few: a registry that asks nobody who they are costs nothing but the calls, and one that does costs one
// question for each host and one login for each credential and set of rights, until the token expires. Requests that do
// no harm twice are made again where a registry's trouble may pass.
//
// Writing moves no bytes where a registry lets blobs be mounted from one of its repositories in another. Where it does
// not, they are streamed through, and checked before the last of them is passed on. An upload goes to the registry's own
// host: a Location that leads to another one is refused, so that no question arises of what to show there.
//
// What is known of a layer's files costs a reading of all its bytes, and never changes. It is kept in memory and, across
// restarts, in a folder: on an emptyDir it outlasts the container, on a volume the pod. ConfigMaps would fill
// etcd with megabytes for each image, for all who may read them. Artifacts in people's repositories would be tags that
// somebody has to explain, and whoever may push could forge what a rebase is held to be safe by. The folder is the
// operator's alone, no file of it is for other credentials than those that the layer was read with, and without it the
// layers are read again.
package registry
