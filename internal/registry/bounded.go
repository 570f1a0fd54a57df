package registry

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// maxEntries bounds each list and each map in an image's config, and each map of annotations.
const maxEntries = 4096

// bounded is a list that is bounded while it is read: a few bytes of JSON are many of memory.
type bounded[T any] []T

// UnmarshalJSON is json.Unmarshaler's.
func (l *bounded[T]) UnmarshalJSON(raw []byte) error {
	read, err := readList(raw, maxEntries, func(T) error { return nil })
	if read != nil {
		*l = read
	}
	return err
}

// readList reads no more than so many entries, and none after one that the check refuses. The list is nil where null
// stands.
func readList[T any](raw []byte, most int, check func(T) error) ([]T, error) {
	entries, err := begin(raw, '[')
	if entries == nil {
		return nil, err
	}
	all := []T{}
	for entries.More() {
		if len(all) == most {
			return nil, fmt.Errorf("a list has more than %d entries", most)
		}
		var entry T
		if err := entries.Decode(&entry); err != nil {
			return nil, err
		}
		if err := check(entry); err != nil {
			return nil, err
		}
		all = append(all, entry)
	}
	return all, nil
}

// dictionary is a map that is bounded while it is read.
type dictionary map[string]string

// UnmarshalJSON is json.Unmarshaler's.
func (d *dictionary) UnmarshalJSON(raw []byte) error {
	entries, err := begin(raw, '{')
	if entries == nil {
		return err
	}
	all := dictionary{}
	for entries.More() {
		if len(all) == maxEntries {
			return fmt.Errorf("a map has more than %d entries", maxEntries)
		}
		name, err := entries.Token()
		if err != nil {
			return err
		}
		var value string
		if err := entries.Decode(&value); err != nil {
			return err
		}
		all[name.(string)] = value // what stands before a colon is nothing else
	}
	*d = all
	return nil
}

// begin reads what a list or a map begins with. There is no decoder where null stands instead.
func begin(raw []byte, with json.Delim) (*json.Decoder, error) {
	entries := json.NewDecoder(bytes.NewReader(raw))
	start, err := entries.Token()
	switch {
	case err != nil || start == nil:
		return nil, err
	case start != with:
		return nil, errors.New("a list or a map is something else")
	}
	return entries, nil
}
