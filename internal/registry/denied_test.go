package registry

import (
	"net/http"
	"strings"
	"testing"
)

func TestWhoIsRefusedIsToldWhatToDo(t *testing.T) {
	push := call{method: http.MethodPost, what: "blobs/uploads/", push: true}
	pull := call{method: http.MethodGet, what: "manifests/1"}
	for name, tt := range map[string]struct {
		access Credential
		r      call
		says   []string
	}{
		"nobody who pulls":    {Credential{}, pull, []string{"without credentials", "none were given", "add an imagePullSecret for it"}},
		"nobody who pushes":   {Credential{}, push, []string{"takes nothing without credentials", "imagePullSecret that may push"}},
		"somebody who pulls":  {Credential{Username: "me", Password: "hunter1"}, pull, []string{"are refused", "may pull from"}},
		"somebody who pushes": {Credential{Username: "me", Password: "hunter1"}, push, []string{"are refused", "may push to"}},
		"one with a token":    {Credential{RegistryToken: "hunter1"}, pull, []string{"are refused"}},
	} {
		for login, basic := range map[string]bool{"a password": true, "tokens": false} {
			t.Run(name+", where the registry wants "+login, func(t *testing.T) {
				f := newFake(t)
				newDoorman(f).basic = basic
				c := as(t, f.client(), Access{Pull: ring{f.host: tt.access}})
				_, err := c.do(t.Context(), f.ref("app:1"), tt.r)
				if KindOf(err) != Denied {
					t.Fatalf("got %v", err)
				}
				for _, words := range append(tt.says, f.host) {
					if !strings.Contains(err.Error(), words) {
						t.Errorf("it does not say %q: %v", words, err)
					}
				}
				if _, again := c.do(t.Context(), f.ref("app:1"), tt.r); again.Error() != err.Error() || strings.Contains(err.Error(), "hunter") {
					t.Errorf("first %v\nthen %v", err, again)
				}
			})
		}
	}
}
