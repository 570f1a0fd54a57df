package safety

import (
	"slices"

	"github.com/respin-dev/respin/internal/image"
)

// tarLayers are the media types of layers that are tar archives, with or without compression that can be read. Missing
// are those that may not be distributed, and encrypted ones.
var tarLayers = []string{
	"application/vnd.oci.image.layer.v1.tar",
	"application/vnd.oci.image.layer.v1.tar+gzip",
	"application/vnd.oci.image.layer.v1.tar+zstd",
	"application/vnd.docker.image.rootfs.diff.tar",
	"application/vnd.docker.image.rootfs.diff.tar.gzip",
	"application/vnd.docker.image.rootfs.diff.tar.zstd",
}

// checkLayers looks whether the app's layers begin with the old base's, and all layers can be read.
func checkLayers(p *proof) verdict { return p.structure }

func stacked(c Case) verdict {
	for _, one := range []struct {
		name  string
		child image.Child
	}{{"the image", c.App}, {"the old base", c.OldBase}, {"the new base", c.NewBase}} {
		if v := readable(one.name, one.child); !v.passed {
			return v
		}
	}
	if !image.BeginsWith(c.App.DiffIDs, c.OldBase.DiffIDs) {
		return refuse("the image's %d layers do not begin with the old base's %d", len(c.App.DiffIDs), len(c.OldBase.DiffIDs))
	}
	return pass("the image's layers begin with the old base's %d, and %d are its own",
		len(c.OldBase.DiffIDs), len(c.App.DiffIDs)-len(c.OldBase.DiffIDs))
}

func readable(name string, child image.Child) verdict {
	switch {
	case len(child.DiffIDs) == 0:
		return refuse("%s has no layers, so that nothing tells what is built on it", name)
	case len(child.DiffIDs) != len(child.Layers):
		return refuse("%s has %d layers in its manifest and %d in its config", name, len(child.Layers), len(child.DiffIDs))
	}
	for i, layer := range child.Layers {
		if !slices.Contains(tarLayers, layer.MediaType) {
			return refuse("layer %d of %s is of the type %s, which cannot be read", i+1, name, quote(layer.MediaType))
		}
	}
	return pass("")
}
