package registry

import (
	"context"
	"time"

	"github.com/respin-dev/respin/internal/image"
)

// platform is as an index and an image's config spell it.
type platform struct {
	OS           string `json:"os"`
	Architecture string `json:"architecture"`
	Variant      string `json:"variant"`
	OSVersion    string `json:"os.version"`
}

func (p platform) value() image.Platform {
	return image.Platform{
		OS: p.OS, Architecture: p.Architecture, Variant: p.Variant, OSVersion: p.OSVersion,
	}.Normalized()
}

// config is as much of an image's config as is of use here. Created is a string, since a date that cannot be read is
// no reason to refuse an image.
type config struct {
	platform
	Created string `json:"created"`
	RootFS  struct {
		DiffIDs bounded[string] `json:"diff_ids"`
	} `json:"rootfs"`
	Config struct {
		User       string          `json:"User"`
		WorkingDir string          `json:"WorkingDir"`
		Env        bounded[string] `json:"Env"`
		Entrypoint bounded[string] `json:"Entrypoint"`
		Cmd        bounded[string] `json:"Cmd"`
		Shell      bounded[string] `json:"Shell"`
		OnBuild    bounded[string] `json:"OnBuild"`
		Labels     dictionary      `json:"Labels"`
		StopSignal string          `json:"StopSignal"`
	} `json:"config"`
	History bounded[history] `json:"history"`

	raw []byte // what all this was read from
}

type history struct {
	CreatedBy  string `json:"created_by"`
	EmptyLayer bool   `json:"empty_layer"`
}

// value is the part of a config that is of use in a decision. It shares its lists with the memory: nobody writes to
// them.
func (c config) value() image.Config {
	run := c.Config
	value := image.Config{
		User: run.User, WorkingDir: run.WorkingDir, Env: run.Env, Entrypoint: run.Entrypoint, Cmd: run.Cmd,
		Shell: run.Shell, OnBuild: run.OnBuild, Labels: run.Labels, StopSignal: run.StopSignal,
	}
	for _, h := range c.History {
		value.History = append(value.History, image.History(h))
	}
	return value
}

func (c config) created() time.Time {
	at, err := time.Parse(time.RFC3339Nano, c.Created)
	if err != nil {
		return time.Time{}
	}
	return at
}

// config gives the config of an image's manifest.
func (c *Client) config(ctx context.Context, ref image.Reference, manifest document) (config, error) {
	read, err := c.configOf(ctx, ref, *manifest.Config)
	if err == nil && len(read.RootFS.DiffIDs) != len(manifest.Layers) {
		return config{}, failure(ref, badContent("its config tells of %d layers and its manifest of %d",
			len(read.RootFS.DiffIDs), len(manifest.Layers)))
	}
	return read, err
}

// configOf gives the config that a descriptor tells of.
func (c *Client) configOf(ctx context.Context, ref image.Reference, of descriptor) (config, error) {
	if t := of.MediaType; t != typeOCIConfig && t != typeDockerConfig {
		return config{}, failure(ref, badContent("it is not a container image: its config is %.128q", t))
	}
	read, err := remembered(ctx, c, c.configs, c.key("config", ref, of.Digest),
		func(ctx context.Context) (config, int, error) {
			raw, err := c.blob(ctx, ref, of, maxConfig)
			if err != nil {
				return config{}, 0, err
			}
			parsed := config{raw: raw}
			if err := decode(raw, "config", &parsed); err != nil {
				return config{}, 0, failure(ref, err)
			}
			return parsed, 2 * len(raw), nil
		})
	if err == nil {
		err = checkSize(ref, of, len(read.raw))
	}
	if err != nil {
		return config{}, err
	}
	return read, nil
}
