//go:build integration

package rebase

import (
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
)

// whatIsConfigured are images that differ in how they are run, on bases that differ in that.
func whatIsConfigured() map[string]shape {
	copied := from(`COPY app /app/app`)
	on := func(how func(old, now *v1.Config)) bases { return debian().configured(how) }
	return map[string]shape{
		"all that there is": {bases: debian(), recipe: from(
			`ENV A=1 B="two words"`, `LABEL team=payments version=7`, `EXPOSE 8080 53/udp`, `VOLUME /data`, `STOPSIGNAL SIGINT`,
			`HEALTHCHECK --interval=5s --retries=2 CMD /app/app check`, `SHELL ["/bin/sh", "-ec"]`, `ONBUILD COPY . /app`,
			`WORKDIR /app`, `COPY app .`, `ENTRYPOINT ["/app/app"]`, `CMD ["serve"]`, `USER 1000:1000`,
		)},
		"a new entrypoint and search path below": {
			recipe: copied, bases: on(func(_, now *v1.Config) {
				now.Entrypoint, now.Env = []string{"/opt/tool/run"}, []string{"PATH=/opt/tool:/usr/bin", "LANG=C.UTF-8"}
			}),
		},
		"a new command below an entrypoint": {
			recipe: from(`COPY app /app/app`, `ENTRYPOINT ["/app/app"]`),
			bases:  on(func(_, now *v1.Config) { now.Cmd = []string{"/bin/new"} }),
		},
		"a new entrypoint below a command": {
			recipe: from(`COPY app /app/app`, `CMD ["/app/app"]`),
			bases: on(func(old, now *v1.Config) {
				old.Entrypoint, now.Entrypoint = []string{"/opt/tool/run"}, []string{"/opt/tool/alias"}
			}),
		},
		"variables that come, go and change": {
			recipe: from(`ENV APP=1`),
			bases: on(func(old, now *v1.Config) {
				old.Env = append(old.Env, "GOES=soon", "CHANGES=before")
				now.Env = append(now.Env, "COMES=1", "CHANGES=after")
			}),
		},
		"a variable that both set": {
			recipe: from(`ENV LANG=de_DE.UTF-8`),
			bases:  on(func(_, now *v1.Config) { now.Env = []string{searched, "LANG=en_US.UTF-8"} }),
		},
		"a search path that both prolong": {
			recipe: from(`ENV PATH=/app/bin:$PATH`),
			bases:  on(func(_, now *v1.Config) { now.Env[0] = "PATH=/opt/new:/usr/bin:/bin" }),
		},
		"volumes, ports and labels of both": {
			recipe: from(`VOLUME /data`, `EXPOSE 8080`, `LABEL team=payments`),
			bases: on(func(old, now *v1.Config) {
				old.ExposedPorts, now.ExposedPorts = map[string]struct{}{"80/tcp": {}}, map[string]struct{}{"443/tcp": {}}
				now.Volumes = map[string]struct{}{"/cache": {}}
				old.Labels["gone"], now.Labels["come"] = "1", "1"
			}),
		},
		"a health check that is the base's": {
			recipe: copied, bases: on(func(old, now *v1.Config) {
				old.Healthcheck = &v1.HealthConfig{Test: []string{"CMD", "true"}, Interval: time.Second}
				now.Healthcheck = &v1.HealthConfig{Test: []string{"CMD", "true"}, Interval: time.Minute}
			}),
		},
		"a signal that is the base's": {
			recipe: copied, bases: on(func(_, now *v1.Config) { now.StopSignal = "SIGINT" }),
		},
		"a user that is the base's": {
			recipe: from(`ENV APP=1`), bases: on(func(_, now *v1.Config) { now.User = "65532" }),
		},
		"a working folder that is the base's": {
			recipe: from(`ENV APP=1`), bases: on(func(_, now *v1.Config) { now.WorkingDir = "/srv" }),
		},
		"a command set to what it was": {
			recipe: from(`CMD ["/usr/bin/sh"]`), bases: on(func(_, now *v1.Config) { now.Cmd = []string{"/bin/new"} }),
		},
	}
}
