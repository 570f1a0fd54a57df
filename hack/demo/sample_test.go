package main

import (
	"strings"
	"testing"
	"time"
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

func TestTheSampleDoesNotHaveAnyoneWait(t *testing.T) {
	t.Chdir("../..")
	s, err := readSample("10.0.0.1:5000")
	if err != nil {
		t.Fatal(err)
	}
	settle, bake := s.policy.Spec.Settle, s.policy.Spec.Rollout.BakeTime
	if settle == nil || settle.Duration != 0 {
		t.Errorf("the base settles for %v", settle)
	}
	if bake == nil || bake.Duration <= 0 || bake.Duration > 10*time.Second {
		t.Errorf("the pods bake for %v, where that is to be seen and to be short", bake)
	}
}

func TestWithoutCommentKeepsOnlyTheDocument(t *testing.T) {
	if got := withoutComment("# one\n# two\nkind: X\n# three\n"); got != "kind: X\n# three\n" {
		t.Errorf("got %q", got)
	}
}
