package main

import (
	"compress/gzip"
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"

	"github.com/respin-dev/respin/hack/demo/internal/screen"
)

// build builds a Dockerfile that needs no other file, with BuildKit, and puts the result where output says.
func (env environment) build(ctx context.Context, t *screen.Task, dockerfile, output string, more ...string) error {
	dir, err := os.MkdirTemp("", "respin-demo-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "Dockerfile"), []byte(dockerfile), 0o644); err != nil {
		return err
	}
	args := []string{"--addr", env.buildkit}
	if env.tlsDir != "" {
		args = append(args, "--tlsdir", env.tlsDir)
	}
	args = append(args, "build", "--progress", "plain", "--output", output,
		"--frontend", "dockerfile.v0", "--local", "dockerfile="+dir, "--local", "context="+dir,
		"--opt", "platform=linux/"+runtime.GOARCH, "--opt", "image-resolve-mode=pull")
	return t.Run(ctx, "buildctl", append(append(args, proxyArgs()...), more...)...)
}

// buildAndPush builds an image and pushes it, with the attestation that says what it was made from.
func (env environment) buildAndPush(ctx context.Context, t *screen.Task, dockerfile, reference string) error {
	output := "type=image,name=" + reference + ",push=true,oci-mediatypes=true"
	if env.plainHTTP {
		output += ",registry.insecure=true"
	}
	return env.build(ctx, t, dockerfile, output, "--opt", "attest:provenance=mode=min")
}

// buildArchive builds a file system, anew, into a gzipped tar archive.
func (env environment) buildArchive(ctx context.Context, t *screen.Task, dockerfile, archive string) error {
	unpacked, packed := archive+".tar", archive+".part"
	defer os.Remove(unpacked)
	defer os.Remove(packed)
	if err := env.build(ctx, t, dockerfile, "type=tar,dest="+unpacked, "--no-cache"); err != nil {
		return err
	}
	t.Detail("packing")
	if err := compress(unpacked, packed); err != nil {
		return err
	}
	return os.Rename(packed, archive)
}

func compress(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer out.Close()
	zipped := gzip.NewWriter(out)
	if _, err := io.Copy(zipped, in); err != nil {
		return err
	}
	if err := zipped.Close(); err != nil {
		return err
	}
	return out.Close()
}

// proxyArgs hand this environment's proxies to the build, whose steps may download.
func proxyArgs() []string {
	var args []string
	for _, name := range []string{"http_proxy", "https_proxy", "no_proxy"} {
		if value := os.Getenv(name); value != "" {
			args = append(args, "--opt", "build-arg:"+name+"="+value)
		}
	}
	return args
}
