// Package pause packs the pause executable as an image.
package pause

import (
	"archive/tar"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"runtime"
)

// WriteArchive packs the executable as the only file of an image with the
// given name, into the format of "docker save", which containerd imports.
func WriteArchive(path, executable, name string) error {
	content, err := os.ReadFile(executable)
	if err != nil {
		return err
	}
	layer, err := pack([]file{{"pause", content, 0o755}})
	if err != nil {
		return err
	}
	config, err := json.Marshal(imageConfig(layer))
	if err != nil {
		return err
	}
	manifest, err := json.Marshal([]map[string]any{{
		"Config": "config.json", "RepoTags": []string{name}, "Layers": []string{"layer.tar"},
	}})
	if err != nil {
		return err
	}
	archive, err := pack([]file{
		{"manifest.json", manifest, 0o644}, {"config.json", config, 0o644}, {"layer.tar", layer, 0o644},
	})
	if err != nil {
		return err
	}
	return os.WriteFile(path, archive, 0o644)
}

func imageConfig(layer []byte) map[string]any {
	sum := sha256.Sum256(layer)
	return map[string]any{
		"os":           "linux",
		"architecture": runtime.GOARCH,
		"config":       map[string]any{"Entrypoint": []string{"/pause"}},
		"rootfs":       map[string]any{"type": "layers", "diff_ids": []string{"sha256:" + hex.EncodeToString(sum[:])}},
	}
}

type file struct {
	name    string
	content []byte
	mode    int64
}

func pack(files []file) ([]byte, error) {
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, f := range files {
		header := &tar.Header{Name: f.name, Mode: f.mode, Size: int64(len(f.content))}
		if err := w.WriteHeader(header); err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	err := w.Close()
	return out.Bytes(), err
}
