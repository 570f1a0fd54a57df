//go:build e2e

package e2e

import (
	"testing"

	respinv1alpha1 "github.com/respin-dev/respin/api/v1alpha1"
	"github.com/respin-dev/respin/test/cluster"
	"github.com/respin-dev/respin/test/gitserver"
)

// An image is built from a directory of a branch, as it is when the base moves.
func TestABuildTakesItsSourcesFromGit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	base := w.NewBase("base", "one")
	app := w.App("app", base)
	sources := gitserver.New(t)
	sources.Commit("main", map[string]string{"api/Dockerfile": "FROM scratch\n"})
	sources.Commit("release", map[string]string{
		"api/docker/Dockerfile": app.Dockerfile + "COPY words /words\n" + `CMD ["/bin/sh", "-c", "cat /words; exec /bin/start"]` + "\n",
		"api/words":             "built from Git on\n",
	})
	rule := rebuild(app)
	rule.Build = &respinv1alpha1.BuildSpec{Context: sources.URL + "#release:api", Dockerfile: "docker/Dockerfile"}
	workload, policy := cluster.Deployment("app", app.Reference), newPolicy("app", rule)
	w.current(policy, workload)

	base.Move("two")
	w.check(policy)
	w.isReady(policy, respinv1alpha1.ReasonUpToDate)
	w.Says(workload, cluster.Container, "built from Git on\ntwo")
	w.isPatched(workload, app, base)
}
