//go:build integration

package rebase

import (
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/respin-dev/respin/internal/image/safety"
)

// whatManifestsSay are images that differ in how they are written down rather than in what they hold.
func whatManifestsSay() map[string]shape {
	app := from(`COPY app /app/app`, `ENV APP=1`, `COPY data /app/data`)
	onDocker := debian().finished(asDocker)
	return map[string]shape{
		"an app without history":             {bases: debian(), recipe: app, then: withoutHistory},
		"a base without history":             {bases: debian().finished(withoutHistory), recipe: app},
		"nothing with history":               {bases: debian().finished(withoutHistory), recipe: app, then: withoutHistory},
		"history of empty layers":            {bases: debian().finished(manyEmpty), recipe: app, then: manyEmpty},
		"history of more layers than it has": {bases: debian(), recipe: app, then: tooMuchHistory},
		"history of fewer layers":            {bases: debian(), recipe: app, then: tooLittleHistory},
		"Docker's schema 2":                  {bases: onDocker, recipe: app, then: asDocker},
		"an OCI image on Docker's base":      {bases: onDocker, recipe: app},
		"a Docker image on an OCI base":      {bases: debian(), recipe: app, then: asDocker},
		"both media types in a manifest":     {bases: debian().finished(mixed), recipe: app, then: mixed},
		"all layers compressed again":        {bases: debian(), recipe: app, then: compressedAgain},
		"all layers in zstd afterwards":      {bases: debian(), recipe: app, then: inZstd},
		"a base compressed again afterwards": {bases: debian(), recipe: app, recorded: compressedAgain},
		"a base in zstd":                     {bases: debian().finished(inZstd), recipe: app},
		"a base that turns to zstd":          {bases: turning(inZstd), recipe: app},
		"a base that turns to Docker's":      {bases: turning(asDocker), recipe: app},
		"an author and a date of its own":    {bases: debian(), recipe: app, then: reconfigured(func(c *v1.ConfigFile) { c.Author, c.Created = "somebody", v1.Time{Time: fixed} })},
		"a version of the operating system":  {bases: debian().finished(versioned), recipe: app, then: versioned},
		"annotations of the base":            {bases: debian(), recipe: app, then: annotated},
		"a foreign layer":                    {bases: debian(), recipe: app, then: foreignLayer, refused: safety.Layers},
	}
}

// turning has the new base written in another way than the old.
func turning(how making) bases {
	b := debian()
	b.new.finish = how
	return b
}

func manyEmpty(t testing.TB, image v1.Image) v1.Image {
	t.Helper()
	return reconfigured(func(c *v1.ConfigFile) {
		empty := v1.History{CreatedBy: "ENV X=1", EmptyLayer: true}
		history := []v1.History{empty}
		for _, h := range c.History {
			history = append(history, h, empty)
		}
		c.History = history
	})(t, image)
}

func tooMuchHistory(t testing.TB, image v1.Image) v1.Image {
	t.Helper()
	return reconfigured(func(c *v1.ConfigFile) { c.History = append(c.History, v1.History{CreatedBy: "RUN nothing"}) })(t, image)
}

func tooLittleHistory(t testing.TB, image v1.Image) v1.Image {
	t.Helper()
	return reconfigured(func(c *v1.ConfigFile) { c.History = c.History[len(c.History)-1:] })(t, image)
}

func versioned(t testing.TB, image v1.Image) v1.Image {
	t.Helper()
	return reconfigured(func(c *v1.ConfigFile) { c.OSVersion = "6.1.0" })(t, image)
}

// annotated has annotations as Buildah writes them, which another base's digest would make untrue.
func annotated(_ testing.TB, image v1.Image) v1.Image {
	made, _ := mutate.Annotations(image, map[string]string{
		"org.opencontainers.image.created": "2026-01-10T12:00:00Z", "com.example.team": "payments",
	}).(v1.Image)
	return made
}

// foreignLayer has a layer that a registry may not give away.
func foreignLayer(t testing.TB, image v1.Image) v1.Image {
	t.Helper()
	made, err := mutate.Append(image, mutate.Addendum{
		Layer:     compressed(t, raw(t, released, file("srv/foreign", "foreign")), types.OCIRestrictedLayer),
		MediaType: types.OCIRestrictedLayer, History: v1.History{CreatedBy: "ADD foreign"},
	})
	must(t, err)
	return made
}
