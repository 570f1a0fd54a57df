package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// The forms of -o.
const (
	asJSON = "json"
	asYAML = "yaml"
	asWide = "wide"
)

// checkForm refuses a form that a command does not have.
func checkForm(form string, known ...string) error {
	if form == "" || slices.Contains(known, form) {
		return nil
	}
	return fmt.Errorf("--output: %q is not known here; write one of %s, or leave it out", form, strings.Join(known, ", "))
}

// printAs writes a value in the form of JSON or YAML, as kubectl does.
func printAs(out io.Writer, form string, value any) error {
	data, err := json.MarshalIndent(value, "", "    ")
	if err != nil {
		return fmt.Errorf("writing %s: %w", form, err)
	}
	if form == asJSON {
		_, err = fmt.Fprintln(out, string(data))
		return err
	}
	if data, err = yaml.JSONToYAML(data); err != nil {
		return fmt.Errorf("writing %s: %w", form, err)
	}
	_, err = out.Write(data)
	return err
}
