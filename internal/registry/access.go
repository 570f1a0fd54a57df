package registry

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/respin-dev/respin/internal/image"
)

// Access is on whose behalf registries are spoken to. The zero Access is nobody's: what anyone may do.
type Access struct {
	// Pull are the credentials for reading; nil for none.
	Pull Credentials
	// Push are the credentials for writing; nil for those of Pull.
	Push Credentials
	// Roots are certificates of authorities in PEM, which are trusted beside the system's.
	Roots []byte
}

// Credentials finds what is for a repository. The name is normalised and has the registry in it, as an
// image.Reference's: docker.io/library/debian. Where there are credentials for a host and for a path on it, those for
// the longest path are meant. It is asked at each request, so that it has to answer from memory.
type Credentials interface {
	For(repository string) (Credential, bool)
}

// Credential is what proves to a registry who asks. One of a username with a password, an identity token and a registry
// token is enough.
type Credential struct {
	Username, Password string
	// IdentityToken is exchanged for a token at the place that the registry names for that.
	IdentityToken string
	// RegistryToken is sent to the registry as it is.
	RegistryToken string
}

const hidden = "[credential]"

// Format hides the secrets, whatever the verb.
func (Credential) Format(to fmt.State, _ rune) { _, _ = io.WriteString(to, hidden) }

// String hides the secrets.
func (Credential) String() string { return hidden }

// GoString hides the secrets.
func (Credential) GoString() string { return hidden }

// LogValue hides the secrets.
func (Credential) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the secrets where a struct that holds a credential is written as JSON.
func (Credential) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// basic is the Authorization header for a name and a secret; empty where there is no secret. An identity token is
// taken for a password only by some of those that cannot exchange it.
func (c Credential) basic() string {
	secret := c.Password
	if secret == "" {
		secret = c.IdentityToken
	}
	if secret == "" {
		return ""
	}
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(c.Username+":"+secret))
}

// hide takes secrets, and what was sent to prove them, out of a registry's own words: it may repeat what it was told.
func (c Credential) hide(words, sent string) string {
	_, token, _ := strings.Cut(sent, " ")
	for _, secret := range []string{c.Password, c.IdentityToken, c.RegistryToken, token} {
		if secret != "" {
			words = strings.ReplaceAll(words, secret, "[hidden]")
		}
	}
	return words
}

// As is a client on somebody's behalf. It shares its parent's connections, obeys the same limits, and shares answers
// with those alone whose credentials and roots are the same. It is cheap to make.
func (c *Client) As(a Access) (*Client, error) {
	transport, roots, err := c.trusting(a.Roots)
	if err != nil {
		return nil, err
	}
	if a.Push == nil {
		a.Push = a.Pull
	}
	return &Client{core: c.core, pull: a.Pull, push: a.Push, roots: roots, transport: transport}, nil
}

// credential is what there is for a repository; the zero one where there is nothing.
func (c *Client) credential(repository string, push bool) Credential {
	from := c.pull
	if push {
		from = c.push
	}
	if from == nil {
		return Credential{}
	}
	found, ok := from.For(repository)
	if !ok {
		return Credential{}
	}
	return found
}

// key names what was learned of a repository by reading it, with whose credentials, and whom those trusted: different
// ones never share an answer. The kind keeps the keys of different things apart.
func (c *Client) key(kind string, ref image.Reference, of string) key {
	return c.keyWithin(ref.Repository, kind, ref, of)
}

// keyWithin is key for what was learned of a whole registry's content, by reading it through the repository.
func (c *Client) keyWithin(whole, kind string, ref image.Reference, of string) key {
	who := []Credential{c.credential(ref.Repository, false)}
	for _, mirror := range c.mirrorsOf(ref) {
		who = append(who, c.credential(mirror, false))
	}
	return key(kind + " " + whole + " " + of + " " + c.fingerprint(who...))
}

// fingerprint tells credentials and roots apart, and is empty for nobody's.
func (c *Client) fingerprint(who ...Credential) string {
	all, parts := "", []string{c.roots}
	for _, w := range who {
		parts = append(parts, w.Username, w.Password, w.IdentityToken, w.RegistryToken)
	}
	sum := sha256.New()
	for _, part := range parts {
		all += part
		_ = binary.Write(sum, binary.BigEndian, uint64(len(part)))
		sum.Write([]byte(part))
	}
	if all == "" {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
}
