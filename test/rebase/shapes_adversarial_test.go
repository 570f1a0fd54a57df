//go:build integration

package rebase

import (
	"strings"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/respin-dev/respin/internal/image/safety"
	"github.com/respin-dev/respin/internal/survey"
)

// against is a shape that a check has to refuse: some lines of a Dockerfile on bases that make them dangerous.
func against(check safety.Check, on bases, lines ...string) shape {
	return shape{bases: on, recipe: from(lines...), refused: check}
}

// whatMustNotGoWrong are images on which a rebase that swaps layers blindly gives something else than a build does.
func whatMustNotGoWrong() map[string]shape {
	grows := func(folder string) bases { return debian().change(file(folder+"/extra", "extra\n")) }
	curl := `printf 'Package: curl\nStatus: install ok installed\nVersion: 7.88\n\n'`
	lost := against(survey.Known, debian(), `COPY app /app/app`)
	lost.platforms, lost.lost = []string{native, foreign}, foreign
	misled := against(survey.Known, debian(), `COPY app /app/app`)
	misled.recorded = another
	return map[string]shape{
		"apt-get install in the app's layer":  against(safety.PackageDatabases, debian(), `RUN `+curl+` >> /var/lib/dpkg/status && touch /usr/bin/curl`),
		"apk add":                             against(safety.PackageDatabases, alpine(), `RUN printf 'P:curl\nV:8.0\n\n' >> /usr/lib/apk/db/installed`),
		"rpm -i":                              against(safety.PackageDatabases, fedora(), `RUN echo curl >> /usr/lib/sysimage/rpm/rpmdb.sqlite`),
		"a package's file in dpkg's status.d": against(safety.PackageDatabases, distroless(), `COPY data /var/lib/dpkg/status.d/libc6`),

		"a removed file that changes":               against(safety.Paths, debian(), `RUN rm /srv/data/moving`),
		"a changed file that changes":               against(safety.Paths, debian(), `RUN echo mine >> /etc/debian_version`),
		"a replaced C library":                      against(safety.Paths, debian(), `COPY data /lib/x86_64-linux-gnu/libc.so.6`),
		"owners of a user namespace, over all":      against(safety.Paths, debian(), `RUN chown -R 165536:165536 /srv`),
		"a file where the base gets one":            against(safety.Paths, debian().change(file("srv/data/mine", "theirs\n").mode(0o600)), `COPY data /srv/data/mine`),
		"a folder where the base gets a file":       against(safety.Paths, debian().change(file("srv/app", "theirs\n")), `RUN [ -e /srv/app ] || mkdir /srv/app`),
		"a file where the base gets a folder":       against(safety.Paths, debian().change(folder("srv/app"), file("srv/app/x", "x")), `RUN [ -e /srv/app ] || touch /srv/app`),
		"a folder that the base makes a link":       against(safety.Paths, linking(), `COPY data /opt/tool/data`),
		"a folder that the base takes away":         against(safety.Paths, debian().change(whiteout("opt/tool")), `COPY data /opt/tool/data`),
		"a folder whose mode changes":               against(safety.Paths, debian().change(folder("opt/tool").mode(0o700)), `COPY data /opt/tool/data`),
		"all files of a folder that grows":          against(safety.Patterns, grows("srv/data"), `RUN rm -f /srv/data/*`),
		"all owners in a folder that grows":         against(safety.Patterns, grows("opt/tool"), `RUN chown -R 1000:1000 /opt/tool`),
		"a folder made anew that grows":             against(safety.Patterns, grows("opt/tool"), `RUN rm -rf /opt/tool && mkdir /opt/tool`),
		"a linker's cache":                          against(safety.LinkerCache, debian(), `RUN echo mine >> /etc/ld.so.cache`),
		"hard links into the base's files":          against(safety.CopiedFiles, debian(), `RUN ln /srv/data/moving /srv/data/alias`),
		"a copy of a file that changes":             against(safety.CopiedFiles, debian(), `RUN cp /etc/debian_version /srv/built-on`),
		"a library copied by another stage":         against(safety.CopiedFiles, debian(), `COPY --from=BASE /usr/lib/x86_64-linux-gnu/libssl.so.3 /app/lib/libssl.so.3`),
		"a link to what the base takes away":        against(safety.Links, debian().change(whiteout("opt/tool/run")), `RUN ln -s /opt/tool/run /usr/bin/tool`),
		"an account that gets another number":       against(safety.Accounts, accounts(), `COPY --chown=app:app app /app/app`),
		"another release of the distribution":       against(safety.Distribution, release("ID=debian\nVERSION_ID=\"13\"\nVERSION_CODENAME=trixie\n"), `COPY app /app/app`),
		"another distribution":                      against(safety.Distribution, release("ID=ubuntu\nVERSION_ID=\"12\"\n"), `COPY app /app/app`),
		"an older C library":                        against(safety.LibC, older(), `COPY app /app/app`),
		"another C library":                         against(safety.LibC, musl(), `COPY app /app/app`),
		"a platform that is lost":                   lost,
		"a base that the image does not begin with": misled,
	}
}

