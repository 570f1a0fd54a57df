package registry

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/respin-dev/respin/internal/image"
)

// verified is a stream that ends well only if it is what its descriptor says. The bytes that complete it are given out
// after that is known: who passes them on never has the whole of something wrong.
type verified struct {
	io.Closer
	from io.Reader
	ref  image.Reference // what it is read through
	want descriptor
	left int64 // bytes
	hash hash.Hash
	end  error // what every further Read gives: io.EOF, or what was wrong
}

func newVerified(ref image.Reference, want descriptor, from io.Reader, closing io.Closer) *verified {
	return &verified{Closer: closing, from: from, ref: ref, want: want, left: want.Size, hash: sha256.New()}
}

// Read is io.Reader's.
func (v *verified) Read(p []byte) (int, error) {
	if v.end != nil || len(p) == 0 {
		return 0, v.end
	}
	n, err := v.next(p)
	switch {
	case err == nil && v.left == 0:
		if err = v.judge(); err == nil {
			v.end = io.EOF
			return n, nil
		}
		n = 0
	case errors.Is(err, io.EOF):
		err = badContent("its part %s ends after %d of the %d bytes it should have",
			v.want.Digest, v.want.Size-v.left, v.want.Size)
	}
	if err != nil {
		v.end = failure(v.ref, err)
	}
	return n, v.end
}

// next reads bytes that should be there. An end that comes with the last of them is looked for again by judge.
func (v *verified) next(p []byte) (int, error) {
	if v.left == 0 {
		return 0, nil
	}
	n, err := v.from.Read(p[:min(int64(len(p)), v.left)])
	v.hash.Write(p[:n])
	if v.left -= int64(n); v.left == 0 && errors.Is(err, io.EOF) {
		err = nil
	}
	return n, err
}

// judge looks for a byte too many, and at the digest.
func (v *verified) judge() error {
	switch _, err := io.ReadFull(v.from, make([]byte, 1)); {
	case err == nil:
		return badContent("its part %s has more than the %d bytes it should", v.want.Digest, v.want.Size)
	case !errors.Is(err, io.EOF):
		return err
	}
	if found := fmt.Sprintf("sha256:%x", v.hash.Sum(nil)); found != v.want.Digest {
		return badContent("its part %s is not what its digest says: its bytes have the digest %s", v.want.Digest, found)
	}
	return nil
}

// finish reads what nobody wanted to read, and gives what was wrong.
func (v *verified) finish() error {
	_, err := io.Copy(io.Discard, v)
	return err
}

// broken tells whether something was wrong so far.
func (v *verified) broken() bool { return v.end != nil && !errors.Is(v.end, io.EOF) }
