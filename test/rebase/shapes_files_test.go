//go:build integration

package rebase

import "strings"

// whatStepsDo are images that differ in what a Dockerfile does to files, and leaves alone what a new base changes.
func whatStepsDo() map[string]shape {
	long := strings.Repeat("long-", 40) + "name"
	steps := map[string]recipe{
		"modes and owners":                    from(`COPY --chown=1000:1001 --chmod=4755 app /srv/app/app`, `RUN mkdir -m 3777 /srv/app/inbox`),
		"owners that are beyond 21 bits":      from(`RUN touch /srv/huge && chown 2147483646:3000000000 /srv/huge`),
		"owners as a user namespace has them": from(`COPY --chown=165536:165537 app /srv/app/app`, `RUN chown -R 165536:165536 /srv/app`),
		"a path longer than a tar header has": from(`RUN mkdir -p /srv/` + long + `/` + long + ` && touch /srv/` + long + `/` + long + `/file`),
		"a name that is not UTF-8":            from(`RUN printf x > "$(printf '/srv/caf\351')"`),
		"a name with a newline and a quote":   from(`RUN printf x > "$(printf '/srv/a\nb"c')"`),
		"devices and a pipe":                  from(`RUN mknod /srv/null c 1 3 && mknod /srv/loop b 7 0 && mkfifo -m 622 /srv/pipe`),
		"hard links of its own":               from(`RUN echo one > /srv/a && ln /srv/a /srv/b && ln /srv/a /opt/c`),
		"links to nowhere and to itself":      from(`RUN ln -s /nowhere /srv/dangling && ln -s . /srv/self && ln -s ../../../../etc /srv/up`),
		"a thousand files":                    from(`RUN mkdir /srv/many && for i in $(seq 1000); do echo $i > /srv/many/$i; done`),
		"a file with holes":                   from(`RUN dd if=/dev/null of=/srv/sparse bs=1 seek=3000000 && echo end >> /srv/sparse`),
		"files without content":               from(`RUN touch /srv/empty && mkdir -p /srv/nothing/in/it`),
		"an account in files that stay":       from(`RUN echo app:x:1000:1000::/srv:/bin/sh >> /etc/passwd && echo app:x:1000: >> /etc/group`, `USER app`, `WORKDIR /srv/app`, `COPY --chown=app:app data .`),
		"a removed file that stays":           from(`RUN rm /srv/data/stable`),
		"a folder that is made anew":          from(`RUN rm -rf /opt/tool && mkdir /opt/tool && echo mine > /opt/tool/mine`),
		"a folder that becomes a file":        from(`RUN rm -rf /opt/tool && echo file > /opt/tool`),
		"a file that becomes a folder":        from(`RUN rm /srv/data/stable && mkdir /srv/data/stable && touch /srv/data/stable/in`),
		"a file that becomes a link":          from(`RUN rm /srv/data/stable && ln -s moving /srv/data/stable`),
		"a file written through a link":       from(`COPY data /lib/app/data`, `COPY app /bin/app`),
		"a mode of a file that stays":         from(`RUN chmod 6755 /opt/tool/run`),
		"a name more for a file that stays":   from(`RUN ln /opt/tool/run /opt/tool/third`),
		"a file that stays, moved":            from(`RUN mv /srv/data/stable /srv/stable`),
		"a file beside one that changes":      from(`COPY data /srv/data/mine`),
		"removed and made again over layers":  from(`RUN rm /srv/data/stable`, `RUN echo again > /srv/data/stable`, `RUN rm -rf /opt/tool`, `COPY app /opt/tool/run`),
	}
	shapes := map[string]shape{}
	for name, steps := range steps {
		shapes[name] = shape{bases: debian(), recipe: steps}
	}
	return shapes
}
