package safety

import "github.com/respin-dev/respin/internal/image"

// checkPlatform looks whether the image and both bases are for the same platform. The app may leave out the variant.
func checkPlatform(p *proof) verdict {
	app, old, new := p.App.Platform.Normalized(), p.OldBase.Platform.Normalized(), p.NewBase.Platform.Normalized()
	switch {
	case app.OS == "windows":
		return refuse("the layers of Windows images change the registry of the base that they were made on")
	case app.OS == "" || app.Architecture == "":
		return refuse("the image does not say for which platform it is")
	case old != new:
		return refuse("the old base is for %s and the new one for %s", exactly(old), exactly(new))
	case !app.Matches(old):
		return refuse("the image is for %s and its base for %s", app, old)
	}
	return pass("%s in the image and both bases", new)
}

// exactly is a platform with the version of its system, where it has one.
func exactly(p image.Platform) string {
	if p.OSVersion == "" {
		return p.String()
	}
	return p.String() + " " + quote(p.OSVersion)
}
