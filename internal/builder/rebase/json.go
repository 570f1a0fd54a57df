package rebase

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/opencontainers/go-digest"
	ocispec "github.com/opencontainers/image-spec/specs-go/v1"
)

// maxEntries bounds lists and objects while they are read: a few bytes of JSON are many of memory.
const maxEntries = 4096

// list is a JSON list that is bounded while it is read. It is nil for null.
type list[T any] []T

// UnmarshalJSON is json.Unmarshaler's.
func (l *list[T]) UnmarshalJSON(raw []byte) error {
	entries := json.NewDecoder(bytes.NewReader(raw))
	start, err := entries.Token()
	if err != nil || start == nil {
		return err
	}
	if start != json.Delim('[') {
		return errors.New("a list is something else")
	}
	*l = list[T]{}
	for entries.More() {
		if len(*l) == maxEntries {
			return fmt.Errorf("a list has more than %d entries", maxEntries)
		}
		var entry T
		if err := entries.Decode(&entry); err != nil {
			return err
		}
		*l = append(*l, entry)
	}
	return nil
}

// object is a JSON object whose values are kept as they were written, so that fields nobody here knows survive.
type object map[string]json.RawMessage

// parseObject reads an object; null and nothing at all are an empty one. It refuses what two readers could take for two
// different things: a key that is there twice, and one that differs from a known one in its capitals only, since Go's
// readers take it for that one.
func parseObject(raw []byte, known ...string) (object, error) {
	if unset(raw) {
		return object{}, nil
	}
	entries := json.NewDecoder(bytes.NewReader(raw))
	if start, err := entries.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.New("an object is something else")
	}
	parsed := object{}
	for entries.More() {
		key, err := entries.Token()
		if err != nil {
			return nil, err
		}
		if err := parsed.admit(key.(string), known); err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := entries.Decode(&value); err != nil {
			return nil, err
		}
		parsed[key.(string)] = value
	}
	return parsed, end(entries)
}

// end makes sure that nothing follows an object's last entry but its end.
func end(entries *json.Decoder) error {
	if _, err := entries.Token(); err != nil {
		return err
	}
	if _, err := entries.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the end of an object")
	}
	return nil
}

func (o object) admit(key string, known []string) error {
	if _, twice := o[key]; twice {
		return fmt.Errorf("the key %.128q is there twice", key)
	}
	if len(o) == maxEntries {
		return fmt.Errorf("an object has more than %d keys", maxEntries)
	}
	like := func(name string) bool { return name != key && strings.EqualFold(name, key) }
	if at := slices.IndexFunc(known, like); at >= 0 {
		return fmt.Errorf("the key %.128q is spelled otherwise than %q", key, known[at])
	}
	return nil
}

// unset tells whether a value says nothing: it is not there, or it is null or its type's empty value.
func unset(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", `""`, "[]", "{}", "false", "0":
		return true
	}
	return false
}

// same tells whether two values say the same, however they are spelled. The order of an object's keys counts: builders
// keep it.
func same(a, b json.RawMessage) bool {
	return unset(a) && unset(b) || bytes.Equal(a, b) || sameTokens(a, b)
}

// sameTokens compares token by token, which takes no memory however large the values are.
func sameTokens(a, b json.RawMessage) bool {
	one, other := json.NewDecoder(bytes.NewReader(a)), json.NewDecoder(bytes.NewReader(b))
	one.UseNumber()
	other.UseNumber()
	for {
		x, errX := one.Token()
		y, errY := other.Token()
		switch {
		case errX != nil || errY != nil:
			return errors.Is(errX, io.EOF) && errors.Is(errY, io.EOF)
		case x != y:
			return false
		}
	}
}

// encode writes JSON with the keys of maps in order, without the escapes that only HTML needs, and without blanks.
func encode(value any) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// blob is content with the descriptor that refers to it.
type blob struct {
	descriptor ocispec.Descriptor
	content    []byte
}

// newBlob writes a manifest, an index or a statement, with the keys of all its objects in order, so that its bytes do not
// depend on the order of some library's fields.
func newBlob(mediaType string, value any) (blob, error) {
	content, err := encode(value)
	if err != nil {
		return blob{}, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var sorted any
	if err := decoder.Decode(&sorted); err != nil {
		return blob{}, err
	}
	if content, err = encode(sorted); err != nil {
		return blob{}, err
	}
	return describe(mediaType, content, maxManifest)
}

// describe gives content its descriptor. The limit is in bytes.
func describe(mediaType string, content []byte, limit int) (blob, error) {
	if len(content) > limit {
		return blob{}, fmt.Errorf("the result's %s would have %d bytes, and no more than %d are read", mediaType, len(content), limit)
	}
	return blob{content: content, descriptor: ocispec.Descriptor{
		MediaType: mediaType, Digest: digest.FromBytes(content), Size: int64(len(content)),
	}}, nil
}
