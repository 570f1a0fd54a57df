package safety

// checkPlatform looks whether the image and both bases are for the same platform. The app may leave out the variant.
func checkPlatform(p *proof) verdict {
	app, old, new := p.App.Platform.Normalized(), p.OldBase.Platform.Normalized(), p.NewBase.Platform.Normalized()
	switch {
	case app.OS == "windows":
		return refuse("the layers of Windows images change the registry of the base that they were made on")
	case app.OS == "" || app.Architecture == "":
		return refuse("the image does not say for which platform it is")
	case old != new:
		return refuse("the old base is for %s %s and the new one for %s %s", old, old.OSVersion, new, new.OSVersion)
	case !app.Matches(old):
		return refuse("the image is for %s and its base for %s", app, old)
	}
	return pass("%s in the image and both bases", new)
}
