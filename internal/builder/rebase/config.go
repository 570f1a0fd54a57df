package rebase

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/respin-dev/respin/internal/image"
)

// topFields and runFields are the fields of an image's config, and of the part of it that says how a container is run,
// that are read here. See the OCI image specification's config.md and Docker's image specification v1.3.
var (
	topFields = []string{
		"architecture", "os", "variant", "os.version", "os.features", "created", "author", "config", "rootfs", "history",
	}
	runFields = []string{
		"User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal",
		"ArgsEscaped", "Healthcheck", "OnBuild", "Shell",
	}
)

// config is an image's config, with all its fields as they were written.
type config struct {
	top, run object
	platform image.Platform
	created  time.Time
	diffIDs  []string
	history  []step
	env      []string
	// keyed are the fields of run that are objects: labels, ports and volumes.
	keyed map[string]object
}

// step is an entry of the history.
type step struct {
	CreatedBy  string `json:"created_by"`
	EmptyLayer bool   `json:"empty_layer"`

	raw json.RawMessage
}

// UnmarshalJSON is json.Unmarshaler's.
func (s *step) UnmarshalJSON(raw []byte) error {
	type fields step
	s.raw = append(json.RawMessage(nil), raw...)
	return json.Unmarshal(raw, (*fields)(s))
}

// parseConfig reads an image's config. The caller bounds its size.
func parseConfig(raw []byte) (config, error) {
	top, err := parseObject(raw, topFields...)
	if err != nil {
		return config{}, badConfig(err)
	}
	run, err := parseObject(top["config"], runFields...)
	if err != nil {
		return config{}, badConfig(err)
	}
	c := config{top: top, run: run, keyed: map[string]object{}}
	for _, read := range []func(*config) error{
		(*config).readPlatform, (*config).readLayers, (*config).readHistory, (*config).readEnv, (*config).readKeyed,
	} {
		if err := read(&c); err != nil {
			return config{}, badConfig(err)
		}
	}
	return c, nil
}

func badConfig(err error) error {
	return fmt.Errorf("its config is not JSON of the right form (%w)", err)
}

func (c *config) readPlatform() error {
	var created string
	err := errors.Join(
		c.top.read("os", &c.platform.OS), c.top.read("architecture", &c.platform.Architecture),
		c.top.read("variant", &c.platform.Variant), c.top.read("os.version", &c.platform.OSVersion),
		c.top.read("created", &created),
	)
	if err != nil {
		return err
	}
	if c.platform.OS == "" || c.platform.Architecture == "" {
		return errors.New("it names no platform")
	}
	// A time that cannot be read is as good as none.
	c.created, _ = time.Parse(time.RFC3339Nano, created)
	return nil
}

func (c *config) readLayers() error {
	var rootFS struct {
		Type    string       `json:"type"`
		DiffIDs list[string] `json:"diff_ids"`
	}
	if err := c.top.read("rootfs", &rootFS); err != nil {
		return err
	}
	if rootFS.Type != "layers" && rootFS.Type != "" {
		return fmt.Errorf("its rootfs is of the type %.128q and not layers", rootFS.Type)
	}
	for _, id := range rootFS.DiffIDs {
		if !image.ValidDigest(id) {
			return fmt.Errorf("its layer %.128q is not a sha256 digest", id)
		}
	}
	c.diffIDs = rootFS.DiffIDs
	return nil
}

func (c *config) readHistory() error {
	var history list[step]
	err := c.top.read("history", &history)
	c.history = history
	return err
}

func (c *config) readEnv() error {
	var env list[string]
	err := c.run.read("Env", &env)
	c.env = env
	return err
}

func (c *config) readKeyed() error {
	for _, field := range []string{"Labels", "ExposedPorts", "Volumes"} {
		parsed, err := parseObject(c.run[field])
		if err != nil {
			return fmt.Errorf("%s: %w", field, err)
		}
		c.keyed[field] = parsed
	}
	return nil
}

// read decodes one field; one that is not there leaves the target as it is.
func (o object) read(key string, into any) error {
	if unset(o[key]) {
		return nil
	}
	if err := json.Unmarshal(o[key], into); err != nil {
		return fmt.Errorf("%s: %w", key, err)
	}
	return nil
}
