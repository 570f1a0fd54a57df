package rebase_test

import "testing"

func TestLabelsPortsAndVolumesAreMergedKeyByKey(t *testing.T) {
	for name, test := range map[string]struct {
		old, app, new, want string
		own                 []string
	}{
		"labels: left alone, set, added, and new": {
			old: `{"Labels":{"a":"1","b":"1"}}`, app: `{"Labels":{"a":"1","b":"2","c":"3"}}`,
			new: `{"Labels":{"a":"2","b":"3","d":"4"}}`, want: `{"Labels":{"a":"2","b":"2","c":"3","d":"4"}}`,
		},
		"labels: gone from the base": {
			old: `{"Labels":{"a":"1","b":"1"}}`, app: `{"Labels":{"a":"1","b":"1"}}`, new: `{"Labels":{"b":"1"}}`, want: `{"Labels":{"b":"1"}}`,
		},
		"labels: the last one gone from the base": {
			old: `{"Labels":{"a":"1"}}`, app: `{"Labels":{"a":"1"}}`, new: `{}`, want: `{}`,
		},
		"labels: removed by the app": {
			old: `{"Labels":{"a":"1","b":"1"}}`, app: `{"Labels":{"b":"1"}}`, new: `{"Labels":{"a":"2","b":"1"}}`, want: `{"Labels":{"b":"1"}}`,
		},
		"labels: set to the same": {
			old: `{"Labels":{"a":"1","b":"1"}}`, app: `{"Labels":{"a":"1","b":"1"}}`, new: `{"Labels":{"a":"2","b":"2"}}`,
			want: `{"Labels":{"a":"1","b":"2"}}`, own: []string{"-LABEL a=1"},
		},
		"labels: several set to the same at once": {
			old: `{"Labels":{"a":"1","b":"1","c":"1"}}`, app: `{"Labels":{"a":"1","b":"1","c":"1"}}`, new: `{"Labels":{"a":"2","b":"2","c":"2"}}`,
			want: `{"Labels":{"a":"1","b":"1","c":"2"}}`, own: []string{`-/bin/sh -c #(nop)  LABEL "a"=1 b=1`},
		},
		"labels: an empty one is one": {
			old: `{}`, app: `{"Labels":{"a":""}}`, new: `{"Labels":{"a":"2"}}`, want: `{"Labels":{"a":""}}`,
		},
		"ports: added by the app, added by the base, gone from the base": {
			old: `{"ExposedPorts":{"1/tcp":{}}}`, app: `{"ExposedPorts":{"1/tcp":{},"2/tcp":{}}}`, new: `{"ExposedPorts":{"3/udp":{}}}`,
			want: `{"ExposedPorts":{"2/tcp":{},"3/udp":{}}}`,
		},
		"ports: removed by the app": {
			old: `{"ExposedPorts":{"1/tcp":{}}}`, app: `{}`, new: `{"ExposedPorts":{"1/tcp":{}}}`, want: `{}`,
		},
		"ports: exposed again by the app, and gone from the base": {
			old: `{"ExposedPorts":{"1/tcp":{},"2/udp":{},"3/tcp":{}}}`, app: `{"ExposedPorts":{"1/tcp":{},"2/udp":{},"3/tcp":{}}}`, new: `{}`,
			want: `{"ExposedPorts":{"1/tcp":{},"2/udp":{}}}`, own: []string{"-EXPOSE map[1/tcp:{} 2/udp:{}]"},
		},
		"ports: exposed again, as older builders write it": {
			old: `{"ExposedPorts":{"1/tcp":{},"2/tcp":{}}}`, app: `{"ExposedPorts":{"1/tcp":{},"2/tcp":{}}}`, new: `{}`,
			want: `{"ExposedPorts":{"1/tcp":{}}}`, own: []string{"-/bin/sh -c #(nop)  EXPOSE 1"},
		},
		"volumes: declared again by the app, and gone from the base": {
			old: `{"Volumes":{"/a":{},"/b":{},"/c":{}}}`, app: `{"Volumes":{"/a":{},"/b":{},"/c":{}}}`, new: `{"Volumes":{"/d":{}}}`,
			want: `{"Volumes":{"/a":{},"/b":{},"/d":{}}}`, own: []string{"-VOLUME [/a /b]"},
		},
		"null everywhere": {
			old: `{"Labels":null,"Volumes":null}`, app: `{"Labels":null,"Volumes":null}`, new: `{"Labels":{"a":"1"}}`,
			want: `{"Labels":{"a":"1"},"Volumes":null}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			sameJSON(t, merged(t, "", test.old, test.app, test.new, test.own...), test.want)
		})
	}
}

func TestTheEnvironmentIsMergedVariableByVariable(t *testing.T) {
	for name, test := range map[string]struct {
		platform            string
		old, app, new, want string
		own                 []string
	}{
		"left alone, changed in the base": {old: `["A=1"]`, app: `["A=1"]`, new: `["A=2"]`, want: `["A=2"]`},
		"left alone, gone from the base":  {old: `["A=1","B=1"]`, app: `["A=1","B=1"]`, new: `["B=1"]`, want: `["B=1"]`},
		"new in the base":                 {old: `["A=1"]`, app: `["A=1"]`, new: `["A=1","B=1"]`, want: `["A=1","B=1"]`},
		"set by the app":                  {old: `["A=1"]`, app: `["A=x"]`, new: `["A=2"]`, want: `["A=x"]`},
		"set by the app, gone from the base": {
			old: `["A=1","B=1"]`, app: `["A=x","B=1"]`, new: `["B=1"]`, want: `["B=1","A=x"]`,
		},
		"the app's, and new in the base":       {old: `["B=1"]`, app: `["B=1","A=x"]`, new: `["A=2","B=1"]`, want: `["A=x","B=1"]`},
		"removed by the app":                   {old: `["A=1","B=1"]`, app: `["B=1"]`, new: `["A=2","B=1"]`, want: `["B=1"]`},
		"emptied by the app":                   {old: `["A=1"]`, app: `["A="]`, new: `["A=2"]`, want: `["A="]`},
		"PATH, with the app's entries before":  {old: `["PATH=/bin"]`, app: `["PATH=/app:/bin"]`, new: `["PATH=/sbin:/bin"]`, want: `["PATH=/app:/sbin:/bin"]`},
		"PATH, of which nothing is the base's": {old: `["PATH=/bin"]`, app: `["PATH=/app"]`, new: `["PATH=/sbin"]`, want: `["PATH=/app"]`},
		"the order is the new base's and then the app's": {
			old: `["A=1","B=1","PATH=/bin"]`, app: `["Y=1","PATH=/app:/bin","A=1","B=2","X=1"]`, new: `["PATH=/sbin","C=1","B=3","A=1"]`,
			want: `["PATH=/app:/sbin","C=1","B=2","A=1","Y=1","X=1"]`,
		},
		"set to the same as in the base": {
			old: `["A=1","B=1"]`, app: `["A=1","B=1"]`, new: `["A=2","B=2"]`, want: `["A=1","B=2"]`, own: []string{"-ENV A=1"},
		},
		"set to the same, and gone from the base": {
			old: `["A=1","B=1"]`, app: `["A=1","B=1"]`, new: `["B=1"]`, want: `["B=1","A=1"]`, own: []string{"-/bin/sh -c #(nop)  ENV A=1"},
		},
		"set to the same, in the form without an equals sign": {
			old: `["A=1","B=1"]`, app: `["A=1","B=1"]`, new: `["A=2","B=2"]`, want: `["A=1","B=2"]`, own: []string{"-env A 1"},
		},
		"several set to the same at once": {
			old: `["A=1","B=1","C=1"]`, app: `["A=1","B=1","C=1"]`, new: `["A=2","B=2","C=2"]`, want: `["A=1","B=1","C=2"]`,
			own: []string{`-ENV A=1 B=1`},
		},
		"an argument of the build is no variable": {
			old: `["A=1"]`, app: `["A=1"]`, new: `["A=2"]`, want: `["A=2"]`, own: []string{"-ARG A=1", "-RUN |1 A=1 /bin/sh -c true"},
		},
		"one that is there twice counts as its last": {
			old: `["A=0","A=1"]`, app: `["A=1"]`, new: `["A=3","B=1","A=2"]`, want: `["A=2","B=1"]`,
		},
		"names are the same in any case on Windows": {
			platform: "windows/amd64", old: `["Path=C:\\Windows"]`, app: `["PATH=C:\\app;C:\\Windows"]`, new: `["Path=C:\\new"]`,
			want: `["PATH=C:\\app;C:\\new"]`,
		},
		"an entry without a value":     {old: `["A"]`, app: `["A"]`, new: `["A","B"]`, want: `["A","B"]`},
		"an environment that is empty": {old: `null`, app: `null`, new: `null`, want: `null`},
	} {
		t.Run(name, func(t *testing.T) {
			env := func(list string) string { return `{"Env":` + list + `}` }
			sameJSON(t, merged(t, test.platform, env(test.old), env(test.app), env(test.new), test.own...), env(test.want))
		})
	}
}
