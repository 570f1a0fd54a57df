package authregistry

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	service = "respin-tests"
	keyID   = "respin-tests-key"
	// lifetime of a token, from when it was signed.
	lifetime = 5 * time.Minute
)

// tokenServer signs tokens for those who have an account, for as much of what they ask as they may do, as the
// distribution project's specification of token authentication has it.
type tokenServer struct {
	accounts []Account
	key      *ecdsa.PrivateKey
}

// tokenAuth starts a token server at an address of the registry's host, and says what the registry is to know of it.
func tokenAuth(t testing.TB, dir string, o Options, ca authority) map[string]any {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", net.JoinHostPort(o.IP, strconv.Itoa(o.TokenPort)))
	must(t, err)
	server := httptest.NewUnstartedServer(&tokenServer{o.Accounts, key})
	_ = server.Listener.Close()
	server.Listener, server.TLS = listener, ca.serving()
	server.StartTLS()
	t.Cleanup(server.Close)
	keys := filepath.Join(dir, "jwks.json")
	must(t, os.WriteFile(keys, publicKeys(t, key), 0o600))
	return map[string]any{"token": map[string]any{
		"realm": "https://" + listener.Addr().String() + "/token", "service": service, "issuer": service, "jwks": keys,
	}}
}

// publicKeys are what tokens are verified with, as RFC 7517 writes them.
func publicKeys(t testing.TB, key *ecdsa.PrivateKey) []byte {
	t.Helper()
	point, err := key.PublicKey.Bytes() // 4, then X and Y
	must(t, err)
	half := len(point) / 2
	content, err := json.Marshal(map[string]any{"keys": []map[string]string{{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": keyID,
		"x": encode64(point[1 : 1+half]), "y": encode64(point[1+half:]),
	}}})
	must(t, err)
	return content
}

func encode64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// ServeHTTP answers a GET with a token. Who does not log in gets one that allows nothing. Clients with a password try a
// POST first, which many token servers do not know either.
func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		http.Error(w, `{"errors":[{"code":"UNSUPPORTED","message":"only GET is answered"}]}`, http.StatusMethodNotAllowed)
		return
	}
	var account Account
	if name, password, given := r.BasicAuth(); given {
		at := slices.IndexFunc(s.accounts, func(a Account) bool { return a.Name == name && a.Password == password })
		if at < 0 {
			http.Error(w, `{"errors":[{"code":"UNAUTHORIZED","message":"wrong name or password"}]}`, http.StatusUnauthorized)
			return
		}
		account = s.accounts[at]
	}
	signed, err := s.sign(account.Name, r.FormValue("service"), account.grants(r.URL.Query()["scope"]))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"token": signed, "expires_in": int(lifetime.Seconds())})
}

// grant is a claim on a repository, in the words of the specification.
type grant struct {
	Type    string   `json:"type"`
	Name    string   `json:"name"`
	Actions []string `json:"actions"`
}

// grants are what is allowed of what is asked for: a list of scopes of the form repository:NAME:ACTION,ACTION.
func (a Account) grants(scopes []string) []grant {
	grants := []grant{}
	for _, scope := range strings.Fields(strings.Join(scopes, " ")) {
		parts := strings.Split(scope, ":")
		if len(parts) != 3 || parts[0] != "repository" {
			continue
		}
		var actions []string
		for action := range strings.SplitSeq(parts[2], ",") {
			if a.may(action, parts[1]) {
				actions = append(actions, action)
			}
		}
		grants = append(grants, grant{parts[0], parts[1], actions})
	}
	return grants
}

func (a Account) may(action, repository string) bool {
	patterns := map[string][]string{"pull": a.Pull, "push": a.Push}[action]
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		matched, _ := path.Match(pattern, repository)
		return matched
	})
}

// sign makes a JSON Web Token, signed with ES256 as RFC 7518 has it.
func (s *tokenServer) sign(subject, audience string, access []grant) (string, error) {
	now := time.Now()
	header, err := json.Marshal(map[string]string{"typ": "JWT", "alg": "ES256", "kid": keyID})
	if err != nil {
		return "", err
	}
	claims, err := json.Marshal(map[string]any{
		"iss": service, "sub": subject, "aud": audience, "access": access,
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(lifetime).Unix(), "jti": rand.Text(),
	})
	if err != nil {
		return "", err
	}
	signed := encode64(header) + "." + encode64(claims)
	sum := sha256.Sum256([]byte(signed))
	r, v, err := ecdsa.Sign(rand.Reader, s.key, sum[:])
	if err != nil {
		return "", err
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	v.FillBytes(signature[32:])
	return signed + "." + encode64(signature), nil
}
