package main

import (
	"strings"
	"testing"
)

func TestTheSampleIsWhatTheDemoNeeds(t *testing.T) {
	t.Chdir("../..")
	s, err := readSample("10.0.0.1:5000")
	if err != nil {
		t.Fatal(err)
	}
	if s.base != "10.0.0.1:5000/demo/debian:12" || s.app != "10.0.0.1:5000/demo/web:1.0" {
		t.Errorf("base %q, app %q", s.base, s.app)
	}
	if !strings.HasPrefix(s.dockerfile, "FROM "+s.base+"\n") {
		t.Errorf("the Dockerfile does not begin with the base:\n%s", s.dockerfile)
	}
	if !strings.Contains(s.workloadYAML, "image: "+s.app+"\n") {
		t.Errorf("%s does not run %s", workloadFile, s.app)
	}
	if selector := s.policy.Spec.Workloads.Selector.MatchLabels["app"]; selector != workload {
		t.Errorf("the policy selects app %q", selector)
	}
}

func TestWithoutCommentKeepsOnlyTheDocument(t *testing.T) {
	if got := withoutComment("# one\n# two\nkind: X\n# three\n"); got != "kind: X\n# three\n" {
		t.Errorf("got %q", got)
	}
}
