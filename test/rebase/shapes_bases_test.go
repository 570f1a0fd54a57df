//go:build integration

package rebase

import (
	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// whatBasesAre are images on bases that differ in how they moved.
func whatBasesAre() map[string]shape {
	app := from(`COPY app /app/app`, `ENV APP=1`)
	install := from(`RUN printf 'Package: curl\nStatus: install ok installed\nVersion: 7.88\n\n' >> /var/lib/dpkg/status && echo curl > /usr/bin/curl`)
	return map[string]shape{
		"an Alpine":                               {bases: alpine(), recipe: app.attested("mode=min")},
		"a Fedora":                                {bases: fedora(), recipe: app.attested("mode=min")},
		"one without a shell":                     {bases: distroless(), recipe: app.attested("mode=min")},
		"one without a distribution":              {bases: files(), recipe: app.attested("mode=min")},
		"one that was only made again":            {bases: again12(), recipe: install},
		"one that got a layer on top":             {bases: topped(), recipe: app},
		"one that became a single layer":          {bases: squashed(), recipe: app},
		"one that became many layers":             {bases: split(), recipe: app},
		"one whose configuration alone moved":     {bases: reconfiguredOnly(), recipe: app},
		"one that has a layer twice":              {bases: twice(), recipe: app},
		"one that lost what the app does not use": {bases: debian().change(whiteout("opt/tool"), whiteout("srv/data/moving")), recipe: app},
		"one that got what the app brings":        {bases: debian().change(folder("app")), recipe: app},
	}
}

// again12 is made of the same files at another time.
func again12() bases {
	b := debian()
	b.new = base{layers: b.old.layers, config: b.old.config, at: fixed}
	return b
}

// topped has its fixes in a layer upon the layers that it had.
func topped() bases {
	b := debian()
	b.new = base{layers: append(b.old.layers[:2:2], []entry{
		file(library+"libssl.so.3", "OpenSSL 3.0.15-1\n"), whiteout("srv/data/moving"),
	}), config: b.old.config, at: released}
	return b
}

func squashed() bases {
	b := debian()
	b.new.layers = [][]entry{append(shell(), b.new.layers[1]...)}
	return b
}

func split() bases {
	b := debian()
	one := b.new.layers[1]
	b.new.layers = [][]entry{shell(), one[:10], one[10:20], one[20:], {file("usr/share/more", "more\n")}, nil}
	return b
}

func reconfiguredOnly() bases {
	b := debian()
	b.new = base{layers: b.old.layers, config: *b.old.config.DeepCopy(), at: released}
	return b.configured(func(_, now *v1.Config) { now.Env = append(now.Env, "FIXED=1") })
}

func twice() bases {
	b := debian()
	b.old.layers, b.new.layers = append(b.old.layers, b.old.layers[1]), append(b.new.layers, b.new.layers[1])
	return b
}
