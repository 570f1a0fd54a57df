//go:build integration

package rebase_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/respin-dev/respin/internal/image"
)

// Commands that read provenance, in the versions that this was tried with.
const (
	buildx = "github.com/docker/buildx/cmd/buildx@v0.38.2"
	cosign = "github.com/sigstore/cosign/v3/cmd/cosign@v3.1.3"
)

// run runs a command of another project, which is compiled the first time.
func run(t *testing.T, module string, args ...string) []byte {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", append([]string{"run", module}, args...)...)
	command.Dir, command.Env = t.TempDir(), append(os.Environ(), "DOCKER_CONFIG="+t.TempDir())
	var out, trouble bytes.Buffer
	command.Stdout, command.Stderr = &out, &trouble
	if err := command.Run(); err != nil {
		t.Fatalf("%s %q: %v\n%s", module, args, err, trouble.String())
	}
	return out.Bytes()
}

// TestOtherToolsReadTheProvenance runs the tools that people read provenance with. Compiling them takes minutes the
// first time, so that it is done only when asked for.
func TestOtherToolsReadTheProvenance(t *testing.T) {
	if os.Getenv("RESPIN_TEST_READERS") == "" {
		t.Skip("set RESPIN_TEST_READERS=1 to compile and run buildx and cosign")
	}
	w, index, _, from, to := ordinary(t)
	ref := w.serve().build(request(index, from, to)).String()

	var inspected map[string]struct{ SLSA json.RawMessage }
	must(t, json.Unmarshal(run(t, buildx, "imagetools", "inspect", "--format", "{{json .Provenance}}", ref), &inspected))
	for _, platform := range []string{"linux/amd64", "linux/arm64"} {
		if !strings.Contains(string(inspected[platform].SLSA), image.BuildTypeRebase) {
			t.Errorf("buildx reads %s for %s", inspected[platform].SLSA, platform)
		}
		var envelope struct{ PayloadType, Payload string }
		must(t, json.Unmarshal(run(t, cosign, "download", "attestation", "--allow-http-registry", "--platform", platform,
			"--predicate-type", "slsaprovenance1", ref), &envelope))
		statement, err := base64.StdEncoding.DecodeString(envelope.Payload)
		must(t, err)
		if materials, err := image.ParseProvenance(statement); err != nil || len(materials) != 1 || materials[0].Digest != to.Digest {
			t.Errorf("cosign reads %s for %s: %v", statement, platform, err)
		}
	}
}
