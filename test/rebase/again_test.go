//go:build integration

package rebase

import (
	"testing"

	"github.com/respin-dev/respin/internal/image"
)

// TestPatchesDoNotPileUp patches an image whose base moves twice: the second time the patched image is there to be
// patched, and what comes of it is to be what a rebase of the first image gives.
func TestPatchesDoNotPileUp(t *testing.T) {
	g := newGallery(t)
	moved := shape{bases: debian(), recipe: from(`COPY app /app/app`, `ENV APP=1`).attested("mode=min")}
	w := g.prepare(t, 1, moved)
	app := w.ref("app@" + w.app)
	patched := w.ref("patched@" + w.patch(app).digest)
	w.now = w.push(debian().change(file("usr/share/third", "third\n")).new)

	inspected, err := w.client.Inspect(t.Context(), patched, nil)
	must(t, err)
	again := w.patch(image.Original(patched, inspected))
	direct := w.patch(app)
	if len(again.refusals) > 0 || again.digest != direct.digest || again.digest == patched.Digest {
		t.Errorf("patching the patched image gave %v, want %s", again, direct.digest)
	}
	if found, err := w.differences(direct.digest); err != nil || len(found) > 0 {
		t.Errorf("it is not what a build gives: %v\n%s", err, clip(found))
	}
}