// whatConfigurationsHide are images whose build depends on how the base says that things are run.
func whatConfigurationsHide() map[string]shape {
	on := func(how func(old, now *v1.Config)) bases { return debian().configured(how) }
	users := on(func(old, now *v1.Config) { old.User, now.User = "1000", "2000" })
	folders := on(func(old, now *v1.Config) { old.WorkingDir, now.WorkingDir = "/srv", "/opt" })
	shells := on(func(_, now *v1.Config) { now.Shell = []string{"/bin/sh", "-ec"} })
	variables := on(func(old, now *v1.Config) {
		old.Env, now.Env = append(old.Env, "AT=before"), append(now.Env, "AT=after")
	})
	triggers := on(func(old, now *v1.Config) {
		old.OnBuild, now.OnBuild = []string{"RUN touch /srv/one"}, []string{"RUN touch /srv/two"}
	})
	command := on(func(_, now *v1.Config) { now.Cmd = []string{"/bin/new"} })
	silent := shape{bases: command, recipe: from(`CMD ["/usr/bin/sh"]`), then: withoutHistory, refused: safety.History}
	return map[string]shape{
		"a user that steps run as":                   against(safety.User, users, `RUN touch /tmp/mine`),
		"a user, where no step runs":                 against(safety.User, users, `COPY app /app/app`, `USER 1000`),
		"a working folder that files go to":          against(safety.WorkingDirectory, folders, `COPY data mine`),
		"a working folder that another is below":     against(safety.WorkingDirectory, folders, `WORKDIR app`),
		"a working folder, where files go elsewhere": against(safety.WorkingDirectory, folders, `COPY app /app/app`),
		"a shell that commands are run by":           against(safety.Shell, shells, `CMD /app/app; true`),
		"a variable that another is made of":         against(safety.Environment, variables, `ENV HOME_OF_APP=/opt/app-$AT`),
		"a trigger that changes":                     against(safety.OnBuild, triggers, `COPY app /app/app`),
		"a command that nothing tells who set":       silent,
	}
}

// linking has a folder become a link to another one.
func linking() bases {
	return debian().change(folder("srv/other"), whiteout("opt/tool"), symlink("opt/tool", "../srv/other"))
}

// release has a Debian become something else.
func release(osRelease string) bases { return debian().change(file("usr/lib/os-release", osRelease)) }

// older has a Debian get the C library of an earlier one.
func older() bases {
	return debian().change(program(library+"libc.so.6", "GNU C Library (Debian GLIBC 2.31-13) stable release version 2.31.\n"))
}

// musl has a Debian come with Alpine's C library.
func musl() bases {
	b := debian()
	b.new.layers = [][]entry{shell(), append(
		alpineFiles("3.20", "1.2.5-r0"), file("etc/os-release", strings.TrimSpace("ID=debian\nVERSION_ID=\"12\"\n")),
	)}
	return b
}

// accounts has an account of the base get another number.
func accounts() bases {
	b := debian()
	with := func(layers [][]entry, id string) [][]entry {
		return append(layers[:2:2], []entry{
			file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:"+id+":"+id+"::/:/bin/sh\n"),
			file("etc/group", "root:x:0:\napp:x:"+id+":\n"),
		})
	}
	b.old.layers, b.new.layers = with(b.old.layers, "1000"), with(b.new.layers, "2000")
	return b
}

// another is an image that nothing in the table is built on.
func another(t testing.TB, _ v1.Image) v1.Image {
	t.Helper()
	return distroless().new.image(t, native)
}
