package config

import (
	"encoding/base64"
	"os"
	"path/filepath"
)

type kubeconfig struct{ API, User, CA, Cert, Key string }

// users are the Kubernetes parts that need a kubeconfig to reach the API
// server with, by the name of their certificate.
var users = []string{"controller-manager", "scheduler", "kubelet", "kube-proxy"}

// WriteKubeconfigs writes one for each part into dir.
func WriteKubeconfigs(dir, pki string, v Values) error {
	for _, user := range users {
		if err := WriteKubeconfig(filepath.Join(dir, user+".kubeconfig"), pki, user, v); err != nil {
			return err
		}
	}
	return nil
}

// WriteKubeconfig writes one for the user whose certificate is in pki. It
// holds the certificates, so it can be copied.
func WriteKubeconfig(path, pki, user string, v Values) error {
	k := kubeconfig{API: v.API(), User: user}
	for file, field := range map[string]*string{"ca.crt": &k.CA, user + ".crt": &k.Cert, user + ".key": &k.Key} {
		content, err := os.ReadFile(filepath.Join(pki, file))
		if err != nil {
			return err
		}
		*field = base64.StdEncoding.EncodeToString(content)
	}
	return render("kubeconfig.yaml", path, k)
}
