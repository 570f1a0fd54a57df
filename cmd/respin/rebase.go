package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/respin-dev/respin/internal/builder/rebase"
	"github.com/respin-dev/respin/internal/image"
)

func rebaseCommand() *cobra.Command {
	var o options
	var to string
	command := &cobra.Command{
		Use:   "rebase IMAGE --base REF -t OUT",
		Short: "Put an image's own layers on its base as it is now, and push the result",
		Long: "Puts an image's own layers on its base as it is now, and pushes the result, if every safety check passes or is\n" +
			"waived. An image that is current is left as it is, and nothing is pushed.\n\n" +
			"Exit codes: 0 the image was pushed, or is current, 4 the rebase is refused, 1 something could not be read or written,\n" +
			"2 the command line is wrong.",
		Example: "  respin rebase registry.example.com/payments/api:1.4 --base registry.example.com/base/debian:12 \\\n" +
			"    -t registry.example.com/payments/api:1.4-patched",
		Args: oneImage,
		RunE: func(cmd *cobra.Command, args []string) error { return rebaseImage(cmd, &o, args[0], to) },
	}
	o.bind(command.Flags())
	command.Flags().StringVarP(&to, "tag", "t", "", "where the result is pushed, as registry/repository:tag")
	return command
}

func rebaseImage(cmd *cobra.Command, o *options, reference, to string) error {
	output, err := image.ParseReference(to)
	if err != nil || output.Digest != "" {
		return usageError{fmt.Errorf("-t %q is not where an image can be pushed; write for example registry.example.com/team/app:1.2", to)}
	}
	client, found, err := assess(cmd.Context(), o, reference, to)
	if err != nil {
		return err
	}
	told := report(found)
	if found.safe() {
		pushed, err := rebase.New(client, version).Build(cmd.Context(), found.request(output), nil)
		switch {
		case found.refuses(err):
			told = report(found)
		case err != nil:
			return err
		default:
			told.Output = output.WithDigest(pushed.Digest).Familiar()
		}
	}
	if err := told.print(cmd.OutOrStdout(), o.output); err != nil {
		return err
	}
	if told.Output != "" {
		return nil
	}
	return told.exit()
}
