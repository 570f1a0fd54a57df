// Package builder is the port through which images are made. It says what to make, on which base, and how that can
// fail. Two packages beside it do it: buildkit builds from a Dockerfile, rebase puts a base's layers under an image that
// exists.
package builder

import (
	"context"
	"time"

	"github.com/respin-dev/respin/internal/image"
)

// Builder builds images and pushes them.
type Builder interface {
	// Pin resolves the revision in a Git context (a branch, a tag, or none for the default branch) to its commit
	// and returns the context with the full commit in its place. A context that already names a commit, or an
	// empty one, comes back as it is.
	//
	// Errors: *ContextError, ErrUnavailable, or the error of ctx.
	Pin(ctx context.Context, gitContext string) (string, error)

	// Build builds req for all its platforms, makes sure that the result stands on req.Base, and only then pushes
	// it. report is called from one goroutine, each time that the progress changes; it may be nil.
	//
	// Errors: *RequestError, *ContextError, *FailedError, *PushError, *RefusedError, one that is ErrBaseNotUsed, one
	// that is ErrUnavailable, that of a registry which an image is read from or pushed to, or the error of ctx.
	Build(ctx context.Context, req Request, report func(Progress)) (Result, error)
}

// Request is everything that a build depends on: the same request gives the same image. A rebase depends on Source,
// Platforms, Base, Output's repository and Annotations; a build from a Dockerfile on all but Source.
type Request struct {
	// Source is the image to rebase, by digest. For an image that is a patched one already, it is the one that was never
	// patched: see image.Original.
	Source image.Reference
	// Context is where files are taken from: a Git repository over HTTP at a full commit, as Pin returns it:
	// https://host/repo.git#<commit>:subdir. Empty when DockerfileInline needs no files.
	Context string
	// Dockerfile is the path of the Dockerfile in Context; empty means Dockerfile.
	Dockerfile string
	// DockerfileInline is a whole Dockerfile, used instead of one in Context.
	DockerfileInline string
	// Target is the stage to build; empty means the last one.
	Target string
	// Args are build arguments. Their values end up in the image's history where RUN uses them: they are no place
	// for secrets.
	Args map[string]string
	// Platforms to build for, as in linux/amd64; at least one. A rebase without any is for all of the source's.
	Platforms []string
	// Base is the image to stand on.
	Base Base
	// Output is the repository:tag to push to.
	Output string
	// Annotations are OCI annotations for each image manifest and, where there is one, the index.
	Annotations map[string]string
	// Epoch is the time given to every file and to the image itself (SOURCE_DATE_EPOCH), to the second.
	Epoch time.Time
	// Credentials gives the username and the password for a repository, as in registry.example.com/team/app: to push
	// for Output's, to pull for any other. It is also asked for a registry's host alone, which stands for whatever is
	// on it. An identity token is a password without a username. Two empty strings stand for no credentials, and so
	// does a nil function. What it gives goes to that registry only, and ends up in no image. It may be called by many
	// goroutines.
	Credentials func(repository string) (username, password string)
}

// Base is a base image that moved.
type Base struct {
	// Reference is the base's normalised repository:tag, as in docker.io/library/debian:12.
	Reference string
	// From holds the digests that Reference had before, of indexes or of manifests, so that a Dockerfile which
	// pins one of them follows as well. A rebase tries them in this order: the image stands on one of them.
	From []string
	// FromPlatforms holds, for platforms that were built on another digest than the rest, that digest. The keys are as
	// in Platforms.
	FromPlatforms map[string]string
	// To is the digest to build on.
	To string
}

// Progress is how far a build is.
type Progress struct {
	// Step is the number of the latest step that began, from 1; Steps is the number of steps known by now.
	Step, Steps int
	// Current names that step, as in "[2/4] RUN apt-get update".
	Current string
}

// Result is what a build pushed.
type Result struct {
	// Digest of the index or, of a build that made none, the manifest.
	Digest string
}
