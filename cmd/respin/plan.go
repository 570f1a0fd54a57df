package main

import (
	"github.com/spf13/cobra"

	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
)

func planCommand() *cobra.Command {
	var o options
	command := &cobra.Command{
		Use:   "plan IMAGE",
		Short: "Show whether an image is behind its base, and what would be done about it",
		Long: "Shows which base an image stands on and how that is known, what changed, every safety check of a rebase, and the\n" +
			"requests that a rebase would make. It writes nothing.\n\n" +
			"Exit codes: 0 the image is current, 3 it is behind and would be rebased, 4 it is behind and a rebase is refused,\n" +
			"1 something could not be read, 2 the command line is wrong.",
		Example: "  respin plan registry.example.com/payments/api:1.4\n" +
			"  respin plan registry.example.com/payments/api:1.4 --base registry.example.com/base/debian:12 -o json",
		Args: oneImage,
		RunE: func(cmd *cobra.Command, args []string) error { return planImage(cmd, &o, args[0]) },
	}
	o.bind(command.Flags())
	return command
}

func planImage(cmd *cobra.Command, o *options, reference string) error {
	client, found, err := assess(cmd.Context(), o, reference)
	if err != nil {
		return err
	}
	told := report(found)
	if found.safe() {
		output := image.Reference{Repository: found.ref.Repository, Tag: image.PatchedTag(found.ref.Tag, "plan")}
		planned, err := found.plan(cmd.Context(), rebase.New(client, version), output)
		if err != nil {
			return err
		}
		told = report(found)
		told.add(planned)
	}
	if err := told.print(cmd.OutOrStdout(), o.output); err != nil {
		return err
	}
	return told.exit()
}
