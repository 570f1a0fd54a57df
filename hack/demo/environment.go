package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

// environment is the cluster, registry and builder to use.
type environment struct {
	registry  string // host:port, perhaps with a path
	plainHTTP bool
	buildkit  string
	tlsDir    string
}

func readEnvironment(ctx context.Context) (environment, error) {
	env := environment{
		registry: os.Getenv("REGISTRY"), buildkit: os.Getenv("BUILDKIT_HOST"), tlsDir: os.Getenv("BUILDKIT_TLS_DIR"),
	}
	if env.registry == "" || env.buildkit == "" || os.Getenv("KUBECONFIG") == "" {
		return env, errors.New("KUBECONFIG, REGISTRY and BUILDKIT_HOST say where to work; hack/demo/run.sh sets them")
	}
	host, _, _ := strings.Cut(env.registry, "/")
	env.plainHTTP = speaksPlainHTTP(ctx, host)
	return env, nil
}

// speaksPlainHTTP is true when a registry answers over HTTP without TLS.
func speaksPlainHTTP(ctx context.Context, host string) bool {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://%s/v2/", host), http.NoBody)
	if err != nil {
		return false
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK || response.StatusCode == http.StatusUnauthorized
}
