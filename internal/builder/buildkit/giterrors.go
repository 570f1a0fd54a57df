package buildkit

import (
	"regexp"

	"github.com/respin-dev/respin/internal/builder"
)

// gitReplies are what Git and BuildKit say of a repository that cannot be used, and what that means to whoever wrote
// its address. The first that matches holds.
var gitReplies = []struct {
	says      *regexp.Regexp
	reason    string
	temporary bool
}{
	{
		regexp.MustCompile(`does not contain ref|couldn't find remote ref|could not find default branch|not our ref|` +
			`can not be found in the repository|unable to read tree|reference is not a tree|bad object|Server does not allow`),
		"the repository has no such revision: write a branch, a tag or a full commit that it has", false,
	},
	{
		regexp.MustCompile(`(?i)subdir|subpath`),
		"the repository has no such folder at that revision", false,
	},
	{
		regexp.MustCompile(`(?i)could not read Username|Authentication failed|returned error: 40[13]|terminal prompts disabled`),
		"the repository asks for credentials, and none are sent: it must be readable by everyone", false,
	},
	{
		regexp.MustCompile(`(?i)repository '[^']*' not found|returned error: 404|not valid: is this a git repository|` +
			`does not appear to be a git repository`),
		"there is no Git repository at that address", false,
	},
	{
		regexp.MustCompile(`(?i)Could not resolve host|Failed to connect|Couldn't connect|returned error: (429|5\d\d)|` +
			`Empty reply|hung up|timed out|early EOF|RPC failed|context completed`),
		"the repository does not answer", true,
	},
}

// gitError reads what was said of a repository. What it does not know is passed on, and is not tried again.
func gitError(buildContext, text string) *builder.ContextError {
	err := contextError(buildContext, text)
	for _, reply := range gitReplies {
		if reply.says.MatchString(text) {
			err.Reason, err.Temporary = reply.reason, reply.temporary
			return err
		}
	}
	err.Temporary = outage.MatchString(text)
	return err
}
