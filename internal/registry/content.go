package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"unicode"

	"github.com/opencontainers/go-digest"

	"github.com/respin-dev/respin/internal/image"
)

// Bounds on what is read, in bytes, well above what real images have.
const (
	maxManifest    = 4 << 20
	maxConfig      = 8 << 20
	maxAttestation = 16 << 20
)

// contentError says that what a registry holds is not what it should be.
type contentError string

func (e contentError) Error() string { return string(e) }

func badContent(format string, args ...any) error {
	return contentError(fmt.Sprintf(format, args...))
}

// manifest reads the bytes of a manifest by its digest, or by its tag where digest is empty.
func (c *Client) manifest(ctx context.Context, ref image.Reference, wanted string) ([]byte, error) {
	what := "manifests/" + wanted
	if wanted == "" {
		what = "manifests/" + ref.Tag
	}
	return c.read(ctx, ref, what, wanted, maxManifest)
}

// blob reads the bytes that a descriptor tells of. One that is too large by its own word is not asked for.
func (c *Client) blob(ctx context.Context, ref image.Reference, d descriptor, limit int64) ([]byte, error) {
	if d.Size > limit {
		return nil, failure(ref, badContent("its part %s is said to have %d bytes, and no more than %d are read",
			d.Digest, d.Size, limit))
	}
	raw, err := c.read(ctx, ref, "blobs/"+d.Digest, d.Digest, limit)
	if err != nil {
		return nil, err
	}
	return raw, checkSize(ref, d, len(raw))
}

// checkSize refuses a descriptor that tells another size than its blob has.
func checkSize(ref image.Reference, d descriptor, found int) error {
	if int64(found) == d.Size {
		return nil
	}
	return failure(ref, badContent("its part %s has %d bytes and not the %d it should", d.Digest, found, d.Size))
}

// read gets bounded bytes, and checks them against the digest unless that is empty.
func (c *Client) read(ctx context.Context, ref image.Reference, what, wanted string, limit int64) ([]byte, error) {
	if raw, ok := c.readMirrored(ctx, ref, what, wanted, limit); ok {
		return raw, nil
	}
	answer, err := c.atOrigin().request(ctx, ref, http.MethodGet, what)
	if err != nil {
		return nil, err
	}
	return checked(ref, answer, what, wanted, limit)
}

// checked reads an answer, and closes it.
func checked(ref image.Reference, answer *http.Response, what, wanted string, limit int64) ([]byte, error) {
	defer answer.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(answer.Body, limit+1))
	if err != nil {
		return nil, failure(ref, err)
	}
	if int64(len(raw)) > limit {
		return nil, failure(ref, badContent("%s is larger than %d bytes, more than any image needs", what, limit))
	}
	if found := digest.FromBytes(raw).String(); wanted != "" && found != wanted {
		return nil, failure(ref, badContent("%s is not what its digest says: its bytes have the digest %s", what, found))
	}
	return raw, nil
}

// decode reads JSON that a registry sent.
func decode(raw []byte, what string, into any) error {
	if err := json.Unmarshal(raw, into); err != nil {
		return badContent("its %s is not JSON of the right form (%s); check that it is an image in a registry",
			what, clean(err.Error()))
	}
	return nil
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return -1
}
