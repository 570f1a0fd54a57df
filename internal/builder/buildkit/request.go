package buildkit

import (
	"slices"
	"strings"

	"github.com/containerd/platforms"
	"github.com/distribution/reference"

	"github.com/respin-dev/respin/internal/builder"
)

// check refuses what BuildKit would take in a sense that a policy's author must not choose, or take without a word.
func check(req builder.Request) error {
	for _, c := range []func(builder.Request) error{checkSource, checkArgs, checkOutput, checkAnnotations, checkEpoch} {
		if err := c(req); err != nil {
			return err
		}
	}
	return nil
}

func checkSource(req builder.Request) error {
	if req.Context == "" {
		if req.DockerfileInline == "" {
			return refuse("Context", "there is nothing to build: name a Git context, or write the Dockerfile inline")
		}
		return nil
	}
	git, err := parseGitContext(req.Context)
	if err != nil {
		return err
	}
	if !git.pinned() {
		return contextError(req.Context, "the revision is not a full commit: resolve it with Pin first")
	}
	return nil
}

// checkArgs refuses the arguments by which BuildKit itself is steered: BUILDKIT_SYNTAX runs another frontend.
func checkArgs(req builder.Request) error {
	for name := range req.Args {
		switch {
		case name == "" || strings.ContainsAny(name, "= \t\n"):
			return refuse("Args", "an argument's name must not be empty or hold '=' or blanks")
		case strings.HasPrefix(strings.ToUpper(name), "BUILDKIT_"), name == epochArg:
			return refuse("Args", name+" steers the builder rather than the build: leave it out")
		}
	}
	return nil
}

// checkOutput makes sure of one name: BuildKit would take a list of them.
func checkOutput(req builder.Request) error {
	named, err := reference.ParseNormalizedNamed(req.Output)
	if err != nil {
		return refuse("Output", err.Error())
	}
	_, tagged := named.(reference.Tagged)
	_, digested := named.(reference.Digested)
	if !tagged || digested {
		return refuse("Output", "write repository:tag")
	}
	return nil
}

func checkAnnotations(req builder.Request) error {
	for key := range req.Annotations {
		if key == "" || strings.ContainsAny(key, " \t\r\n") {
			return refuse("Annotations", "a key must not be empty or hold blanks")
		}
	}
	return nil
}

func checkEpoch(req builder.Request) error {
	if req.Epoch.Unix() < 0 {
		return refuse("Epoch", "set a time, or the same request gives another image each time")
	}
	return nil
}

// parsePlatforms returns the platforms as the frontend takes them, each once.
func parsePlatforms(names []string) (string, error) {
	var normal []string
	for _, name := range names {
		p, err := platforms.Parse(name)
		if err != nil {
			return "", refuse("Platforms", err.Error())
		}
		if id := platforms.FormatAll(platforms.Normalize(p)); !slices.Contains(normal, id) {
			normal = append(normal, id)
		}
	}
	if len(normal) == 0 {
		return "", refuse("Platforms", "name at least one, as in linux/amd64")
	}
	return strings.Join(normal, ","), nil
}

func refuse(field, reason string) error { return &builder.RequestError{Field: field, Reason: reason} }
