package image

// Config is how a container of an image is run, as far as a base hands it down to what is built on it, and what the
// image says of its making. The fields are those of the OCI image specification's config, with Docker's Shell and
// OnBuild.
type Config struct {
	User       string
	WorkingDir string
	// Env entries are of the form NAME=value.
	Env        []string
	Entrypoint []string
	Cmd        []string
	Shell      []string
	OnBuild    []string
	Labels     map[string]string
	StopSignal string
	History    []History
}

// History is one instruction of an image's making.
type History struct {
	// CreatedBy is the instruction, in whatever form the builder writes.
	CreatedBy string
	// EmptyLayer is true of an instruction that made no layer.
	EmptyLayer bool
}
