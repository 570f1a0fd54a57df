//go:build integration

package rebase

// whatBuildKitMakes are images that differ in how BuildKit writes them.
func whatBuildKitMakes() map[string]shape {
	app := from(`COPY app /app/app`, `ENV APP=1`, `CMD ["/app/app"]`)
	both := []string{native, foreign}
	stages := app
	stages.dockerfile = "FROM BASE AS made\nRUN echo made > /made\nFROM BASE\nCOPY --from=made /made /app/made\n"
	inline := app
	inline.inline = true
	return map[string]shape{
		"an image without attestations":     {bases: debian(), recipe: app},
		"an index with little provenance":   {bases: debian(), recipe: app.attested("mode=min")},
		"an index with all the provenance":  {bases: debian(), recipe: app.attested("mode=max")},
		"provenance of SLSA 0.2":            {bases: debian(), recipe: app.attested("mode=max,version=v0.2")},
		"provenance of SLSA 1":              {bases: debian(), recipe: app.attested("mode=max,version=v1")},
		"layers in zstd":                    {bases: debian(), recipe: app.attested("mode=min").exported("compression", "zstd")},
		"layers in eStargz":                 {bases: debian(), recipe: app.exported("compression", "estargz")},
		"layers that are not compressed":    {bases: debian(), recipe: app.exported("compression", "uncompressed")},
		"the base's layers in zstd too":     {bases: debian(), recipe: app.exported("compression", "zstd", "force-compression", "true")},
		"the base's layers compressed more": {bases: debian(), recipe: app.exported("compression", "gzip", "compression-level", "9", "force-compression", "true")},
		"Docker's media types":              {bases: debian(), recipe: app.exported("oci-mediatypes", "false")},
		"annotations of its own": {
			bases:  debian(),
			recipe: app.attested("mode=min").exported("annotation.com.example.team", "payments", "annotation-index.com.example.team", "payments"),
		},
		"two platforms":                           {bases: debian(), recipe: from(`COPY app /app/app`).attested("mode=min").forPlatforms(both...)},
		"two platforms without attestations":      {bases: debian(), recipe: from(`COPY app /app/app`).forPlatforms(both...)},
		"two platforms of which one has moved":    {bases: debian(), recipe: from(`COPY app /app/app`).attested("mode=min").forPlatforms(both...), still: []string{foreign}},
		"two variants of an architecture":         {bases: debian(), recipe: from(`COPY app /app/app`).forPlatforms("linux/arm/v6", "linux/arm/v7", native)},
		"several stages on the base":              {bases: debian(), recipe: stages.attested("mode=max")},
		"a build cache in its configuration":      {bases: debian(), recipe: inline},
		"a layer that was linked":                 {bases: debian(), recipe: from(`COPY --link app /app/app`, `COPY --link data /app/data`)},
		"a step that wrote nothing":               {bases: debian(), recipe: from(`RUN true`, `COPY app /app/app`, `RUN true`)},
		"no layer of its own":                     {bases: debian(), recipe: from(`ENV APP=1`, `CMD ["/opt/tool/run"]`).attested("mode=min")},
		"a file that a later layer removes again": {bases: debian(), recipe: from(`RUN echo secret > /key`, `RUN rm /key`)},
	}
}
