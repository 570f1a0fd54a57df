package safety

import (
	"slices"

	"github.com/respin-dev/respin/internal/image"
)

// checkUser looks whether the bases have steps run as the same user: what RUN writes is theirs.
func checkUser(p *proof) verdict {
	return p.sameForSteps("USER", root(p.OldBase.Config.User), root(p.NewBase.Config.User))
}

// root is a user, by one name if it is root.
func root(user string) string {
	if user == "" || user == "0" {
		return "root"
	}
	return user
}

// checkWorkingDirectory looks whether relative paths lead to the same directory on both bases.
func checkWorkingDirectory(p *proof) verdict {
	app, old, new := folder(p.App.Config.WorkingDir), folder(p.OldBase.Config.WorkingDir), folder(p.NewBase.Config.WorkingDir)
	if old != new && app != old && len(p.App.DiffIDs) == len(p.OldBase.DiffIDs) {
		return refuse("WORKDIR is %s in the old base and %s in the new one, and the image's own %s may be relative to it", quote(old), quote(new), quote(app))
	}
	return p.sameForSteps("WORKDIR", old, new)
}

// folder is a working directory; none is the root.
func folder(dir string) string {
	if dir == "" {
		return "/"
	}
	return dir
}

// sameForSteps compares what the steps of a build start from. Without a layer of its own, an image had no steps that it
// matters to.
func (p *proof) sameForSteps(instruction, old, new string) verdict {
	own := len(p.App.DiffIDs) - len(p.OldBase.DiffIDs)
	switch {
	case old == new:
		return pass("%s is %s in both bases", instruction, quote(new))
	case own <= 0:
		return pass("%s is %s in the old base and %s in the new one, and the image has no layers of its own", instruction, quote(old), quote(new))
	}
	return refuse("%s is %s in the old base and %s in the new one, where the steps of the image's build would start from", instruction, quote(old), quote(new))
}

// checkShell looks whether the bases have commands run by the same shell, at a build and in what a build writes down.
func checkShell(p *proof) verdict {
	old, new := p.OldBase.Config.Shell, p.NewBase.Config.Shell
	if slices.Equal(old, new) {
		return pass("both bases have commands run by the same shell")
	}
	return refuse("SHELL is %s in the old base and %s in the new one", quoteAll(old), quoteAll(new))
}

// checkOnBuild looks whether the bases have the same done to what is built on them.
func checkOnBuild(p *proof) verdict {
	old, new := p.OldBase.Config.OnBuild, p.NewBase.Config.OnBuild
	if slices.Equal(old, new) {
		return pass("both bases have the same %d ONBUILD triggers", len(new))
	}
	return refuse("the bases have different ONBUILD triggers, %d and %d, which run when an image is built on them", len(old), len(new))
}

// checkHistory looks whether it is known of what the new base changed if the image inherited it or says the same itself.
// Where the history does not tell, only what looks inherited and was not changed is sure.
func checkHistory(p *proof) verdict {
	if _, ok := ownSteps(p.Case); ok {
		return pass("the image's history tells what it says itself")
	}
	if len(p.App.DiffIDs) == len(p.OldBase.DiffIDs) && slices.Equal(p.App.Config.History, p.OldBase.Config.History) {
		return pass("the image's history is its base's")
	}
	for _, f := range []struct {
		name          string
		app, old, new []string
	}{
		{"ENTRYPOINT", p.App.Config.Entrypoint, p.OldBase.Config.Entrypoint, p.NewBase.Config.Entrypoint},
		{"CMD", p.App.Config.Cmd, p.OldBase.Config.Cmd, p.NewBase.Config.Cmd},
		{"STOPSIGNAL", single(p.App.Config, signal), single(p.OldBase.Config, signal), single(p.NewBase.Config, signal)},
	} {
		if slices.Equal(f.app, f.old) && !slices.Equal(f.old, f.new) {
			return refuse("the new base changed %s, and the image has no history that tells whether its own is inherited", f.name)
		}
	}
	return pass("the image has no history, and the new base changed nothing that it may have set to the same")
}

func signal(c image.Config) string { return c.StopSignal }

func single(c image.Config, field func(image.Config) string) []string { return []string{field(c)} }

// quoteAll shows the words of a command.
func quoteAll(words []string) []string {
	quoted := make([]string, len(words))
	for i, word := range words {
		quoted[i] = quote(word)
	}
	return quoted
}
